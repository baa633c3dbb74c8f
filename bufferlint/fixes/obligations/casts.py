"""Casts keep working: what Module.half() or double() does to the buffer changes no result and raises nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.magnitudes import is_too_large
from bufferlint.interpreter.module_casts import CASTING_METHODS, casts_in_loops, names_cast
from bufferlint.interpreter.tensor_properties import is_extreme
from bufferlint.interpreter.values import Trait
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import WALKS_OVER_MODULES, Read
from bufferlint.model.handed_instances import HandedCode

_DTYPES = frozenset({"float32", "float", "float64", "double", "float16", "half", "bfloat16"})

_FLOAT_BYTES = 4
_OF_ALL_DTYPES = frozenset({"type", "_apply"})
"""Methods of a module that cast integers too."""


def _reasons(case: Case) -> Iterator[Reason]:
    traits = case.traits
    if Trait.COMPLEX in traits:
        yield Reason("the tensor is complex: Module.to(dtype) discards its imaginary part")
    yield from _devices(case)
    yield from _own_apply(case)
    if Trait.INTEGER in traits:
        return
    if Trait.HALF_UNSAFE in traits or any(map(_writes_extreme, (*case.history.events, *case.history.later))):
        yield Reason("its values may not survive half precision, to which Module.half() would cast the buffer")
    if Trait.SCALAR in traits:
        yield Reason("it is a float of no dimensions, which Module.half() would round")
    if Trait.COMPLEX not in traits:
        yield from _operators(case)
        yield from _sums(case)


def _elsewhere(case: Case) -> Iterator[Reason]:
    return _casts_of_integers(case) if Trait.INTEGER in case.traits else _own_casts(case)


def _devices(case: Case) -> Iterator[Reason]:
    for event in case.history.later:
        if event.action is Action.READ_ON_CPU:
            text = f"{case.where(event)} calls .numpy() on it or the like, which raises once it has moved to a device"
            yield Reason(text, raises=True)
    loader = case.module.timeline.loader_that_reads(case.name)
    if loader is not None:
        yield Reason(f"a DataLoader runs {loader}, where the tensors that it meets are on the CPU")
    met = next((event for event in case.history.later if event.action is Action.MEETS_CPU), None)
    if met is not None:
        yield Reason(f"{case.where(met)} uses it together with a tensor that is made on the CPU")
    stranded = case.history.other_stranded_attribute
    if stranded is not None:
        yield Reason(f"'self.{stranded}' may stay behind, or hold what does: using both raises once the module moved")


def _operators(case: Case) -> Iterator[Reason]:
    """Yields what the value meets (H52, H53)."""
    for event in case.history.met:
        if event.action is Action.MEETS_FULL_PRECISION:
            called = case.module.quoted(event)
            what = "an FFT" if "fft" in called else called
            yield Reason(
                f"{what} takes it ({case.where(event)}), which raises in half precision, to which Module.half() would "
                "cast the buffer: hand over a .float() of it"
            )
        if event.action is Action.MEETS_FIXED_DTYPE:
            yield Reason(
                f"{case.where(event)} uses it together with a tensor of a fixed dtype: a cast of the module makes that "
                "raise"
            )
    for met in case.history.met_elsewhere:
        what = "half precision" if met.action is Action.MEETS_FULL_PRECISION else "an operand of another dtype"
        where = case.module.place(met.path, met.span)
        yield Reason(f"{where} gives it to an operator that refuses {what}, which a cast of the module makes of it")
    for path, _, read in case.history.reads():
        if _asks_dtype(read):
            where = case.module.place(path, read.expression.span)
            yield Reason(f"{where} asks for its dtype, which a cast of the module changes")


def _sums(case: Case) -> Iterator[Reason]:
    """``self.x.sum()`` of so many elements that half precision cannot hold the sum."""
    largest = 0.0
    for event in (*case.history.first_assignments, *case.history.stores):
        stored, bound = case.module.bytes_stored(event), event.value.bound
        largest = max(largest, stored / _FLOAT_BYTES * bound if stored and bound else 0.0)
    for path, _, read in case.history.reads() if is_too_large(largest) else ():
        outer = read.around[0] if read.around else None
        is_handed = isinstance(outer, ir.Call) and (ir.dotted(outer.func) or "").endswith(".sum")
        if is_handed or (isinstance(outer, ir.Attribute) and outer.attr == "sum"):
            where = case.module.place(path, read.expression.span)
            yield Reason(f"{where} sums it: half precision, to which Module.half() casts the buffer, ends at 65504")


def _writes_extreme(event: Event) -> bool:
    """Does it change elements in place to numbers that half precision loses: ``self.x[0] = 1e5``?"""
    if event.action is not Action.MUTATE:
        return False
    statement = event.statement
    written: tuple[ir.Expression, ...] = ()
    if isinstance(statement, st.Assign | st.Augment):
        written = (statement.value,)
    elif isinstance(statement, st.Evaluate) and isinstance(statement.value, ir.Call):
        written = tuple(arg.value for arg in statement.value.args)
    return any(map(_holds_extreme, written))


def _holds_extreme(expression: ir.Expression) -> bool:
    number = expression.value if isinstance(expression, ir.Constant) else None
    if isinstance(number, int | float) and (is_too_large(number) or is_extreme(number)):
        return True
    return any(map(_holds_extreme, ir.children(expression)))


def _asks_dtype(read: Read) -> bool:
    """Does code decide by the dtype, or by the size of the elements: ``self.x.dtype == torch.float32``?"""
    asked = read.around[0] if read.around else None
    if not isinstance(asked, ir.Attribute):
        return False
    outer = read.around[1] if len(read.around) > 1 else None
    if asked.attr in ("nbytes", "itemsize") or (asked.attr == "element_size" and isinstance(outer, ir.Call)):
        return True
    if asked.attr == "type" and isinstance(outer, ir.Call):
        return outer.func is asked and not outer.args
    if asked.attr != "dtype":
        return False
    match outer:
        case ir.Compare(left=left, comparators=comparators):
            others = [ir.dotted(side) or "" for side in (left, *comparators)]
            in_table = any(isinstance(side, ir.Display | ir.Dict) for side in comparators)
            return in_table or any(o.startswith("torch.") and o.rpartition(".")[2] in _DTYPES for o in others)
        case ir.Subscript(index=index):
            return any(part is asked for part in index)  # a table by dtype
        case ir.Call(func=func, args=args):
            by_table = isinstance(func, ir.Attribute) and func.attr == "get" and any(a.value is asked for a in args)
            return by_table or (isinstance(func, ir.Name) and func.id in ("str", "repr", "hash"))
        case ir.FormattedString():
            return False  # words for people
    return False


def _casts_of_integers(case: Case) -> Iterator[Reason]:
    """``self.type(torch.float64)`` and ``self._apply(...)`` cast integers too, which ``half()`` leaves alone; so do
    those of code that makes an instance."""
    for event in case.history.on_all:
        call = event.statement.value if isinstance(event.statement, st.Evaluate) else None
        func = call.func if isinstance(call, ir.Call) else None
        if event.action is Action.CASTS and isinstance(func, ir.Attribute) and func.attr in _OF_ALL_DTYPES:
            yield Reason(f"{case.where(event)} casts the module, integers too, and the buffer with it")
    for place, method, _ in _where_built(case):
        if method in _OF_ALL_DTYPES:
            yield Reason(f"{place} casts the module where it is built, integers too, and the buffer with it")


def _own_apply(case: Case) -> Iterator[Reason]:
    """An ``_apply`` of its own that has something else done to the buffers than what it is asked for."""
    for owner, header, usage in case.history.usages("_apply"):
        for site in usage.called("_apply"):
            given = site.call.args[0].value if site.call.args else None
            hands_on = isinstance(given, ir.Name) and given.id in usage.parameters and given.id not in usage.bound
            if isinstance(site.receiver, ir.Call) and given is not None and not hands_on:
                where = case.module.place(owner.path, site.call.span)
                yield Reason(f"{where} changes the buffers in a way of its own ({header.name})")


def _own_casts(case: Case) -> Iterator[Reason]:
    """The module casts itself, or is cast where it is built (H44)."""
    for event in case.history.on_all:
        if event.action is Action.CASTS:
            yield Reason(f"{case.where(event)} casts the module, and the buffer with it: results change")
    for path, usage in case.history.code_holding(*WALKS_OVER_MODULES):
        for site in casts_in_loops(usage):
            where = case.module.place(path, site.call.span)
            yield Reason(f"{where} casts the modules that it holds, and the buffer with them: results change")
    for holder in case.history.held_by:
        for event in holder.timeline.on_all if holder.treats_itself(*CASTING_METHODS, "apply", "_apply") else ():
            if event.action is Action.CASTS:
                where = case.module.place(event.path, event.span)
                yield Reason(f"{where} casts {holder.name}, which holds the module, and the buffer with it")
    yield from _by_handed_code(case)
    for place, _, is_judged_by_values in _where_built(case):
        if not is_judged_by_values:
            yield Reason(f"{place} casts the module where it is built, and the buffer with it")


def _where_built(case: Case) -> Iterator[tuple[str, object, bool]]:
    """Yields where code that makes an instance casts it, or what holds it, by which method, and whether the other
    obligations judge that by what it does to the values: where a script casts a tensor of the usual dtype.

    ``float()`` at the end of a script does not count: such a tensor stays as it is.
    """
    stored = (event.statement for event in case.history.stores)
    is_usual = not any(_names_dtype(each.value) for each in stored if isinstance(each, st.Assign) and each.value)
    uses = [
        *((case.module, use) for use in case.history.outside),
        *((holder, use) for holder in case.history.held_by for use in holder.outside_uses(case.name)),
    ]
    for module, use in uses:
        changes_nothing = is_usual and not use.scope and use.value.constant == "float"
        is_held = module.is_instance(use) or (module is case.module and module.is_container(use))
        if use.action is Action.CASTS and is_held and not changes_nothing:
            yield case.place(use), use.value.constant, is_usual and not use.scope


def _names_dtype(expression: ir.Expression) -> bool:
    """Does code say which dtype it makes: ``dtype=``, ``.double()``?"""
    if isinstance(expression, ir.Call) and any(arg.keyword == "dtype" for arg in expression.args):
        return True
    if isinstance(expression, ir.Attribute) and expression.attr in CASTING_METHODS:
        return True
    return any(map(_names_dtype, ir.children(expression)))


def _by_handed_code(case: Case) -> Iterator[Reason]:
    """A function, or the methods of a class that holds an instance, cast it: ``self.net.double()``."""
    for code in case.module.handed_to:
        for site in code.usage.calls if code.names is not None and code.scope else ():
            if names_cast(site.call) and _is_itself(code, site.receiver):
                where = case.module.place(code.path, site.call.span)
                yield Reason(f"{where} casts the module that it is handed, and the buffer with it")


def _is_itself(code: HandedCode, receiver: ir.Expression | None) -> bool:
    """Is it the module, and no tensor of it: ``model``, ``self.net``, ``model.eval()``?"""
    if isinstance(receiver, ir.Attribute):
        return receiver.attr in code.attributes or (receiver.attr == "module" and code.is_instance(receiver.value))
    return code.is_instance(receiver)


OBLIGATION = Obligation(
    "casts keep working",
    "its values survive half precision, it meets no operator that a cast would break, and nothing casts the module",
    _reasons,
    _elsewhere,
)
