"""Numbers and flags that calls change and that later calls rest on: state that no checkpoint holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import Action
from bufferlint.interpreter.values import Kind
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.usage import Read, Store, Usage, is_name, usage_in
from bufferlint.resolution.references import ClassRef
from bufferlint.text.span import Span

if TYPE_CHECKING:
    from bufferlint.model.attribute_history import AttributeHistory
    from bufferlint.model.module_class import ModuleClass

_ENTRIES = frozenset({"forward", "__call__"})
_SAVING = (
    "state_dict", "_save_to_state_dict", "_load_from_state_dict", "load_state_dict", "get_extra_state",
    "set_extra_state", "__getstate__", "__setstate__", "on_save_checkpoint", "on_load_checkpoint",
)  # fmt: skip
_REGISTERED = (Kind.PARAMETER, Kind.BUFFER)


@dataclass(frozen=True, slots=True)
class Change:
    """A statement of a method that calls of the module run, by which the number is another one for the next call."""

    owner: ClassRef
    header: FunctionHeader
    span: Span


class ForgottenNumbers:
    """Answers for one class."""

    def __init__(self, module: ModuleClass) -> None:
        self._module = module

    @cached_property
    def _methods(self) -> dict[str, tuple[ClassRef, FunctionHeader, Usage]]:
        found: dict[str, tuple[ClassRef, FunctionHeader, Usage]] = {}
        for owner, header, usage in self._module.timeline.usages():
            if header.name != "__init__":
                found.setdefault(header.name, (owner, header, usage))
        return found

    @cached_property
    def _called(self) -> dict[str, tuple[ClassRef, FunctionHeader, Usage]]:
        """The methods that a call of the module may run."""
        pending, found = set(_ENTRIES & self._methods.keys()), set[str]()
        while pending:
            name = pending.pop()
            found.add(name)
            usage = self._methods[name][2]
            called = {site.callee for site in usage.calls if is_name(site.receiver, usage.receiver)}
            pending |= ((called | usage.reads.keys()) & self._methods.keys()) - found
        return {name: self._methods[name] for name in found}

    def is_number(self, history: AttributeHistory) -> bool:
        """Is it a literal number or flag when construction ends, that no code saves by hand?"""
        slot, name = history.final, history.name
        stores = [event for event in history.events if event.action is Action.ASSIGN]
        literal = all(isinstance(e.statement, st.Assign) and _is_literal(e.statement.value) for e in stores)
        if not stores or not literal or not slot.value.only(Kind.NUMBER) or name == "training":
            return False
        saving = (usage for method in _SAVING for _, _, usage in self._module.timeline.usages(method))
        return not any(usage.mentions(name) for usage in saving)

    def is_set_by_others(self, history: AttributeHistory) -> bool:
        """Does code outside of the class set the attribute? Each file that names it is searched: ask last."""
        return any(use.action is Action.ASSIGN for use in history.outside)

    # -- flags -----------------------------------------------------------------------------------------------------

    def sets_again(self, name: str) -> tuple[Change, str] | None:
        """Returns where a call sets a flag under a test of it, and the parameter or buffer that it sets once for that:
        a model that was loaded sets it anew."""
        for owner, header, usage in self._called.values():
            for store in usage.stores.get(name, ()):
                if not is_name(store.receiver, usage.receiver) or not _is_flag(store.value):
                    continue
                for block in self._guarded(name):
                    written = next(self._registered_written(block), None)
                    if written is not None and self._is_of(store, block, header):
                        return Change(owner, header, store.statement.span), written
        return None

    def _guarded(self, name: str) -> Iterator[st.Block]:
        """The blocks that calls run only while a flag has its first value: ``if not self.done:``."""
        for _, header, usage in self._called.values():
            body = self._body(header.name)
            for each in st.walk(body) if body is not None else ():
                if not isinstance(each, st.If):
                    continue
                if _is_negated(each.test, name, usage.receiver):
                    yield each.body
                elif _is_plain(each.test, name, usage.receiver) and each.orelse:
                    yield each.orelse

    def _body(self, method: str) -> st.Block | None:
        owner, header, _ = self._methods[method]
        body = self._module.queries.function(owner.path, header)
        return body.body if body is not None else None

    def _is_of(self, store: Store, block: st.Block, header: FunctionHeader) -> bool:
        """Does the flag's store stand in the block, or in a method that the block runs?"""
        if any(each is store.statement for each in st.walk(block)):
            return True
        return any(site.callee == header.name for site in usage_in(block).calls)

    def _registered_written(self, block: st.Block, seen: frozenset[str] = frozenset()) -> Iterator[str]:
        """The parameters and buffers of the instance that statements write, by methods that they call too."""
        usage = usage_in(block)
        targets = [store.target for stores in usage.stores.values() for store in stores]
        roots = [_root(target) for target in targets] + [_root(target) for target, _, _ in usage.items]
        roots += [_root(site.receiver) for site in usage.calls if site.callee.endswith("_") and site.receiver]
        roots += [_root(arg.value) for site in usage.calls if _initialises(site.call) for arg in site.call.args[:1]]
        final = self._module.timeline.construction.final
        for root in roots:
            if root is not None and root in final and final[root].value.may(*_REGISTERED):
                yield root
        for site in usage.calls:
            if site.callee in self._methods and site.callee not in seen and len(seen) < 4:
                body = self._body(site.callee)
                if body is not None:
                    yield from self._registered_written(body, seen | {site.callee})

    # -- counters --------------------------------------------------------------------------------------------------

    def counts(self, name: str) -> Change | None:
        """Returns where a call augments a number that calls compare or compute with, and never start anew."""
        augmented: list[Change] = []
        for owner, header, usage in self._called.values():
            for store in usage.stores.get(name, ()):
                if not is_name(store.receiver, usage.receiver):
                    return None
                if not _augments(store, name):
                    return None
                augmented.append(Change(owner, header, store.statement.span))
        if not augmented or not self._matters(name):
            return None
        return augmented[0]

    def _matters(self, name: str) -> bool:
        """Do calls compute with it, or choose by it between tensors?"""
        reads = (read for _, _, usage in self._called.values() for read in usage.reads.get(name, ()))
        return any(_decides(read) for read in reads)


def _is_literal(value: ir.Expression) -> bool:
    if isinstance(value, ir.Unary):
        return _is_literal(value.operand)
    return isinstance(value, ir.Constant) and isinstance(value.value, bool | int | float)


def _is_flag(value: ir.Expression | None) -> bool:
    return isinstance(value, ir.Constant) and isinstance(value.value, bool | int)


def _is_plain(test: ir.Expression, name: str, receiver: str) -> bool:
    return isinstance(test, ir.Attribute) and test.attr == name and is_name(test.value, receiver)


def _is_negated(test: ir.Expression, name: str, receiver: str) -> bool:
    """``not self.done``, ``self.done == 0``, and such a test among others that all hold."""
    match test:
        case ir.Unary(op="not", operand=operand):
            return _is_plain(operand, name, receiver)
        case ir.Compare(left=left, ops=(("==" | "is"),), comparators=(ir.Constant(value=value),)):
            return _is_plain(left, name, receiver) and (value is False or value == 0)
        case ir.Boolean(left=left, op="and", right=right):
            return _is_negated(left, name, receiver) or _is_negated(right, name, receiver)
    return False


def _root(expression: ir.Expression | None) -> str | None:
    """``x`` of ``self.x.data[0]``."""
    while isinstance(expression, ir.Attribute | ir.Subscript | ir.Call):
        if isinstance(expression, ir.Attribute) and isinstance(expression.value, ir.Name):
            return expression.attr if expression.value.id == "self" else None
        expression = expression.func if isinstance(expression, ir.Call) else expression.value
    return None


def _initialises(call: ir.Call) -> bool:
    return ".init." in f".{ir.dotted(call.func) or ''}"


def _augments(store: Store, name: str) -> bool:
    """``self.n += 1``, ``self.n = self.n + 1``, ``self.n = 0.9 * self.n + 0.1 * x``."""
    return isinstance(store.statement, st.Augment) or _is_computed_from(store.value, name)


def _is_computed_from(value: ir.Expression | None, name: str) -> bool:
    return isinstance(value, ir.Binary) and any(
        (isinstance(side, ir.Attribute) and side.attr == name) or _is_computed_from(side, name)
        for side in (value.left, value.right)
    )


def _decides(read: Read) -> bool:
    """Is it compared with something that is no literal 0, or computed with beside its own augmentation?"""
    statement = read.statement
    if isinstance(statement, st.Augment):
        return False
    stored = statement.targets if isinstance(statement, st.Assign) else ()
    if any(isinstance(target, ir.Attribute) and target.attr == read.expression.attr for target in stored):
        return False
    outer = read.around[0] if read.around else None
    if isinstance(outer, ir.Binary):
        return outer.op != "%"
    return isinstance(outer, ir.Compare)
