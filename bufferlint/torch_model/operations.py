"""What an operation of torch does with its operands: dtype, layout, gradient, shape. One table for each fact.

Functions are asked for by qualified name in any of torch's spellings, methods of Tensor as ``torch.Tensor.triu``.
Generated tables come first; a set here completes one with what no sample of torch's own tests shows.
"""

from __future__ import annotations

import functools
from collections.abc import Set
from enum import Flag, auto

from bufferlint.torch_model import dtype_table, table
from bufferlint.torch_model.api import canonical


class Operation(Flag):
    """What an operation does. Names of methods stand for functions of the same name too."""

    NOTHING = 0
    FACTORY = auto()
    """It makes a tensor out of no other: ``zeros``, ``signal.windows.hann``."""
    INTEGER = auto()
    """It gives integers or bools whatever it is given."""
    KEEPS_INTEGER = auto()
    """It gives integers or bools for tensors of such."""
    PROMOTES = auto()
    """As `KEEPS_INTEGER`, unless a number among the arguments is a float."""
    COMPLEX = auto()
    REAL = auto()
    CUTS_GRADIENT = auto()
    """Its result requires no gradient."""
    MANY_OPERANDS = auto()
    """Every argument may be a tensor that requires a gradient."""
    LIKE = auto()
    """It takes no more from a tensor than its shape, dtype and device."""
    GROWS = auto()
    """It may give dimensions to what has none."""
    EXPANDS = auto()
    """Several elements of its result may lie in one place."""
    REORDERS = auto()
    """Its result is not contiguous."""
    CUTS = auto()
    """Its result is a part of a larger storage."""
    SPARSE = auto()
    """Its result is of a sparse layout."""
    DENSE = auto()
    """Its result is of no sparse layout, though the operand may be."""
    REDUCES = auto()
    """Without ``dim`` its result has no dimensions."""


_REVIEWED = {
    Operation.INTEGER: "tril_indices triu_indices randperm",
    Operation.KEEPS_INTEGER: """
        constant_pad_nd copy_ cpu cuda data detach detach_ expand fill full_like index_fill masked_fill new_full
        pin_memory positive requires_grad_ scatter to type unfold
        """,  # a value that is filled in takes the dtype of the tensor
    Operation.REAL: "istft fft.fftfreq fft.rfftfreq",
    Operation.COMPLEX: "stft",
    Operation.CUTS_GRADIENT: "detach detach_ data tensor grad",
    Operation.MANY_OPERANDS: """
        matmul mm bmm mv einsum cat concat concatenate stack where dot outer kron tensordot maximum minimum cross
        cdist addmm lerp hstack vstack dstack column_stack row_stack block_diag conv1d conv2d conv3d linalg.matmul
        linalg.multi_dot cartesian_prod addcmul addcdiv baddbmm inner vdot
        """,
    Operation.LIKE: """
        zeros_like ones_like empty_like rand_like randn_like randint_like full_like new_zeros new_ones new_full
        new_empty new_tensor new_empty_strided
        """,
    Operation.GROWS: """
        repeat tile expand stack cat unsqueeze view reshape expand_as broadcast_to new_zeros new_ones new_full
        new_empty new_tensor outer unsqueeze_ atleast_1d atleast_2d atleast_3d hstack vstack dstack column_stack
        row_stack concat concatenate meshgrid repeat_interleave flatten ravel diag expand_copy unsqueeze_copy
        diag_embed diagflat cartesian_prod kron ger view_as reshape_as nn.functional.one_hot nn.functional.pad
        block_diag unique
        """,
    Operation.EXPANDS: "expand expand_as broadcast_to broadcast_tensors meshgrid",
    Operation.REORDERS: "t T mT H mH transpose permute movedim moveaxis swapaxes swapdims adjoint",
    Operation.CUTS: """
        chunk split unbind select narrow diagonal tensor_split hsplit vsplit dsplit split_with_sizes unsafe_chunk
        unsafe_split
        """,
    Operation.SPARSE: """
        sparse_coo_tensor sparse_csr_tensor sparse_csc_tensor sparse_bsr_tensor sparse_bsc_tensor
        sparse_compressed_tensor sparse_mask to_sparse to_sparse_coo to_sparse_csr to_sparse_csc to_sparse_bsr
        to_sparse_bsc sparse.spdiags
        """,
    Operation.DENSE: """
        to_dense indices _indices values _values crow_indices col_indices ccol_indices row_indices
        """,
    Operation.REDUCES: """
        sum mean prod max min amax amin std var norm median nanmedian nansum nanmean argmax argmin all any
        count_nonzero linalg.norm linalg.vector_norm
        """,
}


_LAYERS = (
    "Linear", "Bilinear", "Conv", "LazyConv", "LazyLinear", "Dropout", "AlphaDropout", "Embedding", "BatchNorm",
    "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm", "ReLU", "GELU", "SiLU", "ELU", "Sigmoid", "Tanh", "Softmax",
    "LogSoftmax", "Softplus", "LeakyReLU", "PReLU", "Mish", "Hardtanh", "Hardswish", "AvgPool", "Identity", "Flatten",
    "Unflatten", "Upsample", "ZeroPad", "ReflectionPad", "ReplicationPad", "ConstantPad", "PixelShuffle", "Unfold",
    "Fold", "AdaptiveAvgPool", "ChannelShuffle",
)  # fmt: skip
"""Beginnings of the names of layers that take one tensor and give one."""


_UFUNCS = frozenset({
    "log", "log2", "log10", "log1p", "exp", "exp2", "expm1", "sqrt", "cbrt", "square", "abs", "absolute", "negative",
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "floor", "ceil", "rint", "reciprocal",
    "add", "subtract", "multiply", "divide", "power", "maximum", "minimum",
})  # fmt: skip


def of(name: str) -> Operation:
    """Returns what the operation of a name does."""
    short = _short(name)
    facts = _facts().get(short, Operation.NOTHING)
    if short not in _facts() and short.endswith("_") and not short.endswith("__"):
        facts = _facts().get(short[:-1], Operation.NOTHING) & ~(Operation.INTEGER | Operation.REDUCES)
        facts |= Operation.KEEPS_INTEGER  # what works in place cannot change the dtype
    return facts


def is_integer_cast(name: str) -> bool:
    """Returns whether a method casts to a dtype without fractions."""
    return _short(name) in ("bool", "int", "long", "short", "byte", "char")


def is_integer_dtype(name: str | None) -> bool:
    """Returns whether a name of torch is a dtype without fractions."""
    package, _, last = (name or "").rpartition(".")
    return package == "torch" and last in _INTEGER_DTYPES


def maps_tensor(layer: str) -> bool:
    """Returns whether a layer takes one tensor and gives one."""
    return layer.rpartition(".")[2].startswith(_LAYERS)


_INTEGER_DTYPES = frozenset({
    "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "short", "int", "long",
})  # fmt: skip
_OF_TENSORS_ALONE = frozenset({
    "unsqueeze", "masked_fill", "index_select", "type_as", "expand_as", "view_as", "repeat_interleave", "log_softmax",
    "amax", "amin", "clamp", "permute", "triu", "tril", "sigmoid", "rsqrt", "masked_select", "index_add", "index_fill",
    "unbind", "long", "new_zeros", "new_ones", "new_full", "new_empty", "new_tensor",
})  # fmt: skip
_WITH_DIM = frozenset({"norm", "softmax", "cumsum", "cumprod", "argsort", "logsumexp"})
_OF_GIVEN_TENSORS = frozenset({"detach", "contiguous"})
TELLING = _OF_TENSORS_ALONE | _WITH_DIM | _OF_GIVEN_TENSORS
"""Methods whose receiver may be known for a tensor by them."""


def tells_tensor(method: str, keywords: Set[str | None]) -> bool:
    """Returns whether no other object than a tensor has a method of this name that takes these keywords."""
    return method in _OF_TENSORS_ALONE or (method in _WITH_DIM and "dim" in keywords)


def tells_argument(method: str, keywords: Set[str | None]) -> bool:
    """Returns whether nobody hands a module another object than a tensor to call this of it."""
    return method in _OF_GIVEN_TENSORS or tells_tensor(method, keywords)


def is_ufunc(name: str) -> bool:
    """Returns whether a function of NumPy hands the result for a tensor back as a tensor
    (``Tensor.__array_wrap__``)."""
    package, _, last = name.partition(".")
    return package == "numpy" and last in _UFUNCS


@functools.cache
def members(name: str) -> tuple[str, ...]:
    """The names of the members of the named tuple that a function, or the method of its name, returns."""
    return tuple(_records(table.FIELDS).get(f"torch.{_short(name)}", ()))


def _short(name: str) -> str:
    name = canonical(name)
    return name.removeprefix("torch.").removeprefix("Tensor.")


@functools.cache
def _facts() -> dict[str, Operation]:
    facts: dict[str, Operation] = {}
    tables = {
        Operation.INTEGER: dtype_table.INTEGER,
        Operation.KEEPS_INTEGER: dtype_table.KEEPS_INTEGER,
        Operation.PROMOTES: dtype_table.PROMOTES,
        Operation.COMPLEX: dtype_table.COMPLEX,
        Operation.REAL: dtype_table.REAL,
    }
    for fact, text in tables.items():
        for name in _records(text)["all"]:
            facts[name] = facts.get(name, Operation.NOTHING) | fact
    for namespace, names in _records(table.FACTORIES).items():
        for name in names:
            short = f"{namespace}.{name}".removeprefix("torch.")
            facts[short] = facts.get(short, Operation.NOTHING) | Operation.FACTORY
    for fact, text in _REVIEWED.items():
        for name in text.split():
            facts[name] = facts.get(name, Operation.NOTHING) | fact
            if fact is Operation.KEEPS_INTEGER:
                facts[name] &= ~Operation.PROMOTES
    facts["arange"] &= ~Operation.INTEGER  # the samples of torch's tests count in whole numbers
    return facts


def _records(text: str) -> dict[str, list[str]]:
    lines = text.replace("\n ", " ").splitlines()
    return {key: value.split() for key, _, value in (line.partition(" = ") for line in lines)}
