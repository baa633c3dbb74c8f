"""What a module holds, and whether two modules hold the same, bit for bit."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy


class Role(Enum):
    PARAMETER = "parameter"
    PERSISTENT = "persistent buffer"
    NON_PERSISTENT = "non-persistent buffer"
    PLAIN = "plain tensor"


@dataclass(frozen=True)
class Held:
    """One tensor of a module; ``bits`` are its values as bytes."""

    role: Role
    dtype: torch.dtype
    shape: tuple[int, ...]
    stride: tuple[int, ...]
    requires_grad: bool
    bits: bytes


def held(module: nn.Module) -> dict[str, Held]:
    """All tensors of a module and its submodules, by dotted name."""
    found: dict[str, Held] = {}
    for prefix, part in module.named_modules():
        for name, (role, value) in _own(part).items():
            found[f"{prefix}.{name}"] = describe(value, role)
    return found


def describe(value: Tensor, role: Role = Role.PLAIN) -> Held:
    sparse = value.layout is not torch.strided
    dense = (value.to_dense() if sparse else value).detach().resolve_conj().contiguous().reshape(-1)
    bits = bytes(dense.view(torch.uint8).tolist()) if value.numel() else b""
    return Held(role, value.dtype, tuple(value.shape), () if sparse else value.stride(), value.requires_grad, bits)


def _own(module: nn.Module) -> dict[str, tuple[Role, Tensor]]:
    roles: list[tuple[str, Role, object]] = [(n, Role.PARAMETER, v) for n, v in module._parameters.items()]
    for name, buffer in module._buffers.items():
        kept = name not in module._non_persistent_buffers_set
        roles.append((name, Role.PERSISTENT if kept else Role.NON_PERSISTENT, buffer))
    roles += [(name, Role.PLAIN, value) for name, value in vars(module).items()]
    return {name: (role, value) for name, role, value in roles if isinstance(value, Tensor) and not is_lazy(value)}
