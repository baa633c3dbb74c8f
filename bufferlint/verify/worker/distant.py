"""Tensors that say they are on ``cuda:0`` and compute on the CPU, and the mode under which they do."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from bufferlint.verify.worker import device_rules, held, threads
from bufferlint.verify.worker.cuda_answers import DEVICE
from bufferlint.verify.worker.device_rules import Call, tensors

META = torch.device("meta")
"""The device that the wrappers have for torch itself, which knows no values there either."""
_CPU = torch.device("cpu")


class Misplaced(RuntimeError):
    """What CUDA refuses; ``attribute`` is the one that stayed behind, if one is known."""

    def __init__(self, message: str, attribute: str | None = None) -> None:
        super().__init__(message)
        self.attribute = attribute


class Distant(torch.Tensor):
    """A tensor on the pretended device; ``elem`` has its values."""

    elem: torch.Tensor

    @staticmethod
    def __new__(cls, elem: torch.Tensor) -> Distant:
        make: Any = torch.Tensor._make_wrapper_subclass
        if elem.layout is not torch.strided:
            made = make(cls, elem.size(), dtype=elem.dtype, layout=elem.layout, device=META)
        else:
            made = make(
                cls,
                elem.size(),
                strides=elem.stride(),
                storage_offset=elem.storage_offset(),
                dtype=elem.dtype,
                layout=elem.layout,
                device=META,
            )
        made.elem = elem
        return made  # type: ignore[no-any-return]

    def __repr__(self, **_: Any) -> str:  # type: ignore[override]
        return f"{self.elem!r} on {DEVICE}"

    __torch_function__ = torch._C._disabled_torch_function_impl  # type: ignore[assignment]

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        threads.ensure_joined()
        return _computed(func, args, dict(kwargs or {}))


class Placement(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses what the rules say, and remembers which attribute a CPU tensor came from; tensors are real ones.

    ``refused`` is what it raised last: what runs within TorchScript wraps it.
    """

    def __init__(self, device: torch.device = DEVICE) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._device = device
        self._origins: dict[int, tuple[torch.Tensor, str]] = {}
        self._refusals: list[Misplaced] = []
        self._learned: list[nn.Module] = []

    @property
    def refused(self) -> Misplaced | None:
        return self._refusals[-1] if self._refusals else None

    def is_there(self, tensor: torch.Tensor) -> bool:
        return tensor.device.type == self._device.type

    def learn(self, module: nn.Module) -> None:
        """Note the tensors that a module holds unregistered, to name them when they are met."""
        self._learned.append(module)
        for path, tensor in held.named(module):
            if not self.is_there(tensor):
                self._origins[id(tensor)] = tensor, path

    def misplaced(self, left: Any, says: str, operator: str = "") -> Misplaced:
        """The refusal, which names the attribute that the tensor came from."""
        _, origin = self._origins.get(id(left), (None, None))
        if origin is None:  # kept since: by a function with a cache, say
            reached = (pair for module in self._learned for pair in held.named(module))
            origin = next((path for path, tensor in reached if tensor is left), None)
        what = f"'{origin}'" if origin else "a tensor that forward made"
        return Misplaced(says.format(op=operator, what=what), origin)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        call = Call(str(func.overloadpacket.__name__), func, args, dict(kwargs or {}), self.is_there)
        for rule in device_rules.RULES:
            left = rule.left(call)
            if left:
                known = next((each for each in left if id(each) in self._origins), left[0])
                self._refusals.append(self.misplaced(known, rule.says, call.name))
                raise self._refusals[-1]
        result = self._compute(call)
        self._remember(call, result)
        return result

    def _compute(self, call: Call) -> Any:
        return call.func(*call.args, **call.kwargs)

    def _remember(self, call: Call, result: Any) -> None:
        origin = next((self._origins[id(each)][1] for each in call.tensors() if id(each) in self._origins), None)
        if origin is not None:
            self._origins.update((id(each), (each, origin)) for each in tensors(result) if not self.is_there(each))


class Pretended(Placement):  # type: ignore[no-untyped-call]
    """The same with `Distant` tensors."""

    def is_there(self, tensor: torch.Tensor) -> bool:
        return isinstance(tensor, Distant)

    def _compute(self, call: Call) -> Any:
        return _computed(call.func, call.args, call.kwargs)


def _computed(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Returns what an operator gives on the CPU, as a `Distant` if it is one of the device's."""
    name = func.overloadpacket.__name__
    if name == "_fused_sdp_choice":
        return 0  # the one that is made of other operators
    asked = kwargs.get("device")
    there = (
        asked.type == META.type if asked is not None else any(isinstance(t, Distant) for t in tensors((args, kwargs)))
    )
    if asked is not None:
        kwargs = {**kwargs, "device": _CPU}
    if not there and asked is None:
        return func(*args, **kwargs)
    result = func(*_values(args), **_values(kwargs))
    if torch.Tag.inplace_view in func.tags:
        _reshape(func, args, kwargs)
        return args[0]
    if not there:
        return result
    written = _written(func, args)
    if written is not None:
        return written
    if name == "_pack_padded_sequence":
        return Distant(result[0]), result[1]
    return tree_map(lambda each: Distant(_plain(each)) if isinstance(each, torch.Tensor) else each, result)


def _written(func: Any, args: Any) -> Any:
    """The argument that an operator writes into and returns; None for one that returns something new."""
    returns, places = func._schema.returns, enumerate(func._schema.arguments)
    if len(returns) != 1 or returns[0].alias_info is None or not returns[0].alias_info.is_write:
        return None
    written = [place for place, each in places if each.alias_info is not None and each.alias_info.is_write]
    return args[written[0]] if written and written[0] < len(args) else None


def _reshape(func: Any, args: Any, kwargs: dict[str, Any]) -> None:
    """Give the wrapper the shape that its values have now, as `return_and_correct_aliasing` of torch does."""
    from torch.utils._mode_utils import no_dispatch

    core: Any = torch._C
    with no_dispatch():
        former = core._meta_in_tls_dispatch_include()
        core._set_meta_in_tls_dispatch_include(True)
        try:
            func(*args, **kwargs)
        finally:
            core._set_meta_in_tls_dispatch_include(former)


def _values(value: Any) -> Any:
    return tree_map(lambda each: each.elem if isinstance(each, Distant) else each, value)


def _plain(tensor: torch.Tensor) -> torch.Tensor:
    """The tensor without what a wrapper cannot say of it: lazily conjugated and negated values."""
    return tensor.resolve_conj().resolve_neg() if tensor.layout is torch.strided else tensor
