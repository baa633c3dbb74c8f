"""Tensors that say they are on ``cuda:0`` and compute on the CPU, and the modes under which they do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map

from bufferlint.verify.worker import attributes, device_rules
from bufferlint.verify.worker.device_rules import Call, tensors

DEVICE = torch.device("cuda", 0)
"""The device that is pretended: what a class asks a tensor's device for."""
_META = torch.device("meta")
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
            made = make(cls, elem.size(), dtype=elem.dtype, layout=elem.layout, device=_META)
        else:
            made = make(
                cls,
                elem.size(),
                strides=elem.stride(),
                storage_offset=elem.storage_offset(),
                dtype=elem.dtype,
                layout=elem.layout,
                device=_META,
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
        return _computed(func, args, dict(kwargs or {}))


class Placement(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Refuses what the rules say, and remembers which attribute a CPU tensor came from; tensors are real ones.

    ``refused`` is what it raised last: what runs within TorchScript wraps it.
    """

    def __init__(self, device: torch.device = DEVICE) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._device = device
        self._origins: dict[int, tuple[torch.Tensor, str]] = {}
        self.refused: Misplaced | None = None

    def is_there(self, tensor: torch.Tensor) -> bool:
        return tensor.device.type == self._device.type

    def learn(self, module: nn.Module) -> None:
        """Note the plain tensors of a module, to name them when they are met."""
        for slot in attributes.slots(module):
            if slot.kind == attributes.PLAIN and slot.value is not None:
                self._origins[id(slot.value)] = slot.value, slot.path

    def misplaced(self, left: Any, says: str, operator: str = "") -> Misplaced:
        """The refusal, which names the attribute that the tensor came from."""
        _, origin = self._origins.get(id(left), (None, None))
        what = f"'{origin}'" if origin else "a tensor that forward made"
        return Misplaced(says.format(op=operator, what=what), origin)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        call = Call(str(func.overloadpacket.__name__), func, args, dict(kwargs or {}), self.is_there)
        for rule in device_rules.RULES:
            left = rule.left(call)
            if left:
                known = next((each for each in left if id(each) in self._origins), left[0])
                self.refused = self.misplaced(known, rule.says, call.name)
                raise self.refused
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


class Named(TorchFunctionMode):
    """Notes which results a class asked to be on the CPU by name; tensors are real ones."""

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[int, torch.Tensor] = {}
        self._read: dict[int, torch.device] = {}

    def is_named(self, tensor: torch.Tensor) -> bool:
        """Whether the class said by name that the tensor is to be on the CPU: ``.cpu()``, ``device="cpu"``."""
        return id(tensor) in self._named

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        name = getattr(func, "__name__", "")
        if name == "__get__":
            return self._read_off(func, args)
        if func is torch.device:
            return func(*args, **kwargs)
        named = self._names_cpu(name, args, kwargs)
        result = self._called(func, name, args, kwargs)
        if named or any(id(each) in self._named for each in tensors((args, kwargs))):
            self._named.update((id(each), each) for each in tensors(result) if self._is_here(each))
        return result

    def _called(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        return func(*args, **kwargs)

    def _is_here(self, tensor: torch.Tensor) -> bool:
        return not isinstance(tensor, Distant) and tensor.device.type == "cpu"

    def _read_off(self, func: Any, args: Any) -> Any:
        """An attribute of a tensor; the device of one is noted, for it names nothing."""
        value = func(*args)
        if isinstance(value, torch.device):
            self._read[id(value)] = value
        return value

    def _names_cpu(self, name: str, args: Any, kwargs: dict[str, Any]) -> bool:
        """Whether a call says in so many words that its result is to be on the CPU, not by another tensor's device."""
        asked = kwargs.get("device", args[1] if name == "to" and len(args) > 1 else None)
        if isinstance(asked, torch.device):
            return asked.type == "cpu" and id(asked) not in self._read
        return name == "cpu" or (isinstance(asked, str) and asked.startswith("cpu"))


class Pretending(Named):
    """Makes ``cuda:0`` a device that a class can ask for as well."""

    def _called(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
        if args and isinstance(args[0], Distant) and name in _ANSWERS:
            return _ANSWERS[name](args[0], *args[1:], **kwargs)
        if name in _FROM_DATA:
            return _from_data(func, name, args, kwargs)
        return func(*map(_meant, args), **{key: _meant(value) for key, value in kwargs.items()})

    def _read_off(self, func: Any, args: Any) -> Any:
        attribute = getattr(func.__self__, "__name__", "")
        if isinstance(args[0], Distant) and attribute in _TOLD:
            return _TOLD[attribute]
        return super()._read_off(func, args)


class _AnyGenerator(type(torch.Generator)):  # type: ignore[misc]
    """Every generator of torch is an instance of the class that stands in for its class."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _GENERATOR)


_GENERATOR = torch.Generator


class _Generator(torch.Generator, metaclass=_AnyGenerator):
    """A generator that can be on the pretended device."""

    def __new__(cls, device: Any = "cpu") -> _Generator:
        made: Any = super().__new__(cls, _CPU)  # type: ignore[call-arg]
        made.placed = DEVICE if _is_distant(device) else torch.device(device)
        if made.placed == DEVICE:
            device_rules.DISTANT_GENERATORS[made._cdata] = made
        return made  # type: ignore[no-any-return]

    placed: torch.device

    @property
    def device(self) -> torch.device:  # type: ignore[override]
        return self.placed


@contextmanager
def patched() -> Iterator[None]:
    """Exchange what is no function of torch, and so is not asked of a mode."""
    cudnn: Any = torch.backends.cudnn
    changes: list[tuple[Any, str, Any]] = [
        (torch, "Generator", _Generator),
        (cudnn, "is_acceptable", lambda tensor: False),
        (torch.cuda, "synchronize", lambda device=None: None),
    ]
    former = [(holder, name, getattr(holder, name)) for holder, name, _ in changes]
    for holder, name, value in changes:
        setattr(holder, name, value)
    try:
        yield
    finally:
        for holder, name, value in former:
            setattr(holder, name, value)


def _computed(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """What an operator gives on the CPU, as a `Distant` if it is one of the device's."""
    name = func.overloadpacket.__name__
    if name == "_fused_sdp_choice":
        return 0  # the one that is made of other operators
    asked = kwargs.get("device")
    there = (
        asked.type == _META.type if asked is not None else any(isinstance(t, Distant) for t in tensors((args, kwargs)))
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


def _is_distant(device: Any) -> bool:
    if isinstance(device, torch.device):
        return device.type == DEVICE.type
    return isinstance(device, str) and device.partition(":")[0] == DEVICE.type


def _meant(value: Any) -> Any:
    return _META if _is_distant(value) else value


def _from_data(func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """A tensor from numbers, made on the CPU and then moved: torch makes none from numbers on meta."""
    device = kwargs.pop("device", None)
    if name == "new_tensor":
        kwargs.setdefault("dtype", args[0].dtype)
        device = DEVICE if device is None and isinstance(args[0], Distant) else device
        func, args = torch.tensor, args[1:]
    elif device is None and args and isinstance(args[0], Distant):
        device = DEVICE
    made = func(*args, **kwargs)
    wanted = _is_distant(device) or (isinstance(device, torch.device) and device.type == _META.type)
    if wanted and not isinstance(made, Distant):
        return made.detach().to(_META).requires_grad_(made.requires_grad)
    return made if device is None or wanted else made.to(device)


def _no_numpy(tensor: Distant, *_: Any, **__: Any) -> Any:
    raise Misplaced("numpy() takes no tensor of the device: copy it with .cpu() first")


_FROM_DATA = frozenset(("tensor", "as_tensor", "asarray", "new_tensor"))
_TOLD: dict[str, Any] = {"device": DEVICE, "is_cuda": True, "is_meta": False, "is_cpu": False}
"""What a tensor of the device says of itself."""
_ANSWERS: dict[str, Any] = {
    "numpy": _no_numpy,
    "__array__": _no_numpy,
    "tolist": lambda tensor: tensor.elem.tolist(),
    "get_device": lambda tensor: 0,
    "cuda": lambda tensor, *_, **__: tensor,
    "type": lambda tensor, dtype=None, **_: _type(tensor, dtype),
    "data_ptr": lambda tensor: tensor.elem.data_ptr(),
    "is_pinned": lambda tensor, *_: False,
}
"""Methods that torch does not ask of a subclass, or that need CUDA."""


def _type(tensor: Distant, dtype: Any) -> Any:
    if dtype is None:
        return tensor.elem.type().replace("torch.", "torch.cuda.")
    return tensor.to(dtype) if isinstance(dtype, torch.dtype) else Distant(tensor.elem.type(dtype))
