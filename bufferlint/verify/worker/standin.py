"""Runs forward as on another device, on a machine that has none.

Parameters and buffers are moved to ``meta`` by ``module.to("meta")``, as the user would move them to a GPU (so a module
that overrides ``_apply`` to take its plain tensors along is believed), and forward runs under `FakeTensorMode` with
inputs on meta. What was left behind stays on the CPU, and the first operator that meets both raises. A second mode on
top of the fake one says which attribute it was, and refuses what `FakeTensorMode` of torch 2.13 lets pass on meta
but CUDA does not: convolutions, embeddings, `add_`, indexing a CPU tensor by a device tensor.

What it cannot see, and never calls a pass: values (``.item()``, ``nonzero``, ``if tensor``: reported as skipped).
What it cannot see, and would call a pass: branches on ``x.is_cuda`` or on the device's name are taken as for "meta";
an operator from outside torch (a custom kernel) is judged by its own fake implementation; 0-dim CPU tensors pass
everywhere, though a few operators (``stack``, ``nextafter``) refuse them on CUDA; numbers are not compared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn
from torch._subclasses import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from bufferlint.verify.worker import attributes
from bufferlint.verify.worker.catch import Raised

META = torch.device("meta")

_MIXING = frozenset(
    {
        *("copy_", "copy", "_to_copy", "_foreach_copy_", "set_"),
        *("slice_scatter", "select_scatter", "diagonal_scatter", "as_strided_scatter"),
        *("_pack_padded_sequence", "_pad_packed_sequence", "_ctc_loss", "ctc_loss"),
    }
)
"""Operators of aten that take tensors of two devices: they copy, or want some arguments on the CPU."""
_INDEXING = frozenset(("index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index", "_unsafe_index_put"))
"""Their indices may be on the CPU; the tensor that is indexed, and the values, may not be where the others aren't."""
_BLIND = (
    "DataDependentOutputException",
    "DynamicOutputShapeException",
    "GuardOnDataDependentSymNode",
    "UnsupportedOperatorException",
    "UnsupportedFakeTensorException",
    "NotImplementedError",
)
_PLACEMENT = re.compile(r"\b(cpu|meta|devices?|numpy)\b", re.IGNORECASE)
_VALUES = re.compile(r"cannot be called on meta|data.dependent", re.IGNORECASE)


class Misplaced(RuntimeError):
    """An operator met tensors of two devices; ``attribute`` is the one that stayed behind, if one is known."""

    def __init__(self, message: str, attribute: str | None = None) -> None:
        super().__init__(message)
        self.attribute = attribute


def run(module: nn.Module, call: Callable[[nn.Module], object]) -> None:
    """Move the module and ``call`` it; raises what forward raises there, `Misplaced` for tensors of two devices."""
    _move(module)
    with FakeTensorMode(allow_non_fake_inputs=True), Placement(module, META):
        call(module)


def _move(module: nn.Module) -> None:
    """``module.to("meta")`` that leaves each Parameter the object that it was, as a move to a GPU does.

    So that what the module holds it by besides, a list say, has it there too. A buffer becomes another object on any
    device. Torch before 2.3 cannot, nor torch where something holds a weak reference: then such a list stays behind.
    """
    future: Any = torch.__future__
    if not hasattr(future, "set_swap_module_params_on_conversion"):
        module.to(META)
        return
    former = future.get_swap_module_params_on_conversion()
    future.set_swap_module_params_on_conversion(True)
    try:
        module.to(META)
    except RuntimeError as error:
        if "Couldn't swap" not in str(error):
            raise
        future.set_swap_module_params_on_conversion(False)
        module.to(META)
    finally:
        future.set_swap_module_params_on_conversion(former)


def warm_up() -> None:
    """Pay once, before forking, for what torch imports and sets up at the first fake tensor and the first export."""
    from torch.export import export

    module = nn.Sequential(nn.Linear(1, 1), nn.Softmax(-1))
    export(module, (torch.ones(1, 1),), strict=False)
    run(module, lambda module: module(torch.empty(1, 1, device=META)))


def is_blind(raised: Raised) -> bool:
    """Whether the stand-in could not tell, rather than found the module wanting."""
    if isinstance(raised.error, Misplaced):
        return False
    text = str(raised.error)
    return raised.type in _BLIND or bool(_VALUES.search(text)) or not _PLACEMENT.search(text)


class Placement(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses operators that would meet two devices, and remembers which attribute a CPU tensor came from."""

    def __init__(self, module: nn.Module, device: torch.device) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._device = device
        self._origins: dict[int, tuple[torch.Tensor, str]] = {}
        for slot in attributes.slots(module):
            if slot.kind == attributes.PLAIN and slot.value is not None:
                self._origins[id(slot.value)] = slot.value, slot.path

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        name = str(func.overloadpacket.__name__)
        if name == "_pack_padded_sequence" and args[1].device == self._device:
            raise Misplaced("the lengths of a packed sequence must be on the cpu, and got a tensor on the device")
        if func.namespace in ("aten", "prims") and name not in _MIXING:
            self._refuse(name, _placed(name, args, kwargs, self._device))
        result = func(*args, **kwargs)
        self._remember(list(_tensors((args, kwargs))), list(_tensors(result)))
        return result

    def _refuse(self, name: str, tensors: list[torch.Tensor]) -> None:
        left = [tensor for tensor in tensors if tensor.device != self._device]
        if not left or len(left) == len(tensors):
            return
        origin = next((self._origins[id(tensor)][1] for tensor in left if id(tensor) in self._origins), None)
        what = f"'{origin}'" if origin else "a tensor that forward made"
        raise Misplaced(
            f"expected all tensors to be on the same device, but {name} got {what} on cpu and the others on the device",
            origin,
        )

    def _remember(self, arguments: list[torch.Tensor], results: list[torch.Tensor]) -> None:
        origin = next((self._origins[id(each)][1] for each in arguments if id(each) in self._origins), None)
        if origin is not None:
            self._origins.update((id(each), (each, origin)) for each in results if each.device != self._device)


def _placed(name: str, args: Any, kwargs: Any, device: torch.device) -> list[torch.Tensor]:
    """The arguments that have to be on one device: not 0-dim ones, nor the CPU indices of a device tensor."""
    if name in _INDEXING:
        indexed, _, *rest = args
        if indexed.device == device:
            args = (indexed, rest)
    return [tensor for tensor in _tensors((args, kwargs)) if tensor.dim() or tensor.device == device]


def _tensors(value: Any) -> Iterator[torch.Tensor]:
    return (leaf for leaf in tree_flatten(value)[0] if isinstance(leaf, torch.Tensor))
