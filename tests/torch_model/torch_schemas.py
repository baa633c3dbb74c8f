"""Reads torch's operator schemas: what an operator returns, and whether its results share memory with its arguments."""

from __future__ import annotations

import functools
import types

import torch

_PREFIXES = {
    "torch": "",
    "torch.nn.functional": "",
    "torch.linalg": "linalg_",
    "torch.fft": "fft_",
    "torch.special": "special_",
}
_NUMBERS = frozenset({"int", "float", "bool", "number", "complex", "SymInt", "Scalar"})
_OTHERS = frozenset({"str", "int[]", "float[]", "bool[]", "Device", "Generator", "ScalarType"})

_MAY_COPY = """
alpha_dropout atleast_1d atleast_2d atleast_3d broadcast_tensors cartesian_prod chain_matmul coalesce conj_physical
contiguous cpu cuda dropout einsum feature_alpha_dropout feature_dropout flatten meshgrid pin_memory ravel reshape
reshape_as resolve_conj resolve_neg sum_to_size to to_dense type_as
"""
"""Operators that return an argument (or a view of it) in some calls and a copy in others, whatever their schema."""

_COMPOSITE_AND_FRESH = """
absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh argsort argwhere avg_pool1d batch_norm bilinear cdist clip
column_stack combinations concat concatenate conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d
corrcoef cosine_similarity cov cross cumulative_trapezoid det diag diagflat divide dstack fix float_power fliplr flipud
ger greater greater_equal grid_sampler group_norm hstack inner inverse isclose isfinite isreal kron layer_norm less
less_equal linear log_softmax logdet lu_solve matmul matrix_exp matrix_power max max_pool1d max_pool2d max_pool3d min
msort multiply nanmean nanquantile negative not_equal one_hot outer pairwise_distance pinverse prelu qr quantile
repeat_interleave rms_norm row_stack scaled_dot_product_attention selu slogdet softmax square std std_mean subtract svd
take_along_dim tensordot tile trapezoid trapz triplet_margin_loss true_divide vander var var_mean vstack where
"""
"""Operators made of others, so that nothing checks their schema, and known to return memory of their own."""

MAY_COPY = frozenset(_MAY_COPY.split())
COMPOSITE_AND_FRESH = frozenset(_COMPOSITE_AND_FRESH.split())
_COMPOSITE_AND_FRESH_PREFIXES = ("linalg_", "fft_", "special_")
_UNTRUSTED = (
    "_",
    "unsafe_",
    "sparse_",
    "to_sparse",
    "native_",
    "mkldnn_",
    "miopen_",
    "cudnn_",
    "quantize",
    "fbgemm_",
    "from_file",
    "resize",
)


def operator_of(qualified_name: str, value: object) -> str:
    """The operator behind a function, ``linalg_inv`` for ``torch.linalg.inv``; nothing where there is none."""
    namespace, _, name = qualified_name.rpartition(".")
    is_python = not isinstance(value, types.BuiltinFunctionType)
    if namespace not in _PREFIXES or (is_python and namespace == "torch.nn.functional"):
        return ""
    return _PREFIXES[namespace] + name


@functools.cache
def _schemas() -> dict[str, list[torch._C.FunctionSchema]]:
    """Schemas by operator; those that write into ``out`` arguments, and TorchScript's own, are left out."""
    found: dict[str, list[torch._C.FunctionSchema]] = {}
    for schema in torch._C._jit_get_all_schemas():
        namespace, _, name = schema.name.partition("::")
        if namespace == "aten" and not schema.overload_name.startswith("prim_") and not _writes_out(schema):
            found.setdefault(name, []).append(schema)
    return found


def _writes_out(schema: torch._C.FunctionSchema) -> bool:
    return any(argument.is_out or (argument.kwarg_only and _is_written(argument)) for argument in schema.arguments)


def _is_written(argument: torch._C.Argument) -> bool:
    return argument.alias_info is not None and argument.alias_info.is_write


def takes_tensors(operator: str) -> bool | None:
    """Whether some schema of an operator has a tensor among its arguments; None without a schema."""
    schemas = _schemas().get(operator, [])
    if not schemas:
        return None
    return any("Tensor" in str(argument.type) for schema in schemas for argument in schema.arguments)


def takes_numbers(operator: str) -> bool:
    """Whether some schema of an operator has a number of any dtype among its arguments: ``torch.mul(x, 0.5)``."""
    return any(
        str(argument.type) in ("number", "Optional[number]", "float", "Optional[float]")
        for schema in _schemas().get(operator, [])
        for argument in schema.arguments
    )


def schema_result(operator: str) -> str:
    """The result, spelled as in torch_annotations, on which all schemas of an operator agree; ``*`` without one."""
    results = {_result(schema) for schema in _schemas().get(operator, [])}
    return results.pop() if len(results) == 1 else "*"


def _result(schema: torch._C.FunctionSchema) -> str:
    codes = [_type_code(str(argument.type)) for argument in schema.returns]
    if not codes:
        return "0"
    if len(codes) == 1:
        return codes[0]
    return "*" if "*" in codes else f"({''.join(codes)})"


def _type_code(type_name: str) -> str:
    if type_name in ("Tensor", "List[Tensor]"):
        return "T" if type_name == "Tensor" else "S"
    if type_name in _NUMBERS:
        return "N"
    return "O" if type_name in _OTHERS else "*"


def storage(operator: str) -> str:
    """``fresh``, ``view``, ``maybe-same``, or nothing where the operator is unknown or returns no tensor."""
    schemas = _schemas().get(operator, [])
    if operator in MAY_COPY and schemas:
        return "maybe-same"
    kinds = {_storage(schema) for schema in schemas if "Tensor" in str([argument.type for argument in schema.returns])}
    if len(kinds) == 1:
        return kinds.pop()
    return "" if "" in kinds or not kinds else "maybe-same"


def _storage(schema: torch._C.FunctionSchema) -> str:
    if any(argument.alias_info is not None for argument in schema.returns):
        return "view"
    operator = schema.name.partition("::")[2]
    if operator.startswith(_UNTRUSTED):
        return ""
    fresh_by_name = operator in COMPOSITE_AND_FRESH or operator.startswith(_COMPOSITE_AND_FRESH_PREFIXES)
    return "fresh" if fresh_by_name or not _is_composite(schema) else ""


def _is_composite(schema: torch._C.FunctionSchema) -> bool:
    """Whether the operator is made of others: only the schema of one with kernels of its own is enforced by torch."""
    name = f"{schema.name}.{schema.overload_name}" if schema.overload_name else schema.name
    if not torch._C._dispatch_has_kernel(name):
        return True
    return torch._C._dispatch_has_kernel_for_dispatch_key(name, "CompositeImplicitAutograd")


def writes_self(operator: str) -> bool:
    """Whether some schema of the operator changes its first argument, a tensor, in place."""
    firsts = [schema.arguments[0] for schema in _schemas().get(operator, []) if schema.arguments]
    return any(str(first.type) == "Tensor" and _is_written(first) for first in firsts)
