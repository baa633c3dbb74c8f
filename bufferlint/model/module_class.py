"""One module class and the questions that a rule may ask about its attributes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bufferlint.interpreter.events import ANY, Action, Event, OutsideUse
from bufferlint.interpreter.slots import Slot
from bufferlint.interpreter.values import Kind, OneOf, Trait, Value
from bufferlint.ir.anchors import Anchors
from bufferlint.ir.budget import LOOK
from bufferlint.ir.definitions import ClassHeader, ClassName, FunctionHeader
from bufferlint.ir.expressions import Attribute, Call, Expression, dotted
from bufferlint.ir.reader import Reader
from bufferlint.ir.statements import Assign, Block, Evaluate, Function, Statement, blocks
from bufferlint.ir.usage import Read, Usage, dict_holder, is_name, usage_in
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.external_writes import ExternalUses
from bufferlint.model.handed_instances import HandedCode, code_handed_instances
from bufferlint.model.holding_classes import Place, holding_classes
from bufferlint.model.queries import Queries
from bufferlint.model.size_estimate import bytes_of
from bufferlint.model.timeline import Timeline
from bufferlint.resolution import frameworks
from bufferlint.resolution.decorators import makes_fields
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, InstanceRef, Reference
from bufferlint.text.edits import Edit
from bufferlint.text.lines import is_blank_or_comment, next_line, rest_of_line
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api

_CONTAINERS = frozenset({"torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict"})
_FRAMES = frozenset({"f_locals", "f_back", "_getframe", "currentframe"})
_MAY_HOLD_ANY = _CONTAINERS | {"torch.nn.Module"}
_STORED = frozenset({Action.ASSIGN, Action.REGISTER_BUFFER, Action.REGISTER_OTHER})


@dataclass(frozen=True)
class ModuleClass:
    """A class that is certainly an ``nn.Module``."""

    ref: ClassRef
    lineage: Lineage
    timeline: Timeline
    _find_subclasses: Callable[[], tuple[ModuleClass, ...]]
    _reader: Reader
    _names: Names
    _find: Callable[[ClassRef], ModuleClass | None]
    """The module class of a reference; None when it is no module."""
    _built: Callable[[ClassRef], Mapping[str, Slot]]
    """What the attributes of an instance of any class hold once it is built."""
    _below: Callable[[ClassRef], tuple[ModuleClass, ...]]
    """The modules that inherit from any class."""
    _surroundings: Callable[[], ExternalUses]
    queries: Queries
    hierarchy: Hierarchy
    unparsed: Callable[[str], tuple[str, ...]]
    """The files of the project that mention a word and cannot be parsed."""
    _overridden: dict[str, ClassRef | None] = field(default_factory=dict)
    _histories: dict[str, AttributeHistory] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return self.ref.path

    @cached_property
    def subclasses(self) -> tuple[ModuleClass, ...]:
        """All that the project knows of: they are looked for where they are asked for."""
        return self._find_subclasses()

    @property
    def name(self) -> str:
        return self.ref.header.qualname

    @property
    def header(self) -> ClassHeader:
        return self.ref.header

    def makes_fields(self, owner: ClassRef) -> bool:
        """Returns whether a decorator turns annotations in the body of ``owner`` into constructor arguments."""
        return makes_fields(self._names, owner) is not None

    def attribute(self, name: str) -> AttributeHistory:
        self.queries.reader.budget.spend(LOOK)
        if name not in self._histories:
            self._histories[name] = AttributeHistory(self, name)
        return self._histories[name]

    @cached_property
    def stored(self) -> tuple[str, ...]:
        """Attributes that construction assigns, in the order of their first assignment."""
        events = self.timeline.construction.events
        return tuple(dict.fromkeys(event.attr for event in events if event.action is Action.ASSIGN))

    @cached_property
    def stored_here(self) -> tuple[str, ...]:
        """Those of `stored` of which the class reports an event: inherited ones are reported above."""
        return tuple(name for name in self.stored if any(map(self.reports, self.attribute(name).events)))

    def reports(self, event: Event) -> bool:
        """Returns whether this class is the one to report an event: the one whose code it is, or that alone reaches
        it."""
        return event.owner == self.ref or event.owner is None or not self.is_reported_by(event.owner, event)

    @cached_property
    def registered(self) -> tuple[str, ...]:
        """Attributes that are registered buffers when construction ends."""
        final = self.timeline.construction.final
        return tuple(name for name, slot in final.items() if slot.value.kinds == {Kind.BUFFER})

    @property
    def uncertain(self) -> tuple[Event, ...]:
        """Assignments to attributes of which the kind cannot be told; other files, once read, may tell."""
        construction = self.timeline.construction.events
        later = [event for name in self.stored for event in self.timeline.later(name)]
        return tuple(e for e in (*construction, *later) if e.action is Action.ASSIGN and e.value.may(Kind.UNKNOWN))

    def anchors(self, event: Event) -> Anchors | None:
        """Returns where an event's statement may be edited; None when LibCST does not read it there."""
        return self._reader.anchors(event.path, event.statement.span)

    def without_statement(self, event: Event) -> Edit | None:
        """The edit that removes an event's statement with its line; ``pass`` takes its place where it stands alone."""
        header, text = self._method_of(event), self.text(event.path)
        body = self._reader.function(event.path, header) if header else None
        statement = event.statement
        anchors = self.anchors(event)
        if body is None or not isinstance(statement, Assign) or anchors is None or not anchors.alone:
            return None
        block = _block_of(body.body, statement)
        if block is None:
            return None
        if len(block) == 1:
            return Edit(statement.span, "pass")
        start = statement.span.start - len(anchors.indent)
        return Edit(Span(start, next_line(text, statement.span.end)), "")

    def base_that_sets(self, name: str) -> str | None:
        """The base of torch whose constructor sets an attribute of a name."""
        for external in self.lineage.externals:
            known = torch_api.module_attributes(external.name)
            if known is not None and known.instance is not None and name in known.instance:
                return external.name
        return None

    @staticmethod
    def is_tensor_method(name: str) -> bool:
        return torch_api.is_tensor_method(name)

    def overrides(self, method: str) -> ClassRef | None:
        """The class of the project, among the ancestors, that defines a method."""
        if method not in self._overridden:
            self._overridden[method] = next((c for c in self.lineage.classes if c.header.method(method)), None)
        return self._overridden[method]

    def text(self, path: str) -> str:
        return self._reader.text(path)

    def code(self, path: str, span: Span) -> str:
        return self._reader.code(path, span)

    def where(self, event: Event) -> str:
        """Returns where an event happens, as seen from the file of this class."""
        return self.place(event.path, event.span)

    def place(self, path: str, span: Span) -> str:
        """A place of the project, as seen from the file of this class."""
        location = self._reader.where(path, span.start)
        line = f"line {location.row}" if location.cell is None else f"cell {location.cell}, line {location.row}"
        return line if path == self.path else f"{path.rpartition('/')[2]}, {line}"

    def quoted(self, event: Event) -> str:
        """Returns what is called at an event, as it is written."""
        statement = event.statement
        call = statement.value if isinstance(statement, Evaluate) else None
        return (dotted(call.func) or "the call") if isinstance(call, Call) else "an operator"

    def explain(self, event: Event) -> str:
        """Returns why the value of an event is believed to be what it is, naming the line when that is another one."""
        return self.because(event.value, event.path, event.span)

    def because(self, value: Value, path: str, span: Span) -> str:
        """Returns why a value is believed to be what it is, as seen from a place."""
        reason = value.reason
        if reason is None and value.only(Kind.CONTAINER):
            every = (*(member for _, member in value.fields or ()), *(value.items or ()), value.element)
            members = [m for m in every if m is not None and m.may(Kind.TENSOR, Kind.HOLDER)]
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
        """Returns whether it is an instance of a class of the project, no module, whose construction stores tensors."""
        made = value.reference
        if not isinstance(made, InstanceRef) or not isinstance(made.of, ClassRef):
            return False
        held = [slot.value for slot in self._built(made.of).values() if slot.value.is_tensor]
        return any(made.given_tensors or Trait.FROM_CALLER not in each.traits for each in held)

    @cached_property
    def class_level_tensors(self) -> tuple[tuple[ClassName, Value], ...]:
        """Names of the class body that are bound to a tensor."""
        found = ((name, self.timeline.class_level(name.name)) for name in self.header.names if name.has_value)
        return tuple((name, value) for name, value in found if value is not None and value.is_tensor)

    def class_statement(self, name: ClassName) -> Statement | None:
        """The statement of the class body that binds a name."""
        return self._reader.statement(self.path, name)

    def class_anchors(self, name: ClassName) -> Anchors | None:
        """Returns where that statement may be edited; None when LibCST does not read it there."""
        return self._reader.anchors(self.path, name.span)

    @property
    def inherits_plain_init(self) -> bool:
        """Tells whether the constructor is that of nn.Module itself."""
        outside = {torch_api.canonical(external.name) for external in self.lineage.externals}
        found = self.lineage.find("__init__")
        return not isinstance(found, FunctionRef) and outside <= {"torch.nn.Module"}

    @property
    def inherits_plain_base(self) -> bool:
        """Tells whether nn.Module is the only base outside the project."""
        return {torch_api.canonical(external.name) for external in self.lineage.externals} <= {"torch.nn.Module"}

    def usage_at(self, path: str, scope: str) -> Usage | None:
        """Returns what the function of a qualified name does; without one, the body of the file's module."""
        if not scope:
            return self.queries.module_usage(path)
        found = self.queries.around(path, scope, None)
        return found[1] if found is not None else None

    def usage_around(self, event: Event) -> Usage | None:
        """Returns what the function in which an event happens does; None when that cannot be told."""
        found = self.queries.around(event.path, event.scope, event.owner.header if event.owner is not None else None)
        return found[1] if found is not None else None

    def reads_frames(self, usage: Usage, path: str) -> bool:
        """Does code of a file, or a function of the project that it calls, look at the locals of frames?"""
        if _FRAMES & usage.reads.keys() or any(True for _ in usage.called("currentframe", "_getframe", "stack")):
            return True
        called = (self.named(path, dotted(site.call.func) or "?") for site in usage.calls)
        found = (self.queries.usage(each.path, each.header) for each in called if isinstance(each, FunctionRef))
        return any(inner is not None and _FRAMES & inner.reads.keys() for inner in found)

    def super_call_behind(self, event: Event) -> Span | None:
        """Returns where ``super().__init__()`` follows an assignment, if nothing between reads the attribute or runs a
        method.

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
        receiver = body.parameters[0].name if body.parameters else "self"
        for statement in body.body[body.body.index(event.statement) + 1 :]:
            if calls_super_init(statement):
                return statement.span if self._has_own_line(event.path, statement.span, header) else None
            usage = usage_in((statement,))
            if usage.mentions(event.attr) or not _only_stores_on(usage, receiver):
                return None
        return None

    def _has_own_line(self, path: str, span: Span, header: FunctionHeader) -> bool:
        text = self.text(path)
        lonely = text[header.span.start : span.start].rstrip(" \t\f").endswith(("\r", "\n"))
        return lonely and is_blank_or_comment(rest_of_line(text, span.end))

    def _method_of(self, event: Event) -> FunctionHeader | None:
        return event.owner.header.qualified(event.scope) if event.owner is not None else None

    def method_around(self, event: Event) -> tuple[Function, Usage] | None:
        """The method in which an event happens, and what it does; None when that cannot be told."""
        header = self._method_of(event)
        body = self._reader.function(event.path, header) if header is not None else None
        usage = self.queries.usage(event.path, header) if header is not None else None
        return (body, usage) if body is not None and usage is not None else None

    def is_in_property(self, event: Event) -> bool:
        """Returns whether the getter or setter of a property does it."""
        method = self._method_of(event)
        return method is not None and method.is_property

    def sharing(self, ref: ClassRef) -> tuple[ModuleClass, ...]:
        """The modules that run the code of a class: itself and those that inherit from it."""
        itself = self._find(ref)
        return (*((itself,) if itself is not None else ()), *self._below(ref))

    def find(self, ref: ClassRef) -> ModuleClass | None:
        """The module class of a reference; None when it is no module."""
        return self._find(ref)

    def built(self, ref: ClassRef) -> Mapping[str, Slot]:
        """Returns what the attributes of an instance of any class hold once it is built."""
        return self._built(ref)

    def is_module(self, ref: ClassRef) -> bool:
        """Returns whether another class is certainly an ``nn.Module``."""
        return self._find(ref) is not None

    def is_reported_by(self, owner: ClassRef, event: Event) -> bool:
        """Returns whether the class whose code an event is sees it in its own construction."""
        other = self._find(owner)
        return other is not None and (event.writer, event.action) in other.timeline.construction.known

    def named(self, path: str, dotted: str, scope: str = "") -> Reference | None:
        """Returns what a dotted name means in a file of the project, to the function of a qualified name."""
        return self._names.dotted(path, dotted, scope)

    def import_spelling(self, path: str, dotted: str) -> str | None:
        """Returns how a file writes an external name at module level: ``nn.Buffer`` where ``nn`` is ``torch.nn``."""
        return self._names.import_spelling(path, dotted)

    def takes_annotation(self, event: Event, annotation: str, *, early: bool) -> bool:
        """Returns whether the class body, which may evaluate it ``early``, can say ``x: annotation`` of an attribute.

        `torch.jit.script` reads the class body. What is no Tensor there, a string for one, it refuses, and a value of
        another type too (torch 2.13).
        """
        if event.owner is None or self._defers_annotations(event.path):
            return False
        found = self._names.dotted(event.path, annotation)
        if not isinstance(found, External) or found.name != "torch.Tensor":
            return False
        first = annotation.partition(".")[0]
        if early and not self._names.is_imported(event.path, first, event.owner.header.span.start):
            return False
        stored = (e.value for e in self.attribute(event.attr).events if e.action in _STORED)
        return all(value.only(Kind.TENSOR, Kind.BUFFER, Kind.PARAMETER) for value in stored)

    def _defers_annotations(self, path: str) -> bool:
        self._reader.looked_up(path, "annotations")
        outline = self._names.outline(path)
        return bool(outline and any(binding.target == "__future__.annotations" for binding in outline.bindings))

    def tensor_type(self, event: Event) -> str | None:
        """Returns how the file spells ``torch.Tensor``, for an attribute in typed code: the method that sets it says
        what it returns. None elsewhere, for what may be something else, and for what is annotated on its own."""
        header = self._method_of(event)
        body = self._reader.function(event.path, header) if header is not None else None
        if body is None or body.returns is None or event.owner is None:
            return None
        stored = [e.value for e in self.attribute(event.attr).events if e.action in _STORED]
        if any(event.attr in usage.annotated for _, usage in self.queries.methods(event.owner)):
            return None
        if not all(value.only(Kind.TENSOR, Kind.BUFFER) for value in stored):
            return None
        return self.import_spelling(event.path, "torch.Tensor")

    def bytes_stored(self, event: Event) -> int | None:
        """Memory of the tensor that an assignment stores, where its code says so in numbers."""

        def resolve(expression: Expression) -> str | None:
            found = self._names.dotted(event.path, dotted(expression) or "?", event.scope)
            return found.name if isinstance(found, External) else None

        return bytes_of(event.statement.value, resolve) if isinstance(event.statement, Assign) else None

    @cached_property
    def moves_itself(self) -> bool:
        """Does a class of the project override what ``Module.to()`` calls, and call or hand on what that is given?"""
        if self.overrides("_apply") is None:
            return False
        return any(_uses_given_function(usage) for _, _, usage in self.timeline.usages("_apply"))

    @cached_property
    def moves_everything(self) -> bool:
        """Does its ``_apply`` go over all that the instance holds?"""
        return any(
            holder is not None and is_name(holder, usage.receiver)
            for _, _, usage in self.timeline.usages("_apply")
            for holder in _dict_holders(usage)
        )

    def moved_by(self, attr: str) -> str | None:
        """The method of its own that moves a plain tensor, though a parent's ``to()`` does not call it: ``to``."""
        for _, header, usage in self.timeline.usages("to", "cuda", "cpu", "half", "float", "double", "bfloat16"):
            stores = usage.stores.get(attr, ())
            if any(is_name(store.receiver, usage.receiver) for store in stores) or any(
                holder is not None and is_name(holder, usage.receiver) for holder in _dict_holders(usage)
            ):
                return header.name
        return None

    @cached_property
    def family(self) -> frozenset[tuple[str, int]]:
        """The classes whose ``self`` may be an instance of this one or of one that inherits from it."""
        return frozenset(c.key for module in (self, *self.subclasses) for c in module.lineage.classes)

    @cached_property
    def kin(self) -> frozenset[tuple[str, int]]:
        """This class and those that inherit from it."""
        return frozenset(module.ref.key for module in (self, *self.subclasses))

    def outside_uses(self, attr: str) -> tuple[OutsideUse, ...]:
        """Returns what code outside of the class does to objects that may be instances of it, and to the class."""
        surroundings = self._surroundings()
        names = sorted({module.ref.header.name for module in (self, *self.subclasses)})
        found = dict.fromkeys(surroundings.of_attribute(attr))
        found.update(dict.fromkeys(use for name in names for use in surroundings.naming(name)))
        self.queries.reader.budget.spend(len(found) + len(names) // 8)
        for owner in self.lineage.classes:
            found.update(dict.fromkeys(surroundings.of_builders(owner)))
        return tuple(use for use in found if use.attr in (attr, ANY) and self.may_be_instance(use))

    def uses_by_functions(self) -> tuple[OutsideUse, ...]:
        """Returns what the functions of its file that name it, outside of all classes, do to objects."""
        places, _ = self.queries.holders(self.path, self.ref.header.name)
        found: dict[OutsideUse, None] = {}
        for place in places:
            if place.owner is None and self._stores_on_another(place):
                found.update(dict.fromkeys(self._surroundings().of_function(place)))
        return tuple(found)

    def _stores_on_another(self, place: FunctionRef) -> bool:
        """Does a function set an attribute of an object, by its name or by a string?"""
        usage = self.queries.usage(place.path, place.header)
        return usage is not None and (bool(usage.stores) or any(True for _ in usage.called("setattr")))

    def outside_reads(self, attr: str) -> Iterator[tuple[str, Usage, Read]]:
        """The places outside of classes, in the files that name the class, that read an attribute of that name."""
        for path in self._surroundings().files_naming(self.ref.header.name):
            if self.queries.mentions(path, attr):
                for usage in self.queries.function_usages(path, attr):
                    yield from ((path, usage, read) for read in usage.reads.get(attr, ()))

    def places_naming(self, name: str) -> Iterator[Place]:
        """The functions of the project that hold a name, and the bodies of files that do, with what they do."""
        for path in self._surroundings().files_naming(name):
            places, is_outside = self.queries.holders(path, name)
            self._reader.budget.spend(len(places) // 8)
            if is_outside:
                yield None, path, self.queries.module_usage(path)
            for place in places:
                usage = self.queries.usage(path, place.header)
                if usage is not None:
                    yield place, path, usage

    @cached_property
    def held_by(self) -> tuple[ModuleClass, ...]:
        """The other modules of the project that have an instance of it as a child, however deep."""
        return holding_classes(self)

    @cached_property
    def handed_to(self) -> tuple[HandedCode, ...]:
        """The code outside of the class that is handed instances of it, or of what holds it."""
        return code_handed_instances(self)

    def treats_itself(self, *words: str) -> bool:
        """Does code of its classes call one of some methods on the instance as a whole?"""
        called = [f"{receiver}.{word}(" for word in words for receiver in ("self", "super()")]
        return any(
            call in self.code(owner.path, method.span)
            for owner in self.lineage.classes
            for method in owner.header.methods
            for call in called
        )

    def usages_beside(self, word: str) -> Iterator[tuple[str, Usage]]:
        """Returns what code that holds a word does in the files that name the class, methods included."""
        for path in self._surroundings().files_naming(self.ref.header.name):
            if self.queries.mentions(path, word):
                yield from ((path, usage) for usage in self.queries.file_usages(path, word))

    def may_be_instance(self, use: OutsideUse) -> bool:
        """Is what an outside use concerns an instance of this class, or the class, as far as is known?"""
        held = use.receiver
        match held.reference:
            case InstanceRef(of=ClassRef() as of):
                if use.is_own or Trait.FROM_CALLER in held.traits:
                    return of.key in self.family and not use.is_own
                return of.key in self.kin
            case InstanceRef(of=External(name=name)):
                return torch_api.canonical(name) in _MAY_HOLD_ANY
            case ClassRef() as of:
                return of.key in self.family
            case External(name=name):
                of_torch = torch_api.canonical(name) in {torch_api.canonical(e.name) for e in self.lineage.externals}
                return of_torch or (name.startswith("builtins.") and held.may(Kind.UNKNOWN))
            case None | OneOf():
                return held.may(Kind.UNKNOWN, Kind.MODULE)
        return False

    def is_instance(self, use: OutsideUse) -> bool:
        """Is it certain enough: an object that the code makes of this class, or is annotated as one?"""
        reference = use.receiver.reference
        return isinstance(reference, InstanceRef) and isinstance(reference.of, ClassRef)

    def is_container(self, use: OutsideUse) -> bool:
        """Is it a container of modules that code makes which names the class?"""
        made = use.receiver.reference.of if isinstance(use.receiver.reference, InstanceRef) else None
        return isinstance(made, External) and torch_api.canonical(made.name) in _CONTAINERS

    @cached_property
    def is_emptied(self) -> str | None:
        """Tells how the project may give its buffers memory without values; None when nothing says so."""
        if any(ancestor.name in frameworks.EMPTIED for ancestor in self.lineage.externals):
            return "from_pretrained() of transformers"
        return self._surroundings().empties()

    def is_filled_again(self, attr: str) -> bool:
        """Does code that gives parameters their first values name an attribute?"""
        return self._surroundings().is_filled_again(attr)

    @cached_property
    def is_built_on_meta(self) -> str | None:
        """Tells why instances may be built on the meta device (H28); None when nothing says so."""
        for ancestor in self.lineage.externals:
            if ancestor.name in frameworks.META_INITIALISED:
                return f"{ancestor.name.rpartition('.')[2]}.from_pretrained"
        return self._surroundings().builds_on_meta(self.path)


def _block_of(block: Block, wanted: Statement) -> Block | None:
    """The innermost block that holds a statement."""
    if wanted in block:
        return block
    found = (_block_of(inner, wanted) for statement in block for inner in blocks(statement))
    return next((inner for inner in found if inner is not None), None)


def calls_super_init(statement: Statement) -> bool:
    """Returns whether it is ``super().__init__(...)`` or ``nn.Module.__init__(...)``."""
    call = statement.value if isinstance(statement, Evaluate) else None
    if not isinstance(call, Call) or not isinstance(call.func, Attribute) or call.func.attr != "__init__":
        return False
    base = call.func.value
    of_super = isinstance(base, Call) and is_name(base.func, "super")
    return of_super or (dotted(base) or "").rpartition(".")[2] == "Module"


def _only_stores_on(usage: Usage, receiver: str) -> bool:
    """Does the code use the instance for nothing but storing attributes on it?"""
    stored = {store.receiver.span for stores in usage.stores.values() for store in stores}
    used = {name.span for name in usage.name_reads if name.id == receiver}
    return used <= stored and receiver not in usage.captured


def _uses_given_function(usage: Usage) -> bool:
    """Does a method call a parameter of its own, or hand it on: ``self.x = fn(self.x)``, ``super()._apply(fn)``?"""
    given = usage.parameters - {usage.receiver}
    handed = (arg.value for site in usage.calls for arg in site.call.args)
    return any(is_name(each, *given) for each in (*(site.call.func for site in usage.calls), *handed))


def _dict_holders(usage: Usage) -> Iterator[Expression | None]:
    yield from (dict_holder(read.expression) for read in usage.reads.get("__dict__", ()))
    yield from (dict_holder(site.call) for site in usage.called("vars"))
