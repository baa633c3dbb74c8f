"""The fix that registers a tensor of a class as a buffer of each instance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.properties import line_break
from bufferlint.interpreter.literals import names_in
from bufferlint.interpreter.values import Trait, Value
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import ClassName, FunctionHeader
from bufferlint.ir.usage import is_name
from bufferlint.model.module_class import ModuleClass, calls_super_init
from bufferlint.settings import Persistence, Settings
from bufferlint.text.edits import Edit
from bufferlint.text.lines import line_end, next_line
from bufferlint.text.span import Span

_BY_HAND = "a class attribute may be read through the class: register a buffer in __init__ by hand"
_CAVEAT = "each instance has a tensor of its own from then on, and the class has none: code that reads it there raises"


@dataclass(frozen=True, slots=True)
class Moved:
    """Either ``fix`` or the reason for which it is ``withheld``."""

    fix: Fix | None = None
    withheld: str | None = None


def register_in_init(module: ModuleClass, name: ClassName, value: Value, settings: Settings) -> Moved:
    """Move a tensor from the class body into the constructor."""
    statement = module.class_statement(name)
    refused = next(_refusals(module, name, value, statement), None)
    if refused is not None or not isinstance(statement, st.Assign):
        return Moved(withheld=f"{_BY_HAND} ({refused})" if refused else _BY_HAND)
    persistent = settings.persistence is not Persistence.NON_PERSISTENT
    edits = _edits(module, name, statement, persistent)
    if edits is None:
        return Moved(withheld=_BY_HAND)
    message = f"Register '{name.name}' as a {'' if persistent else 'non-persistent '}buffer of each instance"
    keys = (name.name,) if persistent else ()
    return Moved(Fix(Applicability.UNSAFE, message, edits, _CAVEAT, keys))


def _refusals(
    module: ModuleClass, name: ClassName, value: Value, statement: st.Statement | None
) -> Iterator[str | None]:
    """Yields why it cannot be moved; None where there is nothing more to say than that it cannot."""
    history = module.attribute(name.name)
    if (
        not isinstance(statement, st.Assign)
        or len(statement.targets) != 1
        or not is_name(statement.targets[0], name.name)
    ):
        yield None
        return
    if value.traits & (Trait.TRAINABLE | Trait.LEAF):
        yield "it requires a gradient"
    if name.name.startswith("__") or module.makes_fields(module.ref):
        yield None
    if history.events or history.later:
        yield "instances set it, or change it"
    below = [child.ref.header for child in module.subclasses]
    above = [owner.header for owner in module.lineage.classes[1:]]
    if any(header.binds(name.name) for header in (*below, *above)):
        yield "another class of the hierarchy has it too"
    queries, read = module.queries, names_in(statement.value)
    is_used = queries.class_values(module.ref)[name.name] > (name.name in read)
    if is_used or queries.class_reads(module.ref)[name.name] > 1 or any(map(module.header.binds, read)):
        yield "the class body uses it"
    owners = {owner.key: owner for member in (module, *module.subclasses) for owner in member.lineage.classes}
    for _, header, usage in queries.methods_holding(tuple(owners.values()), name.name):
        if any(each.id == name.name for each in usage.name_reads):
            yield f"{header.name}() uses the bare name"
        reads = usage.reads.get(name.name, ())
        if name.name in usage.strings or not all(is_name(read.receiver, usage.receiver) for read in reads):
            yield f"{header.name}() reads it by another way than the instance"
        if reads and {"classmethod", "staticmethod"} & set(header.decorators):
            yield f"{header.name}() reads it off the class"
    if any(True for _ in module.outside_reads(name.name)) or history.outside:
        yield "code outside of the class uses it"
    if any(module.overrides(each) for each in ("__getattr__", "__setattr__", "__getattribute__", "register_buffer")):
        yield "the class reads, sets or registers attributes in a way of its own"


def _edits(module: ModuleClass, name: ClassName, statement: st.Assign, persistent: bool) -> tuple[Edit, ...] | None:
    anchors, text = module.class_anchors(name), module.text(module.path)
    indent = module.header.indent
    if anchors is None or not anchors.alone or indent.strip(" \t") or not indent:
        return None
    written = text[anchors.outer.start : anchors.outer.end]
    closing = ")" if persistent else ", persistent=False)"
    line = f'self.register_buffer("{name.name}", {written}{closing}'
    whole = Span(statement.span.start - len(anchors.indent), next_line(text, statement.span.end))
    init = module.header.method("__init__")
    if init is not None:
        behind = _super_call(module, init)
        if behind is None:
            return None
        at = line_end(text, behind.end)
        body_indent = _indent_of(text, behind)
        added = f"{line_break(text)}{body_indent}{line}"
        return (Edit(whole, ""), Edit(Span(at, at), added)) if body_indent is not None else None
    only = len(module.class_level_tensors) == 1
    if not only or not module.inherits_plain_init:
        return None
    step = "\t" if indent.endswith("\t") else "    "
    lines = (f"{indent}def __init__(self):", f"{indent}{step}super().__init__()", f"{indent}{step}{line}")
    return (Edit(Span(whole.start, statement.span.end), line_break(text).join(lines)),)


def _super_call(module: ModuleClass, init: FunctionHeader) -> Span | None:
    """The statement of ``__init__`` that calls ``super().__init__()``, if it has its line to itself."""
    body = module.queries.function(module.path, init)
    first = body.parameters[0].name if body is not None and body.parameters else ""
    calls = [each for each in (body.body if body is not None else ()) if calls_super_init(each)]
    if first != "self" or not calls:
        return None
    text = module.text(module.path)
    rest = text[calls[0].span.end : line_end(text, calls[0].span.end)].strip()
    return calls[0].span if not rest or rest.startswith("#") else None


def _indent_of(text: str, span: Span) -> str | None:
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    before = text[start : span.start]
    return before if not before.strip() else None
