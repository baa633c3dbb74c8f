"""What a buffer adds to a checkpoint is said where the code says how large it is."""

from __future__ import annotations

import pytest
import torch

from tests.memory import check

_MODULE = """
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, n=4096):
        super().__init__()
        self.mask = {value}
"""


@pytest.mark.parametrize(
    "value",
    [
        "torch.triu(torch.ones(2048, 2048), diagonal=1)",
        "torch.zeros((1024, 2048), dtype=torch.bool)",
        "torch.ones(2048, 2048).tril().bool()",
        "torch.rand([1024, 1024]).unsqueeze(0).double()",
    ],
)
def test_the_estimate_is_what_torch_takes(value: str) -> None:
    made: torch.Tensor = eval(value, {"torch": torch})
    size = made.numel() * made.element_size() / 2**20

    assert f"({size:.0f} MiB in each checkpoint)" in _message(value)


@pytest.mark.parametrize("value", ["torch.ones(4, 4)", "torch.ones(n, n)", "torch.ones(2048, 2048) @ torch.ones(2048)"])
def test_no_estimate_of_what_is_small_or_not_known(value: str) -> None:
    assert "MiB" not in _message(value)


def _message(value: str) -> str:
    (finding,) = check({"net.py": _MODULE.format(value=value)}).findings
    assert finding.fix is not None
    return finding.fix.message
