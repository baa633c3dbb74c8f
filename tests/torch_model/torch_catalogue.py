"""Walks torch's namespaces: which names stand for one thing, and what kind of thing it is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch.distributions import Distribution, ReshapeTransform, Transform
from torch.nn.utils.rnn import PackedSequence
from torch.utils.data import TensorDataset

_PACKAGES = ("torch.nn.modules", "torch.distributions", "torch.optim")
"""Packages whose submodules are namespaces too."""

_NAMESPACES = """
torch torch._tensor torch.accelerator torch.amp torch.ao.nn.intrinsic torch.ao.nn.qat torch.ao.nn.quantizable
torch.ao.nn.quantized torch.ao.nn.quantized.dynamic torch.ao.quantization torch.autograd torch.autograd.function
torch.autograd.functional torch.cpu torch.cuda torch.cuda.amp torch.distributed torch.distributed.fsdp torch.fft
torch.func torch.functional torch.fx torch.jit torch.linalg torch.masked torch.mps torch.nested torch.nn
torch.nn.attention torch.nn.functional torch.nn.init torch.nn.parallel torch.nn.parallel.distributed
torch.nn.parameter torch.nn.utils torch.nn.utils.parametrizations torch.nn.utils.parametrize torch.nn.utils.rnn
torch.overrides torch.quasirandom torch.random torch.serialization torch.signal.windows torch.sparse torch.special
torch.testing torch.types torch.utils.checkpoint torch.utils.data torch.utils.data.dataloader
torch.utils.data.dataset torch.utils.data.distributed torch.utils.data.sampler torch.utils.dlpack
"""
_FUNCTIONS_ONLY = frozenset({"torch.distributed"})
"""Namespaces whose other contents depend on how torch was built."""

_HOLDERS = (Distribution, Transform, PackedSequence, TensorDataset)
_CONSTANTS = (torch.dtype, torch.layout, torch.memory_format, torch.qscheme, torch.Generator)
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)


@dataclass(frozen=True)
class Thing:
    """Something that torch exports: its shortest public name first, then the other names, and what it is."""

    names: tuple[str, ...]
    kind: str
    value: object


def namespaces() -> list[str]:
    """The Python modules whose names the table knows."""
    found = set(_NAMESPACES.split()) | set(_PACKAGES)
    for package in _PACKAGES:
        paths = importlib.import_module(package).__path__
        found.update(f"{package}.{module.name}" for module in pkgutil.iter_modules(paths) if module.name[0] != "_")
    return sorted(found)


def things() -> list[Thing]:
    """Everything in the namespaces that has a kind, in the order of its name."""
    by_identity: dict[tuple[int, str], tuple[list[str], str, object]] = {}
    for namespace in namespaces():
        for tail, value in vars(importlib.import_module(namespace)).items():
            kind = _kind(namespace, tail, value)
            if kind:
                by_identity.setdefault((id(value), tail), ([], kind, value))[0].append(f"{namespace}.{tail}")
    found = [Thing(_ordered(names, value), kind, value) for names, kind, value in by_identity.values()]
    return sorted(found, key=lambda thing: thing.names)


def _ordered(names: list[str], value: object) -> tuple[str, ...]:
    """Public before private, few dots before many, the place of definition before others."""
    home = getattr(value, "__module__", None)
    private = {name: any(part.startswith("_") for part in name.split(".")) for name in names}
    key = {name: (private[name], name.count("."), name.rpartition(".")[0] != home, name) for name in names}
    return tuple(sorted(names, key=key.__getitem__))


def _kind(namespace: str, tail: str, value: object) -> str:
    """The name of a member of `torch_api.Named`, or nothing for what the table leaves out."""
    if type(value) in _FUNCTIONS:
        return "FUNCTION" if not tail.startswith("_") and _is_of_torch(value, namespace) else ""
    if namespace in _FUNCTIONS_ONLY:
        return ""
    if isinstance(value, type):
        return _class_kind(tail, value) if _is_of_torch(value, namespace) else ""
    if namespace != "torch" or (tail.startswith("_") and tail != "__version__"):
        return ""
    if tail == "__version__" or isinstance(value, _CONSTANTS):
        return "OTHER"
    return "NUMBER" if isinstance(value, float) else ""


def _is_of_torch(value: object, namespace: str) -> bool:
    """Whether a function or class is torch's own, no internal of its compiler and nothing that a submodule imported."""
    home = getattr(value, "__module__", None) or "torch"
    if namespace.startswith(("torch.distributions.", "torch.optim.")):
        return home == namespace
    if type(value).__name__ == "pybind11_type" and (home == "torch" or home.startswith("torch._C")):
        return False
    return home.split(".")[0] == "torch"


def _class_kind(tail: str, value: type) -> str:
    is_module = issubclass(value, torch.nn.Module)
    if tail.startswith("_") and not is_module:
        return ""
    if is_module:
        return "MODULE_CLASS"
    if value in (torch.nn.Parameter, torch.nn.UninitializedParameter):
        return "PARAMETER_CLASS"
    if value in (torch.nn.Buffer, torch.nn.UninitializedBuffer):
        return "BUFFER_CLASS"
    if type(value).__name__ == "tensortype" or issubclass(value, torch.Tensor) or value is torch.autograd.Variable:
        return "TENSOR_CLASS"
    return "HOLDER_CLASS" if issubclass(value, _HOLDERS) and not _holds_nothing(value) else "OTHER_CLASS"


def _holds_nothing(value: type) -> bool:
    """Whether it is a transform that is given no tensor: one of sizes, or of nothing but the size of its cache."""
    given = inspect.signature(value).parameters.keys() - {"cache_size"}
    return issubclass(value, Transform) and (not given or value is ReshapeTransform)


def module_classes(catalogue: list[Thing]) -> Iterator[tuple[str, type[torch.nn.Module]]]:
    """The module classes with their shortest public names."""
    for thing in catalogue:
        if isinstance(thing.value, type) and issubclass(thing.value, torch.nn.Module):
            yield thing.names[0], thing.value
