"""Operators of torch that refuse half precision, or operands of two dtypes (each run with torch 2.13 on the CPU)."""

from __future__ import annotations

_FULL_PRECISION = frozenset({
    "inverse", "cholesky", "cholesky_inverse", "cholesky_solve", "det", "logdet", "slogdet", "svd", "pinverse", "qr",
    "geqrf", "quantile", "nanquantile", "cdist", "pdist", "polar", "complex", "view_as_complex", "histogram", "stft",
    "istft", "triangular_solve", "lu_solve", "orgqr", "ormqr", "lobpcg", "ctc_loss", "pca_lowrank", "svd_lowrank",
    "cond", "eig", "eigh", "eigvals", "eigvalsh", "inv", "inv_ex", "lstsq", "lu", "lu_factor", "matrix_rank", "pinv",
    "solve", "solve_ex", "svdvals", "cholesky_ex", "ldl_factor", "ldl_solve", "solve_triangular", "tensorinv",
    "tensorsolve", "householder_product", "lu_unpack", "matrix_norm", "matrix_power",
})  # fmt: skip
"""``view_as_complex`` and ``complex`` take float16, and refuse bfloat16."""
_ELEMENTWISE_OF_LINALG = frozenset({"norm", "vector_norm", "cross", "vecdot", "matmul", "multi_dot", "diagonal"})
_HALF_IN_SPECIAL = frozenset({
    "bessel_", "airy_", "chebyshev_", "erfcx", "hermite_", "laguerre_", "legendre_", "log_ndtr", "modified_",
    "ndtri", "scaled_", "shifted_", "spherical_", "zeta",
})  # fmt: skip
_ONE_DTYPE = frozenset({
    "matmul", "mm", "bmm", "mv", "dot", "vdot", "inner", "einsum", "linear", "bilinear", "tensordot", "cross", "cdist",
    "polar", "complex", "lerp", "addmm", "addmv", "addbmm", "baddbmm", "sspaddmm", "chain_matmul", "multi_dot",
    "index_add", "index_copy", "index_put", "scatter", "scatter_add", "scatter_reduce", "masked_scatter", "conv1d",
    "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "grid_sample", "cross_entropy",
    "nll_loss", "binary_cross_entropy", "layer_norm", "batch_norm", "group_norm", "prelu",
    "scaled_dot_product_attention", "solve", "lstsq", "solve_triangular", "quantile", "nanquantile", "istft",
    "embedding_bag", "heaviside", "allclose", "isclose", "histogram", "gru_cell", "lstm_cell", "rnn_tanh_cell",
    "rnn_relu_cell", "put", "index_reduce", "instance_norm", "multi_margin_loss", "multi_head_attention_forward",
    "conv_tbc", "cartesian_prod", "meshgrid",
})  # fmt: skip
"""Elementwise operators, ``where``, ``cat`` and most losses promote, as ``outer`` and ``kron`` do."""


def needs_full_precision(name: str) -> bool:
    """Does a function (by its qualified name) or method of torch raise for operands of float16 or bfloat16?"""
    space, _, last = name.rpartition(".")
    last = last.removesuffix("_")
    if space.endswith("fft"):
        return "fft" in last and last not in ("fftfreq", "rfftfreq", "fftshift", "ifftshift")
    if space.endswith("linalg") and last in _ELEMENTWISE_OF_LINALG:
        return False
    if space.endswith("special"):
        return last.startswith(tuple(_HALF_IN_SPECIAL))
    return last in _FULL_PRECISION


def takes_one_dtype(name: str) -> bool:
    """Does a function or method of torch raise where floating operands differ in dtype?"""
    return name.rpartition(".")[2].removesuffix("_") in _ONE_DTYPE
