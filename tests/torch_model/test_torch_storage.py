"""Tensors lie where the table says: each result is compared with the memory of the arguments."""

from __future__ import annotations

import pytest
import torch

from bufferlint.torch_model.api import (
    Argument,
    CallShape,
    Named,
    Result,
    Storage,
    is_tensor_method,
    method_mutates,
    method_storage,
    named,
    property_storage,
    returned_by,
    storage_of,
)
from tests.torch_model.torch_behaviour import agrees, run, shares_memory, stated, stated_storage, tensors_in
from tests.torch_model.torch_schemas import COMPOSITE_AND_FRESH, writes_self

_FAILURES = (TypeError, ValueError, RuntimeError, IndexError, AttributeError, AssertionError, ArithmeticError)
_ONE = ("x", "m", "i", "c", "y", "v", "[x, m]", "3", "(3,)")
_MORE = ("x, m", "x, 1", "x, 0", "x, i", "v, v", "i, i", "x, v", "x, (3,)", "x, m, m", "x, 1, 1", "x > 0, x, m")
_ARGUMENTS = ("", *_ONE, *_MORE)
_NAMESPACES = {"torch": torch, "torch.linalg": torch.linalg, "torch.fft": torch.fft, "torch.special": torch.special}

FRESH = """
torch.tensor([1.0])
torch.arange(3)
torch.ones(2)
torch.Tensor(2, 3)
torch.FloatTensor([1.0])
torch.matmul(x, m)
torch.linalg.multi_dot([x, m])
torch.conv1d(x, x.reshape(3, 3, 1))
torch.batch_norm(x, None, None, None, None, True, 0.1, 0.0, False)
torch.nn.functional.scaled_dot_product_attention(x, x, x)
torch.bilinear(x, x, x.reshape(1, 3, 3), None)
torch.take_along_dim(x, x.long() % 3, 0)
torch.max_pool2d(x.reshape(1, 3, 3), 1)
torch.linalg.matrix_power(x, 1)
torch.fft.fftn(c, dim=(0,))
torch.tile(x, (1, 1))
torch.repeat_interleave(x, 1)
torch.tensordot(x, m)
torch.cat([x])
torch.hstack([x])
torch.roll(x, 0)
torch.diag(x)
torch.unique(x)
torch.norm(x)
torch.nn.functional.pad(x, (0, 0))
torch.nn.functional.normalize(x)
torch.nn.functional.linear(x, m)
torch.nn.functional.one_hot(i)
torch.nn.functional.softmax(x, dim=0)
torch.nn.functional.log_softmax(x, dim=0)
torch.nn.functional.sigmoid(x)
torch.nn.functional.softsign(x)
torch.nn.functional.tanh(x)
torch.signal.windows.hann(4)
torch.signal.windows.kaiser(4)
x.clone()
x.repeat(1, 1)
x.new_zeros(2)
x.new_tensor([1.0])
x.to(torch.float32, copy=True)
x.unique()
x.norm()
x.__add__(0)
x.__radd__(0)
x.__truediv__(1)
x.__pow__(1)
x.__matmul__(m)
x.__neg__()
x.__abs__()
x.__reversed__()
""".strip().splitlines()

SHARED = """
torch.from_numpy(x.numpy())
torch.frombuffer(x.numpy(), dtype=torch.float32)
torch.from_dlpack(x)
torch.split(x, 1)
torch.chunk(x, 3)
torch.transpose(x, 0, 1)
torch.linalg.diagonal(x)
torch.nn.init.zeros_(x)
torch.relu_(x)
x.view(9)
x.t()
x.permute(1, 0)
x.expand(3, 3)
x.expand_as(x)
x.narrow(0, 0, 1)
x.select(0, 0)
x.squeeze()
x.unsqueeze(0)
x.detach()
x.chunk(3)
x.split(1)
x.unbind()
x.diagonal()
x.unfold(0, 2, 1)
x.broadcast_to(3, 3)
x.movedim(0, 1)
x.unflatten(0, (1, 3))
x.add_(1)
x.__iadd__(1)
x.requires_grad_()
x.share_memory_()
x.T
x.mT
x.H
x.data
x.real
c.imag
""".strip().splitlines()


@pytest.mark.parametrize("source", FRESH)
def test_fresh_memory(source: str) -> None:
    assert stated_storage(source) is Storage.FRESH
    assert not shares_memory(run(source))


@pytest.mark.parametrize("source", SHARED)
def test_shared_memory(source: str) -> None:
    assert stated_storage(source) is Storage.VIEW
    observed = run(source)
    moved = source == "x.share_memory_()"
    assert observed.value is observed.inputs["x"] if moved else shares_memory(observed)


def test_copies_on_request_and_results_written_elsewhere() -> None:
    assert storage_of("torch.ones", CallShape(1, frozenset({"out"}))) is Storage.MAYBE_SAME
    assert storage_of("torch.numel", CallShape(1)) is None
    assert storage_of("torch.Tensor", CallShape(1)) is Storage.MAYBE_SAME
    copied = CallShape(0, frozenset({"copy"}), frozenset({("copy", Argument.TRUE)}))
    assert method_storage("to", copied) is Storage.FRESH
    assert method_storage("to", CallShape(1)) is Storage.MAYBE_SAME
    assert property_storage("shape") is None


SOMETIMES_SHARED = {
    'torch.einsum("ij->ji", x)': 'torch.einsum("ij->i", x)',
    "torch.as_tensor(x)": "torch.as_tensor(x, dtype=torch.float64)",
    "torch.asarray(x)": "torch.asarray(x, dtype=torch.float64)",
    "torch.reshape(x, (9,))": "torch.reshape(x.t(), (9,))",
    "torch.dropout(x, 0.5, False)": "torch.dropout(x, 0.5, True)",
    "x.__getitem__(0)": "x.__getitem__(x > 2)",
    "x.contiguous()": "x.t().contiguous()",
    "x.flatten()": "x.t().flatten()",
    "x.float()": "i.float()",
    'x.to("cpu")': "x.to(torch.float64)",
    "x.type(torch.float32)": "x.type(torch.float64)",
    "x.type_as(x)": "x.type_as(i)",
}


@pytest.mark.parametrize(("shared", "copied"), SOMETIMES_SHARED.items())
def test_memory_that_may_be_shared(shared: str, copied: str) -> None:
    assert stated_storage(shared) is Storage.MAYBE_SAME
    assert stated_storage(copied) is Storage.MAYBE_SAME
    assert shares_memory(run(shared))
    assert not shares_memory(run(copied))


def _accepts(sources: list[str]) -> bool:
    """Whether torch accepts one of the calls; the first three that it does are checked against the table."""
    accepted = 0
    for source in sources:
        try:
            observed = run(source)
        except _FAILURES:
            continue
        accepted += 1
        returned, storage = stated(source), stated_storage(source)
        assert returned is None or agrees(returned, observed.value), f"{source}: {returned} is {observed.value!r}"
        if storage in (Storage.VIEW, Storage.FRESH) and list(tensors_in(observed.value)):
            assert shares_memory(observed) == (storage is Storage.VIEW), source
        if accepted == 3:
            break
    return accepted > 0


def _holds_tensors(name: str) -> bool:
    returned = returned_by(name, CallShape(1))
    holds = returned is not None and returned.result in (Result.TENSOR, Result.TUPLE, Result.SEQUENCE)
    return holds or storage_of(name, CallShape(1)) is not None


def test_every_function_that_takes_small_arguments() -> None:
    """Results and memory of all of torch's tensor functions that accept one of some simple argument lists."""
    public = {f"{home}.{name}" for home, module in _NAMESPACES.items() for name in vars(module) if name[0] != "_"}
    names = [name for name in sorted(public) if named(name) is Named.FUNCTION and _holds_tensors(name)]
    accepted = {name for name in names if _accepts([f"{name}({arguments})" for arguments in _ARGUMENTS])}
    assert len(accepted) > 500
    composite = {f"torch.{name}" for name in COMPOSITE_AND_FRESH} & set(names)
    assert len(composite & accepted) > 0.8 * len(composite)


def test_every_method_that_takes_small_arguments() -> None:
    names = [name for name in dir(torch.Tensor) if is_tensor_method(name) and not name.startswith("_")]
    receivers = [(receiver, arguments) for receiver in "xmicv" for arguments in ("", "x", "0", "1, 0", "0, 1")]
    accepted = [name for name in names if _accepts([f"{each}.{name}({arguments})" for each, arguments in receivers])]
    assert len(accepted) > 400


def test_a_method_is_named_after_what_it_does_in_place() -> None:
    beyond_memory = {"record_stream", "retain_grad"}
    methods = {name for name in dir(torch.Tensor) if is_tensor_method(name)} - beyond_memory
    assert not [name for name in methods if writes_self(name) and not method_mutates(name)]
