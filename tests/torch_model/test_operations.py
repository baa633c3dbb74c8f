"""What the tables say of operations is what torch does."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch

from bufferlint.torch_model import dtype_table, operations, table
from bufferlint.torch_model.operations import Operation


def test_nobody_edited_the_table_of_dtypes() -> None:
    text = Path(dtype_table.__file__).read_text(encoding="utf-8")
    assert hashlib.sha256(text[text.index("\nINTEGER = ") :].encode()).hexdigest() == dtype_table.DIGEST
    assert dtype_table.TORCH_VERSION == table.TORCH_VERSION


FACTORIES = """
torch.zeros torch.empty_permuted torch.signal.windows.blackman torch.linspace
torch.from_numpy torch.fft.rfftfreq
"""


@pytest.mark.parametrize("name", FACTORIES.split())
def test_factories(name: str) -> None:
    assert Operation.FACTORY in operations.of(name)


@pytest.mark.parametrize("name", ["torch.zeros_like", "torch.Tensor.triu", "torch.as_tensor", "torch.cat", "torch.no"])
def test_what_takes_a_tensor_is_no_factory(name: str) -> None:
    assert Operation.FACTORY not in operations.of(name)


@pytest.mark.parametrize(
    ("name", "calls"),
    [
        ("argmax", lambda x: torch.argmax(x)),
        ("torch.Tensor.bool", lambda x: x.bool()),
        ("torch.triu_indices", lambda x: torch.triu_indices(3, 3)),
        ("torch.bucketize", lambda x: torch.bucketize(x, torch.arange(3.0))),
    ],
)
def test_integers_whatever_is_given(name: str, calls: object) -> None:
    assert callable(calls)
    assert not calls(torch.ones(3)).is_floating_point()
    assert Operation.INTEGER in operations.of(name)


def test_integers_are_kept_unless_a_number_is_a_float() -> None:
    ones = torch.ones(3, dtype=torch.int64)
    assert Operation.KEEPS_INTEGER in operations.of("torch.Tensor.flip")
    assert Operation.PROMOTES in operations.of("torch.clamp")
    assert torch.clamp(ones, 0.5).is_floating_point()
    assert not torch.clamp(ones, 1).is_floating_point()
    assert Operation.KEEPS_INTEGER in operations.of("torch.Tensor.masked_fill")
    assert not ones.masked_fill(ones == 1, 3.0).is_floating_point()
    assert not operations.of("torch.sqrt") & (Operation.KEEPS_INTEGER | Operation.PROMOTES)


def test_what_works_in_place_keeps_the_dtype() -> None:
    assert Operation.KEEPS_INTEGER in operations.of("torch.Tensor.mul_")
    assert Operation.INTEGER not in operations.of("torch.Tensor.eq_")


def test_named_members() -> None:
    solved = torch.linalg.lstsq(torch.eye(2), torch.ones(2, 1))
    assert operations.members("torch.linalg.lstsq") == type(solved).__match_args__
    assert operations.members("torch.Tensor.max") == ("values", "indices")
    assert operations.members("torch.svd") == ("U", "S", "V")
    assert operations.members("torch.zeros") == ()
