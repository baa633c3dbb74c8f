"""The fix that registers the parameters of a distribution, and builds the distribution in a property."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.properties import line_break, property_behind
from bufferlint.fixes.property_obligations import assigned, is_store, refusals
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Kind, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.held_distributions import arguments_of
from bufferlint.resolution.references import External
from bufferlint.settings import Persistence, Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_BY_HAND = "register its tensors as buffers and build it in a property"
_NOT_ALONE = "its statement cannot be rewritten without its comments"
_CAVEAT = "the property makes a new distribution each time: code that changes it changes a copy"


@dataclass(frozen=True, slots=True)
class Parts:
    """Either ``fix`` or the reason for which it is ``withheld``."""

    fix: Fix | None = None
    withheld: str | None = None


@dataclass(frozen=True, slots=True)
class _Argument:
    """What the property passes; ``registered`` is the buffer that it comes from and the code of its value."""

    text: str
    registered: tuple[str, str] | None = None


def build_in_property(history: AttributeHistory, settings: Settings) -> Parts:
    """Register the tensors of a distribution that an attribute holds."""
    events = assigned(history)
    if len(events) != 1 or not is_store(events[0]):
        return Parts(withheld=_BY_HAND)
    refused = next(refusals(history), None)
    if refused is not None:
        return Parts(withheld=f"{_BY_HAND}: {refused}")
    persistent = settings.persistence is not Persistence.NON_PERSISTENT
    made = list(_arguments(history, events[0]))
    known = [argument for argument in made if argument is not None]
    if len(known) < len(made) or not any(argument.registered for argument in known):
        return Parts(withheld=_BY_HAND)
    edits = _edits(history, events[0], known, persistent)
    if edits is None:
        return Parts(withheld=f"{_BY_HAND}: {_NOT_ALONE}")
    keys = tuple(argument.registered[0] for argument in known if argument.registered)
    message = f"Register the tensors of '{history.name}' and build it in a property"
    return Parts(Fix(Applicability.UNSAFE, message, edits, _CAVEAT, keys if persistent else ()))


def _arguments(history: AttributeHistory, event: Event) -> Iterator[_Argument | None]:
    """The arguments as the property passes them; None for one that it cannot."""
    call = event.statement.value if isinstance(event.statement, st.Assign) else None
    held = arguments_of(event.value)
    if not isinstance(call, ir.Call) or held is None or not _is_known_everywhere(history, event, call.func):
        yield None
        return
    text = history.of.text(event.path)
    plain = not any(value.only(Kind.TENSOR) for value, _ in held)
    for arg, (value, parameter) in zip(call.args, held, strict=True):
        source = text[arg.value.span.start : arg.value.span.end]
        prefix = f"{arg.keyword}=" if arg.keyword else ""
        name = f"{history.name}_{parameter}"
        if value.only(Kind.TENSOR) and parameter:
            fits = not value.traits & (Trait.TRAINABLE | Trait.LEAF)
            yield _Argument(f"{prefix}self.{name}", (name, source)) if fits else None
        elif isinstance(arg.value, ir.Constant) and plain and parameter and value.only(Kind.NUMBER):
            spelled = history.of.import_spelling(event.path, "torch.tensor")
            made = f"{spelled}({_as_float(source)})"
            yield _Argument(f"{prefix}self.{name}", (name, made)) if spelled else None
        elif isinstance(arg.value, ir.Constant) or _is_registered(value, arg.value):
            yield _Argument(prefix + source)
        else:
            yield None


def _is_registered(value: Value, expression: ir.Expression) -> bool:
    """Is it a parameter or a buffer of the module, by its name?"""
    named = isinstance(expression, ir.Attribute) and isinstance(expression.value, ir.Name)
    return named and value.only(Kind.PARAMETER, Kind.BUFFER)


def _as_float(source: str) -> str:
    return f"{source}.0" if source.lstrip("-").isdigit() else source


def _is_known_everywhere(history: AttributeHistory, event: Event, func: ir.Expression) -> bool:
    """Does the module level of the file know the distribution by the name that construction uses?"""
    name = ir.dotted(func)
    return name is not None and isinstance(history.of.named(event.path, name), External)


def _edits(
    history: AttributeHistory, event: Event, arguments: list[_Argument], persistent: bool
) -> tuple[Edit, ...] | None:
    module, statement = history.of, event.statement
    at, text = module.anchors(event), module.text(event.path)
    if at is None or not at.alone or not isinstance(statement, st.Assign) or not isinstance(statement.value, ir.Call):
        return None
    target = statement.targets[0]
    assert isinstance(target, ir.Attribute)
    receiver = text[target.value.span.start : target.value.span.end]
    if receiver != "self" or "#" in text[statement.value.span.start : statement.value.span.end]:
        return None
    closing = ")" if persistent else ", persistent=False)"
    made = [each.registered for each in arguments if each.registered]
    lines = [f'self.register_buffer("{name}", {source}{closing}' for name, source in made]
    func = statement.value.func.span
    body = f"{text[func.start : func.end]}({', '.join(argument.text for argument in arguments)})"
    added = property_behind(module, event, history.name, body)
    if added is None:
        return None
    whole = Span(statement.span.start, at.outer.end)
    return (Edit(whole, f"{line_break(text)}{at.indent}".join(lines)), added)
