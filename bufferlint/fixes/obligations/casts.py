"""Casts keep working: what Module.half() or double() does to the buffer changes no result and raises nowhere."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Obligation, Reason
from bufferlint.interpreter.events import Action
from bufferlint.interpreter.module_casts import CASTING_METHODS, casts_in_loops
from bufferlint.interpreter.values import Trait
from bufferlint.ir import expressions as ir
from bufferlint.ir.usage import WALKS_OVER_MODULES, Read

_DTYPES = frozenset({"float32", "float", "float64", "double", "float16", "half", "bfloat16"})


def _reasons(case: Case) -> Iterator[Reason]:
    traits = case.traits
    if Trait.COMPLEX in traits:
        yield Reason("the tensor is complex: Module.to(dtype) discards its imaginary part")
    yield from _devices(case)
    if Trait.INTEGER in traits:
        return
    if Trait.HALF_UNSAFE in traits:
        yield Reason("its values may not survive half precision, to which Module.half() would cast the buffer")
    if Trait.SCALAR in traits:
        yield Reason("it is a float of no dimensions, which Module.half() would round")
    if Trait.COMPLEX not in traits:
        yield from _operators(case)
    yield from _own_casts(case)


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


def _asks_dtype(read: Read) -> bool:
    """Returns whether it is ``self.x.dtype == torch.float32``."""
    if len(read.around) < 2 or not isinstance(read.around[0], ir.Attribute) or read.around[0].attr != "dtype":
        return False
    compared = read.around[1]
    if not isinstance(compared, ir.Compare):
        return False
    others = (ir.dotted(side) or "" for side in (compared.left, *compared.comparators))
    return any(other.startswith("torch.") and other.rpartition(".")[2] in _DTYPES for other in others)


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
    for use in case.history.outside:
        if use.action is Action.CASTS and use.scope and (case.module.is_instance(use) or case.module.is_container(use)):
            yield Reason(f"{case.place(use)} casts the module where it is built, and the buffer with it")


OBLIGATION = Obligation(
    "casts keep working",
    "its values survive half precision, it meets no operator that a cast would break, and nothing casts the module",
    _reasons,
)
