"""Each call gives what the table says: a sample of calls is run, and its results are compared."""

from __future__ import annotations

import pytest

from bufferlint.torch_model.api import (
    Argument,
    CallShape,
    Result,
    Returned,
    method_mutates,
    method_returned,
    mutates,
    returned_by,
)
from tests.torch_model.torch_behaviour import agrees, run, stated

TENSOR, NUMBER = Returned(Result.TENSOR), Returned(Result.NUMBER)
PAIR = Returned(Result.TUPLE, (TENSOR, TENSOR))

CALLS = """
torch.triu(x)
torch.triu(torch.ones(3, 3), diagonal=1)
torch.ones(3, 3)
torch.zeros(2, dtype=torch.long)
torch.arange(0, 10, 2)
torch.linspace(0, 1, 5)
torch.full((2, 2), 1.0)
torch.eye(3)
torch.tensor([1, 2])
torch.as_tensor([1.0])
torch.from_numpy(x.numpy())
torch.randperm(4)
torch.rand(3)
torch.stack([x, x])
torch.cat((x, x), dim=0)
torch.einsum("ij,jk->ik", x, x)
torch.functional.einsum("ij->ji", x)
torch.linalg.inv(m)
torch.linalg.qr(m)
torch.linalg.svd(m)
torch.linalg.eigh(m)
torch.linalg.slogdet(m)
torch.linalg.norm(x)
torch.fft.rfft(x)
torch.fft.fftfreq(4)
torch.special.i0(x)
torch.special.logsumexp(x, 0)
torch.nn.functional.one_hot(torch.tensor([0, 1]))
torch.nn.functional.softmax(x, dim=-1)
torch.nn.functional.sigmoid(x)
torch.nn.functional.pad(x, (1, 1))
torch.nn.functional.normalize(x, dim=0)
torch.nn.functional.logsigmoid(x)
torch.nn.functional.max_pool1d(x, 2)
torch.nn.functional.max_pool1d(x, 2, return_indices=True)
torch.nn.functional.adaptive_max_pool1d(x, 2, return_indices=True)
torch.nn.functional.embedding(torch.tensor([0]), x)
torch.nn.init.xavier_uniform_(torch.empty(2, 2))
torch.nn.init.calculate_gain("relu")
torch.signal.windows.hann(5)
torch.hann_window(5)
torch.stft(torch.ones(64), n_fft=16, window=torch.ones(16), return_complex=True)
torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
torch.max(x)
torch.max(x, 0)
torch.max(x, dim=0)
torch.max(x, axis=0)
torch.max(x, x)
torch.min(input=x, dim=1, keepdim=True)
torch.median(x)
torch.median(x, 1)
torch.sort(x)
torch.topk(x, 2)
torch.std_mean(x)
torch.split(x, 1)
torch.unbind(x)
torch.chunk(x, 2)
torch.where(x > 0)
torch.where(x > 0, x, x)
torch.where(x > 0, 1.0, 0.0)
torch.unique(x)
torch.unique(x, return_inverse=True)
torch.unique(x, return_counts=True, return_inverse=True)
torch.unique_consecutive(x, return_counts=True)
torch.nonzero(x)
torch.nonzero(x, as_tuple=True)
torch.atleast_1d(x)
torch.atleast_2d(x, x)
torch.atleast_3d([x, x])
torch.block_diag(x, x)
torch.broadcast_shapes((1, 3), (2, 1))
torch.broadcast_tensors(x, x)
torch.cdist(x, x)
torch.norm(x)
torch.tensordot(x, x)
torch.cartesian_prod(torch.arange(2), torch.arange(2))
torch.autograd.Variable(x)
torch.FloatTensor([1.0])
torch.Tensor(2, 3)
torch.sparse.mm(x.to_sparse(), x)
torch.nn.utils.rnn.pad_sequence([x[0], x[1]])
torch.nn.utils.parameters_to_vector([x])
torch.is_tensor(x)
torch.numel(x)
torch.allclose(x, x)
torch.device("cpu")
torch.Generator()
torch.Size([1, 2])
torch.finfo(torch.float32)
torch.iinfo(torch.int32)
torch.get_default_dtype()
torch.get_default_device()
torch.manual_seed(0)
torch.seed()
torch.initial_seed()
torch.cuda.is_available()
torch.cuda.device_count()
torch.get_rng_state()
torch.is_grad_enabled()
torch.set_printoptions(precision=4)
torch.promote_types(torch.int32, torch.float32)
torch.optim.SGD([x], lr=1.0)
torch.utils.data.DataLoader([1])
torch.no_grad()
x.to(torch.float64)
x.to("cpu")
x.float()
x.cdouble()
x.view(9)
x.t()
x.max()
x.max(1)
x.max(dim=1)
x.min(x)
x.sort()
y.item()
x.numpy()
x.tolist()
x.size()
x.size(0)
x.size(dim=0)
x.stride()
x.stride(0)
x.dim()
x.numel()
x.chunk(3)
x.split(1)
x.unbind()
x.type()
x.type(torch.float64)
x.unique(return_counts=True)
x.nonzero(as_tuple=True)
x.is_contiguous()
x.data_ptr()
x.new_zeros(2)
x.clone()
x.masked_fill(x > 0, 0.0)
x.storage_offset()
x.untyped_storage()
x.share_memory_()
x.is_shared()
x.to_sparse_coo()
x.dim_order()
g.register_hook(print)
x.__len__()
x.__reversed__()
x.__eq__(x)
x.__pos__()
x.__array__()
x.T
x.mT
x.H
x.real
x.data
x.grad
x.grad_fn
x.shape
x.device
x.dtype
x.layout
x.ndim
x.requires_grad
x.is_cuda
x.nbytes
""".strip().splitlines()


@pytest.mark.parametrize("source", CALLS)
def test_a_call_gives_what_the_table_says(source: str) -> None:
    returned = stated(source)
    value = run(source).value
    assert returned is not None
    assert agrees(returned, value), f"{returned} but it is {value!r}"


def test_an_argument_that_may_be_either_leaves_the_result_open() -> None:
    assert returned_by("torch.max", CallShape(2)) is None
    assert returned_by("torch.max", CallShape(2, known=frozenset({(1, Argument.NUMBER)}))) == PAIR
    assert returned_by("torch.max", CallShape(2, known=frozenset({(1, Argument.TENSOR)}))) == TENSOR
    assert returned_by("torch.max", CallShape(1, open=True)) is None
    assert returned_by("torch.unique", CallShape(1, frozenset({"return_inverse"}))) is None
    assert method_returned("size", CallShape(1)) == NUMBER
    assert method_returned("type", CallShape(1)) == TENSOR


def test_what_works_in_place() -> None:
    once = CallShape(1)
    assert mutates("torch.nn.init.ones_", once)
    assert mutates("torch.relu_", once)
    assert mutates(
        "torch.nn.functional.relu", CallShape(1, frozenset({"inplace"}), frozenset({("inplace", Argument.TRUE)}))
    )
    assert not mutates("torch.nn.functional.relu", once)
    assert not mutates("torch.ones", once)
    assert method_mutates("add_") and method_mutates("__iadd__") and method_mutates("requires_grad_")
    assert not method_mutates("add") and not method_mutates("__init__") and not method_mutates("__invert__")
