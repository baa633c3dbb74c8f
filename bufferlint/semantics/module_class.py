"""One module class and the questions that a rule may ask about its attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bufferlint.facts.definitions import ClassHeader, ClassName, FunctionHeader
from bufferlint.facts.expressions import Attribute, Call, Expression, names_in
from bufferlint.facts.reader import Reader
from bufferlint.facts.statements import Assign, Block, Evaluate, Statement, blocks
from bufferlint.semantics import frameworks, torch_api
from bufferlint.semantics.events import Action, Event
from bufferlint.semantics.frames import UNSET, Slot
from bufferlint.semantics.hierarchy import Lineage
from bufferlint.semantics.kinds import Kind, Trait, Value
from bufferlint.semantics.names import Names
from bufferlint.semantics.references import ClassRef, External, FunctionRef, InstanceRef
from bufferlint.semantics.timeline import Timeline
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_META_BUILDING = re.compile(r"\b(?:to_empty|init_empty_weights|torch\.device\(\s*[\"']meta[\"']\s*\))")


@dataclass(frozen=True)
class ModuleClass:
    """A class that is certainly an ``nn.Module``. ``subclasses`` are all that the project knows of."""

    ref: ClassRef
    lineage: Lineage
    timeline: Timeline
    subclasses: tuple[ModuleClass, ...]
    _reader: Reader
    _names: Names
    _find: Callable[[ClassRef], ModuleClass | None]
    """The module class of a reference; None when it is no module."""
    _built: Callable[[ClassRef], Mapping[str, Slot]]
    """What the attributes of an instance of any class hold once it is built."""
    _below: Callable[[ClassRef], tuple[ModuleClass, ...]]
    """The modules that inherit from any class."""

    @property
    def path(self) -> str:
        return self.ref.path

    @property
    def name(self) -> str:
        return self.ref.header.qualname

    @property
    def header(self) -> ClassHeader:
        return self.ref.header

    def attribute(self, name: str) -> AttributeHistory:
        return AttributeHistory(self, name)

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """Attributes that construction assigns, in the order of their first assignment."""
        events = self.timeline.construction.events
        return tuple(dict.fromkeys(event.attr for event in events if event.action is Action.ASSIGN))

    @cached_property
    def registered(self) -> tuple[str, ...]:
        """Attributes that are registered buffers when construction ends."""
        final = self.timeline.construction.final
        return tuple(name for name, slot in final.items() if slot.value.only(Kind.BUFFER))

    def without_statement(self, event: Event) -> Edit | None:
        """The edit that removes an event's statement with its line; ``pass`` takes its place where it stands alone."""
        header, text = self._method_of(event), self.text(event.path)
        body = self._reader.function(event.path, header) if header else None
        statement = event.statement
        if body is None or not isinstance(statement, Assign) or not statement.alone:
            return None
        block = _block_of(body.body, statement)
        if block is None:
            return None
        if len(block) == 1:
            return Edit(statement.span, "pass")
        start = statement.span.start - len(statement.indent)
        end = text.find("\n", statement.span.end) + 1
        return Edit(Span(start, end or len(text)), "")

    def overrides(self, method: str) -> ClassRef | None:
        """The class of the project, among the ancestors, that defines a method."""
        return next((c for c in self.lineage.classes if c.header.method(method)), None)

    def text(self, path: str) -> str:
        return self._reader.text(path)

    def where(self, event: Event) -> str:
        """Where an event happens, as seen from the file of this class."""
        location = self._reader.where(event.path, event.span.start)
        line = f"line {location.row}" if location.cell is None else f"cell {location.cell}, line {location.row}"
        return line if event.path == self.path else f"{event.path.rpartition('/')[2]}, {line}"

    def explain(self, event: Event) -> str:
        """Why the value of an event is believed to be what it is, naming the line when that is another one."""
        return self.because(event.value, event.path, event.span)

    def because(self, value: Value, path: str, span: Span) -> str:
        """Why a value is believed to be what it is, as seen from a place."""
        reason = value.reason
        if reason is None and value.only(Kind.GROUP):
            members = [m for m in (*(value.items or ()), value.element) if m is not None and m.may(Kind.TENSOR)]
            return f"container of {self.because(members[0], path, span)}" if members else "container"
        kinds = " or ".join(sorted((kind.value for kind in value.kinds), reverse=True))
        if reason is None:
            return kinds
        text = f"{kinds}: {reason.text}"
        if reason.via:
            text += f" via {reason.via}"
        if reason.path != path or not span.contains(reason.span):
            location = self._reader.where(reason.path, reason.span.start)
            cell = "" if location.cell is None else f"cell {location.cell}, "
            file = "" if reason.path == path else f"{reason.path.rpartition('/')[2]}, "
            text += f", {file}{cell}line {location.row}"
        return text

    def hides_tensors(self, value: Value) -> bool:
        """Whether it is an instance of a class of the project, no module, whose construction stores tensors."""
        of = value.reference.of if isinstance(value.reference, InstanceRef) else None
        final = self._built(of) if isinstance(of, ClassRef) else {}
        return any(slot.value.is_tensor for slot in final.values())

    @cached_property
    def class_level_tensors(self) -> tuple[tuple[ClassName, Value], ...]:
        """Names of the class body that are bound to a tensor."""
        found = ((name, self.timeline.class_level(name.name)) for name in self.header.names if name.has_value)
        return tuple((name, value) for name, value in found if value is not None and value.is_tensor)

    def code_around(self, event: Event) -> str:
        """The text of the function in which an event happens; the whole file's when it is no method."""
        text = self.text(event.path)
        header = self._method_of(event)
        return text[header.span.start : header.span.end] if header else text

    def super_call_behind(self, event: Event) -> Span | None:
        """Where ``super().__init__()`` follows an assignment, if nothing between reads the attribute or runs a method.

        That is: both are statements of ``__init__`` itself, and nn.Module's own ``__init__`` is the one that is called.
        """
        header = self._method_of(event)
        if header is None or header.name != "__init__" or event.owner is None:
            return None
        body = self._reader.function(event.path, header)
        others = [e.name for e in self.lineage.externals if frameworks.is_module_base(e.name) is not False]
        plain = all(torch_api.canonical(name) == "torch.nn.Module" for name in others)
        if body is None or not plain or isinstance(self.lineage.find("__init__", event.owner), FunctionRef):
            return None
        if event.statement not in body.body:
            return None
        text = self.text(event.path)
        receiver = body.parameters[0].name if body.parameters else "self"
        for statement in body.body[body.body.index(event.statement) + 1 :]:
            code = text[statement.span.start : statement.span.end]
            if isinstance(statement, Evaluate) and re.match(r"super\(.*\)\.__init__\(|[\w.]*Module\.__init__\(", code):
                line = text[text.rfind("\n", 0, statement.span.start) + 1 : statement.span.start]
                rest = re.split(r"[\r\n]", text[statement.span.end :], maxsplit=1)[0].strip()
                return statement.span if not line.strip() and (not rest or rest.startswith("#")) else None
            if re.search(rf"\b{receiver}\b(?!\s*\.\s*\w+\s*(?::[^=]*)?=[^=])", code) or f".{event.attr}" in code:
                return None
        return None

    def _method_of(self, event: Event) -> FunctionHeader | None:
        methods = event.owner.header.methods if event.owner is not None else ()
        return next((method for method in methods if method.qualname == event.scope), None)

    def sharing(self, ref: ClassRef) -> tuple[ModuleClass, ...]:
        """The modules that run the code of a class: itself and those that inherit from it."""
        itself = self._find(ref)
        return (*((itself,) if itself is not None else ()), *self._below(ref))

    def is_module(self, ref: ClassRef) -> bool:
        """Whether another class is certainly an ``nn.Module``."""
        return self._find(ref) is not None

    def is_reported_by(self, owner: ClassRef, event: Event) -> bool:
        """Whether the class whose code an event is sees it in its own construction."""
        other = self._find(owner)
        if other is None:
            return False
        return any(
            e.writer == event.writer and e.action is event.action and not e.value.may(Kind.UNKNOWN)
            for e in other.timeline.construction.events
        )

    def spell(self, path: str, dotted: str) -> str | None:
        """How a file writes an external name at module level: ``nn.Buffer`` where ``nn`` is ``torch.nn``."""
        return self._names.spell(path, dotted)

    def evaluates_early(self, path: str, expression: Expression) -> bool:
        """Whether an annotation may stand in the class body, which evaluates it, where ``self.x: T`` never does."""
        outline = self._names.outline(path)
        if outline and any(binding.target == "__future__.annotations" for binding in outline.bindings):
            return True
        return all(self._names.is_imported(path, name) for name in names_in(expression))

    @property
    def moves_itself(self) -> bool:
        """Whether a class of the project overrides what ``Module.to()`` calls."""
        return self.overrides("_apply") is not None

    def assigned_outside(self, pattern: re.Pattern[str], but: str) -> str | None:
        """Where the file of the class assigns to an attribute of something; ``pattern`` captures the value, which must
        not hold ``but``."""
        text = self.text(self.path)
        outline = self._names.outline(self.path)
        inside = [header.span for header in outline.classes] if outline else []
        for match in pattern.finditer(text):
            if but not in match[1] and not any(span.start <= match.start() < span.end for span in inside):
                row = self._reader.where(self.path, match.start(1)).row
                return f"line {row}"
        return None

    @cached_property
    def is_built_on_meta(self) -> str | None:
        """Why instances may be built on the meta device (H28); None when nothing says so."""
        for ancestor in self.lineage.externals:
            if ancestor.name in frameworks.META_INITIALISED:
                return f"{ancestor.name.rpartition('.')[2]}.from_pretrained"
        found = _META_BUILDING.search(self.text(self.path))
        return found.group() if found else None


@dataclass(frozen=True)
class AttributeHistory:
    """What happens to one attribute of a module class, subclasses of the project included."""

    of: ModuleClass
    name: str

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What construction does to the attribute."""
        return tuple(e for e in self.of.timeline.construction.events if e.attr == self.name)

    @cached_property
    def final(self) -> Slot:
        return self.of.timeline.construction.final.get(self.name, UNSET)

    @cached_property
    def stores(self) -> tuple[Event, ...]:
        """The assignments of a plain tensor (on some path: None, a parameter), if one is there when construction ends.

        Those that a later one replaces count too. None count when another path registers the name as a buffer: whoever
        wrote that has decided about the plain one.
        """
        plain = tuple(event for event in self.events if _is_plain(event))
        if any(event.action is Action.REGISTER_BUFFER for event in self.events):
            return ()
        return plain if any(event.writer in self.final.writers for event in plain) else ()

    @cached_property
    def unwrapped(self) -> tuple[Event, ...]:
        """The stores of what was computed from an ``nn.Buffer(...)``."""
        return tuple(event for event in self.stores if Trait.UNWRAPPED in event.value.traits)

    @property
    def is_trainable(self) -> bool:
        """Whether it was asked to require a gradient."""
        return any(Trait.LEAF in event.value.traits for event in self.stores)

    @cached_property
    def containers(self) -> tuple[Event, ...]:
        """The assignments that leave a container of tensors behind at the end of construction."""
        held = self.final.value
        if not held.only(Kind.GROUP, Kind.NONE, Kind.ABSENT) or not _holds_tensors(held):
            return ()
        return tuple(e for e in self.events if e.writer in self.final.writers and _holds_tensors(e.value))

    @cached_property
    def holders(self) -> tuple[Event, ...]:
        """The assignments that leave an object with tensors in it behind at the end of construction."""
        return tuple(
            event
            for event in self.events
            if event.action is Action.ASSIGN
            and event.writer in self.final.writers
            and event.value.only(Kind.HOLDER, Kind.OTHER, Kind.NONE)
            and not _is_composed(event.value)
            and (event.value.may(Kind.HOLDER) or (_is_made_here(event.value) and self.of.hides_tensors(event.value)))
        )

    @cached_property
    def binders(self) -> tuple[Event, ...]:
        """The assignments that may be the first to set the attribute on their path: what a registration replaces."""
        needed = {event.writer for event in self.stores}
        earlier = {writer for event in self.stores for writer in event.before.writers}
        while earlier - needed:
            needed |= earlier
            earlier = {w for event in self.events if event.writer in needed for w in event.before.writers}
        return tuple(e for e in self.events if e.writer in needed and e.before.value.may(Kind.ABSENT))

    @cached_property
    def relatives(self) -> tuple[ModuleClass, ...]:
        """The other modules that inherit code that sets it first: what is changed there changes them too."""
        owners = {event.owner for event in self.binders if event.owner is not None} | {self.of.ref}
        found = {module.ref.key: module for owner in owners for module in self.of.sharing(owner)}
        return tuple(found[key] for key in sorted(found) if key != self.of.ref.key)

    @cached_property
    def later(self) -> tuple[Event, ...]:
        """What happens to it after construction, in this class and in its relatives."""
        found = list(self.of.timeline.later(self.name))
        for relative in self.relatives:
            found += relative.timeline.later(self.name)
        return tuple(dict.fromkeys(found))

    @cached_property
    def in_relatives(self) -> tuple[Event, ...]:
        """What constructing a relative does to it otherwise than constructing this class."""
        own = {(event.writer, event.action): event.value.kinds for event in self.events}
        return tuple(
            event
            for relative in self.relatives
            for event in relative.timeline.construction.events
            if event.attr == self.name and not event.value.kinds <= own.get((event.writer, event.action), frozenset())
        )

    @cached_property
    def before_in_relatives(self) -> frozenset[Kind]:
        """What the attribute may already hold in a relative when the shared code first sets it."""
        first = {event.writer for event in self.binders}
        kinds = frozenset[Kind]()
        for relative in self.relatives:
            for event in relative.timeline.construction.events:
                if event.writer in first:
                    kinds |= event.before.value.kinds
        return kinds

    @cached_property
    def outside(self) -> str | None:
        """Where code outside the class, in its file, assigns something to it: ``model.x = 3``."""
        pattern = re.compile(rf"^[ \t]*(?!self\b)\w+\.{re.escape(self.name)}[ \t]*=(?!=)([^\n]*)", re.MULTILINE)
        return self.of.assigned_outside(pattern, f".{self.name}")

    @cached_property
    def in_dict(self) -> str | None:
        """How the class deals with it through ``__dict__``, where no buffer is (H11): by name, or with all at once."""
        code = "\n".join(self.of.text(c.path)[c.header.span.start : c.header.span.end] for c in self.of.lineage.classes)
        if not re.search(r"__dict__|\bvars\(|object\.__setattr__", code):
            return None
        named = re.search(rf"[\"']{re.escape(self.name)}[\"']|(?:update|dict)\([^)]*\b{re.escape(self.name)}=", code)
        if named:
            return "by name"
        return "with all at once" if re.search(r"(?:__dict__|\bvars\(\w+\))(?!\[[\"'])", code) else None

    @property
    def is_state(self) -> bool:
        """Whether code outside construction changes it."""
        return bool(self.changes)

    @cached_property
    def changes(self) -> tuple[Event, ...]:
        """What changes its value outside construction: assignments and changes in place, but not moves to a device."""
        return tuple(
            event
            for event in self.later
            if event.action is Action.MUTATE or (event.action is Action.ASSIGN and not is_move(event))
        )

    @cached_property
    def taken_by(self) -> str | None:
        """Who else claims the name at class level (H3), in this class or a relative; None when it is free."""
        for ancestor in dict.fromkeys(c for module in (self.of, *self.relatives) for c in module.lineage.classes):
            if ancestor.header.method(self.name):
                return f"{ancestor.header.name}.{self.name} is a method or property"
            if any(name.name == self.name and name.has_value for name in ancestor.header.names):
                return f"{ancestor.header.name} has a class attribute of that name"
        if self.name in torch_api.module_names():
            return "nn.Module has an attribute of that name"
        for external in self.of.lineage.externals:
            known = torch_api.module_attributes(external.name)
            if known is not None and self.name in known.class_level:
                return f"{external.name} has an attribute of that name"
        return None

    @cached_property
    def shares_storage_with(self) -> str | None:
        """Another attribute whose tensor may lie in the same memory (H17)."""
        for name, slot in self.of.timeline.construction.final.items():
            if name != self.name and slot.value.storage & self.final.value.storage:
                return name
        return None


def _block_of(block: Block, wanted: Statement) -> Block | None:
    """The innermost block that holds a statement."""
    if wanted in block:
        return block
    found = (_block_of(inner, wanted) for statement in block for inner in blocks(statement))
    return next((inner for inner in found if inner is not None), None)


def is_move(event: Event) -> bool:
    """Whether an assignment only moves or casts what the attribute holds: ``self.x = self.x.to(device)``."""
    statement = event.statement
    value = statement.value if isinstance(statement, Assign) else None
    while isinstance(value, Call) and isinstance(value.func, Attribute) and value.func.attr in _MOVES:
        value = value.func.value
    return isinstance(value, Attribute) and value.attr == event.attr and value is not getattr(statement, "value", None)


_COMPOSED = frozenset({
    "Beta", "HalfCauchy", "HalfNormal", "Independent", "InverseGamma", "LogNormal", "LogisticNormal",
    "MixtureSameFamily", "Multinomial", "RelaxedBernoulli", "RelaxedOneHotCategorical", "TransformedDistribution",
})  # fmt: skip
"""Read off instances made with torch 2.13."""
_MOVES = frozenset({"to", "cuda", "cpu", "float", "half", "double", "bfloat16", "type", "type_as", "contiguous"})


def _holds_tensors(value: Value) -> bool:
    """Whether it is a container with a tensor in it, however deep."""
    if not value.may(Kind.GROUP):
        return False
    members = (*(value.items or ()), *((value.element,) if value.element is not None else ()))
    return any(member.is_tensor or _holds_tensors(member) for member in members)


def _is_composed(value: Value) -> bool:
    """Whether it is a distribution that keeps its tensors in another distribution, and none itself."""
    of = value.reference.of if isinstance(value.reference, InstanceRef) else None
    return isinstance(of, External) and of.name.rpartition(".")[2] in _COMPOSED


def _is_made_here(value: Value) -> bool:
    """Whether it is more than a promise of an annotation."""
    return Trait.GIVEN not in value.traits


def _is_plain(event: Event) -> bool:
    """Whether it stores a tensor in an attribute that is no buffer."""
    return (
        event.action is Action.ASSIGN
        and event.value.only(Kind.TENSOR, Kind.NONE, Kind.PARAMETER)
        and event.value.may(Kind.TENSOR)
        and not event.before.value.may(Kind.BUFFER)
    )
