"""Writes bufferlint/torch_model/dtype_table.py: what torch's functions and methods make of the dtype of their operands.

To be run with ``python -m`` from the top; takes a minute. The functions are called with the samples of torch's own
tests, which need the package ``expecttest``.
"""

from __future__ import annotations

import hashlib
import itertools
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch
from torch.testing._internal.common_methods_invocations import op_db
from torch.testing._internal.opinfo.core import OpInfo, SampleInput

from tests.torch_model.generate_torch_table import section
from tests.torch_model.torch_schemas import takes_numbers

TABLE = Path(__file__).parents[2] / "bufferlint" / "torch_model" / "dtype_table.py"
_SAMPLES = 30
_HEADER = '''"""What torch's functions make of dtypes.

Generated from torch {version} by tests/torch_model/generate_dtype_table.py.

Not to be edited. Names are those of functions without ``torch.``, which methods share. ``operations`` is the way in.
"""

TORCH_VERSION = "{version}"
DIGEST = "{digest}"
"""SHA-256 of what follows, so that a change by hand shows."""
'''
_SECTIONS = {
    "INTEGER": "Functions that give integers or bools whatever they are given.",
    "KEEPS_INTEGER": "Functions that give integers or bools for tensors of such.",
    "PROMOTES": "Functions that give integers for tensors of such, but floats where a number among the arguments is.",
    "COMPLEX": "Functions that give complex numbers for real ones.",
    "REAL": "Functions that give real numbers for complex ones.",
}
_INTEGERS = frozenset({torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64})
_COMPLEX = frozenset({torch.complex32, torch.complex64, torch.complex128})
_ASKED = frozenset({"to", "bfloat16", "double", "float", "half", "chalf"})
"""Methods whose dtype is asked for."""


def classified() -> dict[str, set[str]]:
    """The names of each section."""
    every: dict[str, list[set[str]]] = {}
    for operator in op_db:
        for name in (operator.name, *(alias.name for alias in operator.aliases)):
            if name not in _ASKED and not name.startswith(("_", "masked.", "jiterator")):
                every.setdefault(name, []).append(_facts(operator, name))
    found: dict[str, set[str]] = {title: set() for title in _SECTIONS}
    for name, variants in every.items():
        for fact in set.intersection(*variants):
            found[fact].add(name)
    return found


def _facts(operator: OpInfo, name: str) -> set[str]:
    floats, integers, complex_ = (_dtypes(operator, each) for each in (torch.float32, torch.int64, torch.complex64))
    facts = set()
    if floats and floats <= _INTEGERS:
        facts.add("INTEGER")
    elif integers and integers <= _INTEGERS:
        facts.add("PROMOTES" if takes_numbers(name.replace(".", "_")) else "KEEPS_INTEGER")
    if floats and floats <= _COMPLEX:
        facts.add("COMPLEX")
    if complex_ and not complex_ & _COMPLEX and not complex_ <= _INTEGERS:
        facts.add("REAL")
    return facts


def _dtypes(operator: OpInfo, dtype: torch.dtype) -> set[torch.dtype]:
    """The dtypes of what a function returns for samples of one dtype; none where it takes none such."""
    if not operator.supports_dtype(dtype, "cpu"):
        return set()
    samples = itertools.islice(_samples(operator, dtype), _SAMPLES)
    return {result.dtype for sample in samples if "dtype" not in sample.kwargs for result in _called(operator, sample)}


def _samples(operator: OpInfo, dtype: torch.dtype) -> Iterator[SampleInput]:
    yield from operator.sample_inputs("cpu", dtype, requires_grad=False)  # type: ignore[no-untyped-call]


def _called(operator: OpInfo, sample: SampleInput) -> Iterator[torch.Tensor]:
    try:
        result = operator(sample.input, *sample.args, **sample.kwargs)
    except RuntimeError:  # a few samples are meant for other builds
        return
    yield from _tensors(result)


def _tensors(value: object) -> Iterator[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        yield value
    elif isinstance(value, (tuple, list)):
        for part in value:
            yield from _tensors(part)


def digest_of(table: str) -> str:
    """The digest of a table's sections as they stand, whatever its header claims."""
    return hashlib.sha256(table[table.index("\nINTEGER = ") :].encode()).hexdigest()


def table_text() -> str:
    """The whole table for the installed torch, as the text of a Python module."""
    body = "".join(section(title, {"all": sorted(names)}, _SECTIONS[title]) for title, names in classified().items())
    version = torch.__version__.partition("+")[0]
    return _HEADER.format(version=version, digest=hashlib.sha256(body.encode()).hexdigest()) + body


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    TABLE.write_text(table_text(), encoding="utf-8")
