"""Whose memory the results of torch's functions and methods lie in: by the schemas, by review where none helps."""

from __future__ import annotations

from tests.torch_model.torch_results import Results, tensor_methods
from tests.torch_model.torch_schemas import operator_of, storage

_WINDOWS = "bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann kaiser nuttall"
_INITIALISERS = (
    "constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ sparse_ trunc_normal_ uniform_ "
    "xavier_normal_ xavier_uniform_ zeros_"
)
_OPERATORS = "add sub mul truediv div floordiv mod pow matmul and or xor lshift rshift"
_UNARY_AND_COMPARISON = "__neg__ __abs__ __invert__ __eq__ __ne__ __lt__ __le__ __gt__ __ge__ __reversed__"

_REVIEWED_FUNCTIONS = {
    "fresh": {
        "torch": "tensor unique unique_consecutive norm",
        "torch.nn.functional": "log_softmax normalize pad sigmoid softmax softsign tanh",
        "torch.signal.windows": _WINDOWS,
    },
    "view": {"torch": "from_dlpack from_file from_numpy frombuffer split", "torch.nn.init": _INITIALISERS},
    "maybe-same": {"torch": "as_tensor asarray"},
}
_REVIEWED_METHODS = {
    "fresh": " ".join(
        [
            "new_tensor unique unique_consecutive norm " + _UNARY_AND_COMPARISON,
            *(f"__{name}__" for name in _OPERATORS.split()),
            *(f"__r{name}__" for name in _OPERATORS.split() if name not in ("and", "or", "xor")),
        ]
    ),
    "view": "__iadd__ __iand__ __idiv__ __ifloordiv__ __ilshift__ __imod__ __imul__ __ior__ __ipow__ __irshift__ "
    "__isub__ __itruediv__ __ixor__ apply_ map_ map2_ share_memory_ split unflatten",
    "maybe-same": "__getitem__ bfloat16 bool byte cdouble cfloat chalf char double float half int long short type xpu "
    "to_sparse_coo",
}
"""Results of Python functions and of methods that no schema describes, each confirmed by a call in the tests."""

PROPERTIES = {"view": "H T data grad imag mH mT real"}


def function_storage(functions: dict[str, object], results: Results) -> dict[str, list[str]]:
    """The functions that return tensors, by where these lie; those that nothing is known of are left out."""
    reviewed = {
        f"{namespace}.{name}": kind
        for kind, by_namespace in _REVIEWED_FUNCTIONS.items()
        for namespace, names in by_namespace.items()
        for name in names.split()
    }
    found: dict[str, list[str]] = {}
    for name, value in functions.items():
        kind = reviewed.get(name) or storage(operator_of(name, value))
        if kind and _holds_tensor(results.get(name, [])):
            found.setdefault(kind, []).append(name)
    return found


def method_storage(results: Results) -> dict[str, list[str]]:
    """The methods of Tensor that return tensors, by where these lie."""
    reviewed = {name: kind for kind, names in _REVIEWED_METHODS.items() for name in names.split()}
    found: dict[str, list[str]] = {}
    for name in tensor_methods():
        is_private = name.startswith("_") and not name.startswith("__")
        kind = reviewed.get(name) or ("" if is_private else storage(name))
        if kind and _holds_tensor(results.get(name, [])):
            found.setdefault(kind, []).append(name)
    return found


def _holds_tensor(overloads: list[str]) -> bool:
    return any(set("TS") & set(text.rpartition(";")[2]) for text in overloads)
