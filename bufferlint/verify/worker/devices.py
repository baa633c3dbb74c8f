"""Which accelerator this machine has, across torch 2.1 to 2.13."""

from __future__ import annotations

from typing import Any

import torch

STAND_IN = "stand-in without an accelerator: tensors that say they are on cuda:0 and compute on the CPU"


class Unusable(ValueError):
    """The recipe names a device that this machine's torch cannot use."""


def accelerator(wanted: str | None) -> torch.device | None:
    """The device to move to; None for the stand-in, which ``wanted = "meta"`` asks for. Raises `Unusable`."""
    if wanted is None:
        return available()
    try:
        device = torch.device(wanted)
        if device.type in ("cpu", "meta"):
            return None
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, ValueError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise Unusable(f"device '{wanted}' cannot be used here: {reason}; leave it out to use the stand-in") from error
    return device


def describe(device: torch.device | None) -> str:
    """The device in words."""
    if device is None:
        return STAND_IN
    backend: Any = getattr(torch, device.type, None)
    name = getattr(backend, "get_device_name", None)
    return f"{device} ({name(device)})" if name else str(device)


def barred() -> bool:
    """Returns whether this process was forked from one that asked for accelerators, which bars it from them."""
    backends: tuple[Any, ...] = (torch.cuda, getattr(torch, "xpu", None), getattr(torch, "mps", None))
    return any(backend._is_in_bad_fork() for backend in backends if hasattr(backend, "_is_in_bad_fork"))


def available() -> torch.device | None:
    """The first accelerator of this machine: `torch.accelerator` (2.6) knows; before it each backend was asked."""
    newer: Any = getattr(torch, "accelerator", None)
    if newer is not None:
        found: torch.device | None = newer.current_accelerator() if newer.is_available() else None
        return torch.device(found.type, 0) if found is not None else None
    backends: tuple[tuple[str, Any], ...] = (
        ("cuda", torch.cuda),
        ("xpu", getattr(torch, "xpu", None)),
        ("mps", getattr(torch.backends, "mps", None)),
    )
    for kind, backend in backends:
        if backend is not None and backend.is_available():
            return torch.device(kind, 0)
    return None
