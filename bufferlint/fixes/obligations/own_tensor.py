"""It is one tensor of its own: memory, identity and gradient are nobody else's, and it can be a buffer at all."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.interpreter.events import Event
from bufferlint.interpreter.values import Trait
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import Read, Usage, is_name, usage_in

_RANKS = frozenset({"get_rank", "local_rank", "global_rank", "node_rank"})
_RANK_VARIABLES = frozenset({"RANK", "LOCAL_RANK", "GLOBAL_RANK"})
_GROWS = frozenset({"append", "appendleft", "add", "insert", "extend", "register", "put"})
_WRAPS = frozenset({"from_numpy", "frombuffer", "from_dlpack"})
_VIEWS = frozenset({"view", "reshape", "squeeze", "unsqueeze", "t", "permute", "transpose", "float", "flatten"})
_OF_A_TENSOR = frozenset({"data", "grad"})
_SIZED = frozenset({
    "range", "zeros", "ones", "empty", "full", "eye", "arange", "rand", "randn", "view", "reshape", "repeat", "expand",
    "new_zeros", "new_ones", "new_full", "new_empty", "split", "chunk", "unfold", "narrow", "repeat_interleave", "topk",
})  # fmt: skip


def _reasons(case: Case) -> Iterator[Reason]:
    yield from _kind(case)
    yield from _memory(case)
    yield from _closures(case)
    yield from _identity(case)


def _kind(case: Case) -> Iterator[Reason]:
    traits = case.traits
    if Trait.TRAINABLE in traits:
        yield Reason(
            "it requires a gradient or is computed from something that does: make it an nn.Parameter, or detach() it "
            "before registering",
            raises=True,
        )
    if Trait.EXPANDED in traits and case.persistent:
        yield Reason(
            "several of its elements share memory (expand, meshgrid): loading into it fails unless it is cloned first",
            raises=True,
        )
    if Trait.UNSTORABLE in traits:
        yield Reason(
            "a tensor of this kind (inference mode, nested, meta device, MKL-DNN) can't be saved, loaded or cast as a "
            "buffer",
            raises=True,
        )
    for event in (*case.history.first_assignments, *case.history.stores):
        usage = usage_in((event.statement,))
        if (usage.names | usage.reads.keys()) & _RANKS or usage.strings & _RANK_VARIABLES:
            yield Reason(
                "its value depends on the rank of the process: DistributedDataParallel makes all buffers rank 0's",
                raises=True,
            )


def _memory(case: Case) -> Iterator[Reason]:
    traits, history = case.traits, case.history
    if Trait.FROM_CALLER in traits:
        yield Reason(
            "the tensor is handed in from outside: the buffer shares its memory unless you .clone() it, and it may "
            "require a gradient"
        )
    elif Trait.SHARED in traits:
        yield Reason(
            "the tensor is shared (a module-level, class-level or default value): loading a state_dict writes into it "
            "unless you .clone() it"
        )
    elif any(map(partial(_wraps_argument, case), (*history.first_assignments, *history.stores))):
        yield Reason("an array that is handed in from outside shares its memory unless you .clone() the tensor")
    if Trait.SPARSE in traits:
        yield Reason("it is sparse: DistributedDataParallel and Module.share_memory() refuse sparse buffers")
    if case.persistent and traits & (Trait.STRIDED | Trait.VIEW_OF_LARGER):
        yield Reason("it is a view: a checkpoint stores all of the memory behind it, and safetensors refuses it")
    if Trait.EXPANDED in traits:
        text = "several of its elements share memory (expand, meshgrid): DistributedDataParallel can't broadcast it"
        yield Reason(text)
    other = history.shares_storage_with
    if other is not None:
        text = f"it may share memory with 'self.{other}', from which a move to a device or another dtype separates it"
        yield Reason(text)
    elif history.handed_to is not None:
        to, path, span = history.handed_to
        yield Reason(
            f"{case.module.place(path, span)} hands it to {to}, which may keep it: a move to a device or another dtype "
            "separates the two"
        )


def _wraps_argument(case: Case, event: Event) -> bool:
    """Is it ``torch.from_numpy(table)`` of an argument, whose memory the tensor has?"""
    value = event.statement.value if isinstance(event.statement, st.Assign) else None
    while isinstance(value, ir.Call) and isinstance(value.func, ir.Attribute) and value.func.attr in _VIEWS:
        value = value.func.value
    if not isinstance(value, ir.Call) or (ir.dotted(value.func) or "").rpartition(".")[2] not in _WRAPS:
        return False
    given = value.args[0].value if value.args else None
    usage = case.module.usage_around(event)
    return usage is not None and isinstance(given, ir.Name) and given.id not in usage.bound


def _closures(case: Case) -> Iterator[Reason]:
    """A function or lambda keeps the local that is stored (H49)."""
    for event in (*case.history.first_assignments, *case.history.stores):
        statement = event.statement
        if not isinstance(statement, st.Assign):
            continue
        local = [t.id for t in statement.targets if isinstance(t, ir.Name)]
        local += [statement.value.id] if isinstance(statement.value, ir.Name) else []
        usage = case.module.usage_around(event)
        if usage is not None and usage.captured & set(local):
            yield Reason(f"a function within keeps '{local[0]}', from which a move or a cast separates the buffer")

    for path, usage, read in case.history.reads():
        statement = read.statement
        if isinstance(statement, st.Assign) and statement.value is read.expression:
            again = {t.id for t in statement.targets if isinstance(t, ir.Name)} & usage.captured
            if again:
                yield Reason(
                    f"a function within keeps '{min(again)}', from which a move or a cast separates the buffer"
                )
        if read.expression in usage.defaults:
            yield Reason("a function within keeps it as a default, from which a move or a cast separates the buffer")
        kept = _kept_by(case, usage, read)
        if kept:
            where = case.module.place(path, read.expression.span)
            yield Reason(f"{where} keeps it in {kept}, from which a move or a cast separates the buffer")


def _identity(case: Case) -> Iterator[Reason]:
    """Code that relies on the very object, or on its number (H54, H55)."""
    for path, usage, read in case.history.reads():
        where = case.module.place(path, read.expression.span)
        if _is_identified(read) or _is_tagged(usage, read, case.name) or _is_key(read, usage):
            yield Reason(f"{where} relies on the very tensor object, which a move or a cast of the module replaces")
        if _is_trained(read):
            yield Reason(f"{where} asks it to require a gradient: a cast of the module gives another tensor")
        if Trait.SCALAR in case.traits and _is_size(read):
            yield Reason(f"{where} uses it as a size: a buffer there waits for the device, keep a Python int")


def _elsewhere(case: Case) -> Iterator[Reason]:
    for path, usage, read in case.module.outside_reads(case.name):
        where = case.module.place(path, read.expression.span)
        if _is_identified(read) or _is_tagged(usage, read, case.name):
            yield Reason(f"{where} relies on the very tensor object, which a move or a cast of the module replaces")
        if _is_trained(read):
            yield Reason(f"{where} asks it to require a gradient: a cast of the module gives another tensor")


def _kept_by(case: Case, usage: Usage, read: Read) -> str:
    """Names what keeps the tensor or its memory: a bound method, an array, a list outside of the instance."""
    outer = read.around[0] if read.around else None
    further = read.around[1] if len(read.around) > 1 else None
    statement = read.statement
    stored = isinstance(statement, st.Assign) and any(isinstance(t, ir.Attribute) for t in statement.targets)
    if isinstance(outer, ir.Attribute) and stored and isinstance(statement, st.Assign):
        if statement.value is outer and case.module.is_tensor_method(outer.attr):
            return f"the bound method .{outer.attr}"
        if outer.attr == "numpy" and statement.value is further:
            return "an array"
    grows = isinstance(outer, ir.Call) and isinstance(outer.func, ir.Attribute) and outer.func.attr in _GROWS
    given = outer.args if grows and isinstance(outer, ir.Call) else ()
    container = outer.func if isinstance(outer, ir.Call) else None
    if any(arg.value is read.expression for arg in given) and isinstance(container, ir.Attribute):
        return "a container outside of the instance" if _is_elsewhere(container.value, usage) else ""
    for target, value, _ in usage.items:
        if value is read.expression and _is_elsewhere(target.value, usage):
            return "a container outside of the instance"
    return ""


def _is_elsewhere(container: ir.Expression, usage: Usage) -> bool:
    """Is it no local of the function and no attribute of the instance?"""
    if isinstance(container, ir.Name):
        return container.id not in usage.bound | usage.parameters
    return isinstance(container, ir.Attribute) and not is_name(container.value, usage.receiver)


def _is_identified(read: Read) -> bool:
    outer = read.around[0] if read.around else None
    if isinstance(outer, ir.Attribute) and outer.attr in ("data_ptr", "untyped_storage"):
        return True
    if isinstance(outer, ir.Call) and isinstance(outer.func, ir.Name) and outer.func.id in ("id", "hash"):
        return True
    if isinstance(outer, ir.Compare):
        sides = (outer.left, *outer.comparators)
        others = [side for side in sides if side is not read.expression]
        is_none = any(isinstance(side, ir.Constant) and side.value is None for side in others)
        return not is_none and any(op in ("is", "is not") for op in outer.ops)
    if isinstance(outer, ir.Dict):
        return read.expression in outer.keys
    return False


def _is_key(read: Read, usage: Usage) -> bool:
    """Is it the key of a mapping that no instance and no local is: ``NAMES[self.x]``? A tensor would be indexed."""
    outer = read.around[0] if read.around else None
    if isinstance(outer, ir.Subscript) and any(part is read.expression for part in outer.index):
        return isinstance(outer.value, ir.Name) and outer.value.id not in usage.bound | usage.parameters
    return False


def _is_tagged(usage: Usage, read: Read, name: str) -> bool:
    """Is something stored on the tensor itself: ``self.x.tag = 3``?"""
    outer = read.around[0] if read.around else None
    if isinstance(outer, ir.Call) and is_name(outer.func, "setattr") and outer.args[0].value is read.expression:
        return True
    return any(
        isinstance(store.receiver, ir.Attribute) and store.receiver.span == read.expression.span
        for attr, stores in usage.stores.items()
        if attr not in _OF_A_TENSOR
        for store in stores
    )


def _is_trained(read: Read) -> bool:
    outer = read.around[0] if read.around else None
    if not isinstance(outer, ir.Attribute) or outer.attr != "requires_grad_" or len(read.around) < 2:
        return False
    call = read.around[1]
    switched_off = isinstance(call, ir.Call) and any(
        isinstance(arg.value, ir.Constant) and arg.value.value is False for arg in call.args
    )
    return not switched_off


def _is_size(read: Read) -> bool:
    outer = read.around[0] if read.around else None
    if isinstance(outer, ir.Slice):
        return True
    if isinstance(outer, ir.Display) and len(read.around) > 1:
        outer = read.around[1]
    if not isinstance(outer, ir.Call) or outer.func is read.expression:
        return False
    return (ir.dotted(outer.func) or _method(outer)).rpartition(".")[2] in _SIZED


def _method(call: ir.Call) -> str:
    return call.func.attr if isinstance(call.func, ir.Attribute) else ""


OBLIGATION = Obligation(
    "it is one tensor of its own",
    "its memory, its identity and its gradient belong to nobody else, and it can be saved, loaded and moved",
    _reasons,
    _elsewhere,
)
