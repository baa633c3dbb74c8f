"""Which attributes torch's module classes have: the class's own names, and what its ``__init__`` sets, by role."""

from __future__ import annotations

import inspect
import warnings

import torch
from torch import nn

from tests.torch_model.torch_catalogue import Thing, module_classes

Attributes = tuple[list[str], ...]
"""Names at class level, and unless construction failed: parameters, buffers, modules, plain attributes."""

_SPECIAL_ARGUMENTS: dict[str, tuple[object, ...]] = {
    "AdaptiveLogSoftmaxWithLoss": (4, 8, [2]),
    "ChannelShuffle": (1,),
    "FractionalMaxPool2d": (1, 1),
    "FractionalMaxPool3d": (1, 1),
    "MultiheadAttention": (2, 1),
    "ParametrizationList": ([nn.Identity()], nn.Parameter(torch.ones(1))),
    "RNN": (1, 1),
    "GRU": (1, 1),
    "LSTM": (1, 1),
    "RNNBase": ("LSTM", 1, 1),
    "RNNCellBase": (1, 1, True, 4),
    "TransformerDecoder": (nn.Identity(), 1),
    "TransformerEncoder": (nn.TransformerEncoderLayer(2, 1, 2), 1),
    "Transformer": (2, 1, 1, 1, 2),
    "TransformerDecoderLayer": (2, 1, 2),
    "TransformerEncoderLayer": (2, 1, 2),
    "Unflatten": (1, (1, 1)),
}
_EXPECTED_FAILURES = (
    TypeError,
    ValueError,
    RuntimeError,
    AttributeError,
    NotImplementedError,
    AssertionError,
    IndexError,
)


def module_names() -> list[str]:
    """The names that nn.Module defines: its class's and those that its ``__init__`` sets."""
    return _public(set(dir(nn.Module)) | set(vars(nn.Module())))


def module_attributes(catalogue: list[Thing]) -> dict[str, Attributes]:
    """The attributes of each module class under torch.nn, those that wrap a model for training left out."""
    return {
        name: _attributes(cls)
        for name, cls in module_classes(catalogue)
        if name.startswith("torch.nn.") and not name.startswith("torch.nn.parallel.") and cls is not nn.Module
    }


def _public(names: set[str]) -> list[str]:
    return sorted(name for name in names if not name.startswith(("__", "_abc_", "_is_protocol")))


def _attributes(cls: type[nn.Module]) -> Attributes:
    inherited = set(module_names())
    class_level = _public(set(dir(cls)) - inherited)
    instance = _instance(cls)
    if instance is None:
        return (class_level,)
    registered = (set(instance._parameters), set(instance._buffers), set(instance._modules))
    plain = set(vars(instance)) - inherited
    return (class_level, *(_public(names - inherited) for names in (*registered, plain)))


def _instance(cls: type[nn.Module]) -> nn.Module | None:
    """The class built with small arguments; None when it takes others than small numbers."""
    arguments = _SPECIAL_ARGUMENTS.get(cls.__name__)
    if arguments is None:
        parameters = list(inspect.signature(cls.__init__).parameters.values())[1:]
        named = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        arguments = (1,) * sum(item.kind in named and item.default is item.empty for item in parameters)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return cls(*arguments)
        except _EXPECTED_FAILURES:
            return None
