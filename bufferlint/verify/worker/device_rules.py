"""What CUDA refuses that the CPU takes, operator by operator: a table that names each rule's source in PyTorch.

Read in the sources and the documentation of torch 2.13; ``tests/verify/test_standin.py`` asks an accelerator, if there
is one, whether it agrees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils._pytree import tree_flatten

_COPYING = frozenset(
    {
        *("copy_", "copy", "_to_copy", "_foreach_copy_", "set_", "lift_fresh", "is_same_size"),
        *("slice_scatter", "select_scatter", "diagonal_scatter", "as_strided_scatter"),
        *("_pack_padded_sequence", "_pad_packed_sequence", "_ctc_loss", "ctc_loss"),
    }
)
"""Operators of aten that take tensors of two devices: they copy, or want some arguments on the CPU."""
_INDEXING = frozenset(("index", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index", "_unsafe_index_put"))
"""Their indices may be on the CPU; the tensor that is indexed, and the values, may not be where the others aren't."""
_NUMBER_TAKEN = frozenset(
    {
        *("fill", "fill_", "index_put", "index_put_", "_index_put_impl_", "_unsafe_index_put"),
        *("scatter_value", "resize_as_", "floor_divide", "floor_divide_", "linspace", "logspace"),
        "binary_cross_entropy_with_logits",
    }
)
"""Operators that are not tagged as pointwise and take a 0-dim tensor of the CPU: they read the number out of it, or are
made of pointwise ones."""
_NUMBER_PLACES = {
    **dict.fromkeys(("masked_fill", "masked_fill_"), (2,)),
    **dict.fromkeys(("index_fill", "index_fill_"), (3,)),
    **dict.fromkeys(("lerp", "lerp_", "addcmul", "addcmul_"), (2,)),
}
"""Operators that take a number of the CPU as some arguments only."""
_NUMBERS_TAKEN = frozenset(("where", "copy", "copy_", "fill", "fill_", "masked_fill", "masked_fill_"))
"""Pointwise operators that are no kernel of a TensorIterator's device, or move their numbers there first."""
_NUMBER_REFUSED = frozenset(
    {
        *("nextafter", "logaddexp", "logaddexp2", "gcd", "gcd_", "lcm", "lcm_", "addcdiv", "addcdiv_"),
        *("clamp", "clamp_"),
    }
)
"""Pointwise operators of which the kernel takes no number of the CPU: ``gpu_kernel`` and not
``gpu_kernel_with_scalars``, or no ``allow_cpu_scalars``."""
_PRODUCTS = frozenset(
    {
        *("mm", "bmm", "addmm", "addmm_", "baddbmm", "baddbmm_", "addbmm", "addbmm_", "mv", "addmv", "addmv_"),
        *("dot", "vdot", "matmul", "linear", "convolution", "_convolution", "convolution_overrideable"),
    }
)
DISTANT_GENERATORS: dict[int, object] = {}
"""The generators that the stand-in made for its device, by their address: torch hands on another Python object."""
_GENERATOR = torch.Generator
"""The class itself: the stand-in puts another in its place."""


@dataclass(frozen=True)
class Call:
    """An operator as it is called; ``is_there`` says of a tensor whether it lies on the device."""

    name: str
    func: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    is_there: Callable[[torch.Tensor], bool]

    def tensors(self) -> list[torch.Tensor]:
        return list(tensors((self.args, self.kwargs)))

    def written(self) -> list[Any]:
        """The arguments that it writes into."""
        writes = [each.alias_info is not None and each.alias_info.is_write for each in self.func._schema.arguments]
        by_name = {each.name: self.kwargs.get(each.name) for each in self.func._schema.arguments}
        given = [*self.args, *list(by_name.values())[len(self.args) :]]
        return [each for each, is_written in zip(given, writes, strict=False) if is_written]

    def on_device(self) -> bool:
        """Returns whether it computes on the device: so an argument, or the device that is asked for, says."""
        asked = self.kwargs.get("device")
        if asked is not None:
            return torch.device(asked).type not in ("cpu",)
        return any(map(self.is_there, self.tensors()))


@dataclass(frozen=True)
class Rule:
    """``left`` are the tensors that break it; ``says`` is the refusal, in which ``{op}`` and ``{what}`` stand."""

    says: str
    source: str
    left: Callable[[Call], list[Any]]


def _mixed(call: Call) -> list[Any]:
    """The tensors of the CPU beside others of the device."""
    if call.name in _COPYING or call.name.startswith("_foreach_") or call.func.namespace not in ("aten", "prims"):
        return []
    args = call.args
    if call.name in _INDEXING and call.is_there(args[0]):
        args = (args[0], args[2:])
    placed = list(tensors((args, call.kwargs)))
    if not any(map(call.is_there, placed)):
        return []
    return [each for each in placed if not call.is_there(each) and not (each.dim() == 0 and _takes_number(call, each))]


def _takes_number(call: Call, number: torch.Tensor) -> bool:
    if call.name in _NUMBER_PLACES:
        return any(number is call.args[place] for place in _NUMBER_PLACES[call.name] if place < len(call.args))
    if call.name in _NUMBER_REFUSED:
        return False
    is_pointwise = torch.Tag.pointwise in call.func.tags and not any(each is number for each in call.written())
    return call.name in _NUMBER_TAKEN or is_pointwise or call.func.namespace == "prims"


def _numbers(call: Call) -> list[Any]:
    """The numbers of the CPU beyond the first that an operator reads beside tensors of the device."""
    if torch.Tag.pointwise not in call.func.tags or call.name in _NUMBERS_TAKEN or call.func.namespace != "aten":
        return []
    placed = call.tensors()
    here = [each for each in placed if not call.is_there(each)]
    return here[1:] if len(here) < len(placed) else []


def _generators(call: Call) -> list[Any]:
    found: list[Any] = [each for each in tree_flatten((call.args, call.kwargs))[0] if isinstance(each, _GENERATOR)]
    here = [each for each in found if each.device.type == "cpu" and each._cdata not in DISTANT_GENERATORS]
    return here if call.on_device() else []


def _whole_numbers(call: Call) -> list[Any]:
    if call.name not in _PRODUCTS or call.func.namespace != "aten" or not call.on_device():
        return []
    return [each for each in call.tensors() if not each.is_floating_point() and not each.is_complex()]


def _lengths(call: Call) -> list[Any]:
    packs = call.name == "_pack_padded_sequence"
    return [call.args[1]] if packs and call.is_there(call.args[1]) else []


RULES = (
    Rule(
        "the lengths of a packed sequence must be on the cpu, and got {what} on the device",
        "aten/src/ATen/native/PackedSequence.cpp: _pack_padded_sequence checks lengths.device()",
        _lengths,
    ),
    Rule(
        "expected all tensors to be on the same device, but {op} got {what} on cpu and the others on the device",
        "aten/src/ATen/TensorIterator.cpp: compute_types lets 0-dim tensors of the CPU pass (allow_cpu_scalars); the "
        "checks that torchgen writes around CUDA kernels (c10::impl::check_and_update_common_device) let none pass; "
        "aten/src/ATen/native/cuda/IndexKernel.cpp: masked_fill__cuda takes the value, not the mask; cuda/Loops.cuh: "
        "gpu_kernel asserts that all are on the device; TensorCompare.cpp: CLAMP_CONFIG allows no numbers",
        _mixed,
    ),
    Rule(
        "{op} takes one number of the cpu beside tensors of the device, and got {what} as one more",
        "aten/src/ATen/TensorIterator.cpp: compute_types, 'Trying to pass too many CPU scalars to non-CPU kernel!'",
        _numbers,
    ),
    Rule(
        "a generator of the cpu makes no random numbers on the device: {op} got one",
        "aten/src/ATen/core/Generator.h: check_generator, 'Expected a 'cuda' device type for generator'",
        _generators,
    ),
    Rule(
        "{op} has no kernel for whole numbers on the device, and got {what}",
        "aten/src/ATen/native/cuda/Blas.cpp: addmm and its kin dispatch over floating and complex types only",
        _whole_numbers,
    ),
)


def tensors(value: Any) -> Iterator[torch.Tensor]:
    """The tensors among an operator's arguments."""
    return (leaf for leaf in tree_flatten(value)[0] if isinstance(leaf, torch.Tensor))
