"""The fix that makes a number or a flag a buffer without dimensions, and has what sets it fill the buffer."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.finding import Applicability, Fix
from bufferlint.fixes.made import Made
from bufferlint.interpreter.events import Action
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import Read, is_name
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.settings import Settings
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_BY_HAND = "register it as a buffer without dimensions by hand"
_CAVEAT = "a test of the buffer waits for the device, and compilers see a tensor"


def register_number(history: AttributeHistory, settings: Settings) -> Made:
    """Register a number at its first assignment; all stores of it are rewritten."""
    refused = next(_refusals(history), None)
    if refused is not None:
        return Made(withheld=f"{_BY_HAND}: {refused}")
    module, name = history.of, history.name
    edits: list[Edit] = []
    (event,) = [each for each in history.events if each.action is Action.ASSIGN]
    spelled, at = module.import_spelling(event.path, "torch.tensor"), module.anchors(event)
    statement = event.statement
    if spelled is None or at is None or not isinstance(statement, st.Assign):
        return Made(withheld=f"{_BY_HAND}: the file has no name for torch.tensor")
    text = module.text(event.path)
    receiver = text[statement.targets[0].span.start : statement.targets[0].span.end].rpartition(".")[0]
    value = text[statement.value.span.start : statement.value.span.end]
    whole = Span(statement.span.start, at.outer.end)
    edits.append(Edit(whole, f'{receiver}.register_buffer("{name}", {spelled}({value}))'))
    for owner, _, usage in history.usages():
        for store in usage.stores.get(name, ()):
            if (store.statement.span == statement.span and owner.path == event.path) or store.value is None:
                continue
            if isinstance(store.statement, st.Augment):
                continue  # a tensor is augmented in place
            source = module.text(owner.path)
            target, filled = store.target.span, store.value.span
            edits.append(Edit(Span(target.end, filled.start), ".fill_("))
            edits.append(Edit(Span(filled.end, filled.end), ")"))
            if source[filled.end : filled.end + 1] == ")":
                return Made(withheld=f"{_BY_HAND}: a statement that sets it has brackets of its own")
    message = f"Register '{name}' as a buffer without dimensions"
    return Made(Fix(Applicability.UNSAFE, message, tuple(sorted(set(edits))), _CAVEAT, (name,)))


def _refusals(history: AttributeHistory) -> Iterator[str]:
    module, name = history.of, history.name
    events = [each for each in history.events if each.action is Action.ASSIGN]
    if len(events) != 1 or any(event.owner != module.ref or event.path != module.path for event in events):
        yield "it is set in several places, or by another class"
    if any(False in event.super_init_ran for event in events):
        yield "it is assigned before super().__init__() has run, where registering raises"
    if history.taken_by or name.startswith("__"):
        yield "the class has a name of its own for it"
    if any(module.overrides(each) for each in ("__setattr__", "__getattr__", "__getattribute__", "register_buffer")):
        yield "the class reads, sets or registers attributes in a way of its own"
    if any(True for _ in module.outside_reads(name)) or history.outside or (module.subclasses and _is_below(history)):
        yield "other code uses it"
    for owner, _, usage in history.usages():
        if name in usage.strings or name in usage.deletes:
            yield "code reaches it by a string, or deletes it"
        for store in usage.stores.get(name, ()):
            augmented = isinstance(store.statement, st.Augment) and _is_whole(store.statement)
            plain = isinstance(store.statement, st.Assign) and len(store.statement.targets) == 1
            if owner.path != module.path or not (augmented or (plain and store.value is not None)):
                yield "a statement sets it along with others"
        for read in usage.reads.get(name, ()):
            if not _is_test(read) or not is_name(read.receiver, usage.receiver):
                yield f"{module.place(owner.path, read.statement.span)} does more with it than test it"


def _is_below(history: AttributeHistory) -> bool:
    """Does a subclass store it, or read it?"""
    return any(
        name == history.name
        for below in history.of.subclasses
        for name in (*below.stored, *below.registered)
        if below.timeline.construction.of(name) != history.events
    )


def _is_whole(statement: st.Augment) -> bool:
    """``+= 1``: a tensor of integers takes it."""
    value = statement.value
    return statement.op in ("+", "-") and isinstance(value, ir.Constant) and type(value.value) is int


def _is_test(read: Read) -> bool:
    """Is it what a condition asks, a comparison with a number, or the number that is set anew?"""
    statement = read.statement
    if isinstance(statement, st.Augment):
        return True
    if not isinstance(statement, st.If | st.While):
        return False
    return all(isinstance(outer, ir.Unary | ir.Boolean | ir.Compare) for outer in read.around)
