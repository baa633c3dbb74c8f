"""Versions that layers of torch give their part of a state_dict: ``nn.Module._version``, where it is not 1."""

from __future__ import annotations

from bufferlint.torch_model import api as torch_api

PLAIN = 1
_VERSIONS = dict.fromkeys(
    (
        "torch.nn.BatchNorm1d", "torch.nn.BatchNorm2d", "torch.nn.BatchNorm3d", "torch.nn.InstanceNorm1d",
        "torch.nn.InstanceNorm2d", "torch.nn.InstanceNorm3d", "torch.nn.LazyBatchNorm1d", "torch.nn.LazyBatchNorm2d",
        "torch.nn.LazyBatchNorm3d", "torch.nn.LazyInstanceNorm1d", "torch.nn.LazyInstanceNorm2d",
        "torch.nn.LazyInstanceNorm3d", "torch.nn.SyncBatchNorm",
    ),
    2,
)  # fmt: skip
"""Read off torch 2.13; a test compares them with the torch that is installed."""


def state_version(name: str) -> int | None:
    """The version of a class of ``torch.nn``; None for a class from elsewhere."""
    canonical = torch_api.canonical(name)
    return _VERSIONS.get(canonical, PLAIN) if canonical.startswith("torch.nn.") else None
