"""What a class asks of torch's functions and methods, answered as if ``cuda:0`` were there."""

from __future__ import annotations

import sys
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from bufferlint.verify.worker.cuda_answers import DEVICE, is_distant
from bufferlint.verify.worker.device_rules import tensors
from bufferlint.verify.worker.distant import META, Distant, Misplaced


class Named(TorchFunctionMode):
    """Notes which results a class asked to be on the CPU by name; tensors are real ones."""

    def __init__(self) -> None:
        super().__init__()
        self._named: dict[int, torch.Tensor] = {}
        self._read: dict[int, torch.device] = {}

    def is_named(self, tensor: torch.Tensor) -> bool:
        """Returns whether the class said by name that the tensor is to be on the CPU: ``.cpu()``, ``device="cpu"``."""
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
        """Returns whether a call says in so many words that its result is to be on the CPU, not by another tensor's
        device."""
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
        if name in _MOVING and args and _goes_there(name, args, kwargs):
            return _moved(args[0], name, args, kwargs)
        if name in ("__getitem__", "__setitem__"):
            args = (args[0], _index(args[1]), *args[2:])
        if name == "ctc_loss":  # which torch computes otherwise for subclasses: the lengths stay on the CPU
            args = (
                *args[:2],
                *(each.tolist() if isinstance(each, torch.Tensor) else each for each in args[2:4]),
                *args[4:],
            )
        if isinstance(kwargs.get("device"), int):
            kwargs["device"] = DEVICE if is_distant(kwargs["device"]) else kwargs["device"]
        return func(*map(_meant, args), **{key: _meant(value) for key, value in kwargs.items()})

    def _read_off(self, func: Any, args: Any) -> Any:
        attribute = getattr(func.__self__, "__name__", "")
        if isinstance(args[0], Distant) and attribute in _TOLD:
            return _TOLD[attribute]
        return super()._read_off(func, args)


def _meant(value: Any) -> Any:
    """A value of a call as torch is to have it; a number need not be a device."""
    return META if not isinstance(value, int) and is_distant(value) else value


def _goes_there(name: str, args: Any, kwargs: dict[str, Any]) -> bool:
    """Returns whether a call moves a tensor of the CPU to the device in a way that torch has not without CUDA."""
    if isinstance(args[0], Distant) or not isinstance(args[0], torch.Tensor):
        return False
    asked = kwargs.get("device", args[1] if len(args) > 1 else None)
    if name == "cuda":
        return asked is None or is_distant(asked)
    if name == "type":
        return isinstance(asked, str) and asked.startswith("torch.cuda.")
    return isinstance(asked, int) and is_distant(asked)


def _moved(tensor: torch.Tensor, name: str, args: Any, kwargs: dict[str, Any]) -> Any:
    if name == "type":
        return tensor.type(args[1].replace("torch.cuda.", "torch.")).to(META)
    rest = args[2:] if name == "to" else ()
    return tensor.to(META, *rest, **{key: value for key, value in kwargs.items() if key != "device"})


def _index(value: Any) -> Any:
    """An index without lists and arrays, of which torch makes tensors of the device, and none on meta."""
    if isinstance(value, tuple):
        return tuple(map(_index, value))
    numpy: Any = sys.modules.get("numpy")
    is_array = numpy is not None and isinstance(value, numpy.ndarray)
    return torch.tensor(value) if is_array or (isinstance(value, list) and value and _is_flat(value)) else value


def _is_flat(value: list[Any]) -> bool:
    return all(isinstance(each, bool | int) or (isinstance(each, list) and _is_flat(each)) for each in value)


def _numpy(tensor: Distant, *_: Any, force: bool = False, **__: Any) -> Any:
    return tensor.elem.numpy(force=True) if force else _no_numpy(tensor)


def _new(tensor: Distant, *args: Any, **kwargs: Any) -> Any:
    return tensor.elem.new(*args, **kwargs).to(META)


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
    wanted = is_distant(device) or (isinstance(device, torch.device) and device.type == META.type)
    if wanted and not isinstance(made, Distant):
        return made.detach().to(META).requires_grad_(made.requires_grad)
    return made if device is None or wanted else made.to(device)


def _no_numpy(tensor: Distant, *_: Any, **__: Any) -> Any:
    raise Misplaced("numpy() takes no tensor of the device: copy it with .cpu() first")


_MOVING = frozenset(("cuda", "to", "type"))
_FROM_DATA = frozenset(("tensor", "as_tensor", "asarray", "new_tensor"))
_TOLD: dict[str, Any] = {"device": DEVICE, "is_cuda": True, "is_meta": False, "is_cpu": False}
"""What a tensor of the device says of itself."""
_ANSWERS: dict[str, Any] = {
    "numpy": _numpy,
    "new": _new,
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
