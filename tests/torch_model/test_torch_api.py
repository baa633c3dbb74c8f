"""What the table says of torch's names is what torch does."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
import torch
from torch import nn

from bufferlint.torch_model import table as torch_table
from bufferlint.torch_model.api import (
    CallShape,
    Named,
    Role,
    canonical,
    is_module_class,
    method_returned,
    module_attributes,
    module_names,
    named,
    returned_by,
)
from bufferlint.torch_model.signatures import decode
from tests.torch_model.generate_torch_table import TABLE, digest_of, tables
from tests.torch_model.torch_catalogue import things


@pytest.mark.slow
def test_the_table_is_what_the_generator_writes() -> None:
    """With another torch than the table's, what both know must mean the same."""
    if torch.__version__.partition("+")[0] == torch_table.TORCH_VERSION:
        code = "from tests.torch_model.generate_torch_table import table_text; print(table_text(), end='')"
        fresh = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        assert TABLE.read_text(encoding="utf-8") == fresh, (
            "torch_table.py is stale: run python -m tests.torch_model.generate_torch_table"
        )
        return
    records = tables(things())
    functions = {
        f"{key.split()[1]}.{name}": key.split()[0] for key, names in records["FUNCTIONS"].items() for name in names
    }
    shared = {name: code for name, code in functions.items() if code != "*" and returned_by(name, CallShape())}
    assert {name: decode(code) for name, code in shared.items()} == {
        name: returned_by(name, CallShape()) for name in shared
    }


def test_nobody_edited_the_table() -> None:
    assert digest_of(TABLE.read_text(encoding="utf-8")) == torch_table.DIGEST


def test_what_torch_does_not_have_is_unknown() -> None:
    assert returned_by("torch.no_such_function", CallShape(1)) is None
    assert method_returned("no_such_method", CallShape()) is None
    assert named("torch.no_such_name") is None
    assert is_module_class("torch.nn.NoSuchLayer") is None
    assert is_module_class("torch.triu") is None
    assert module_attributes("torch.nn.NoSuchLayer") is None


def test_what_any_type_may_come_from_is_unknown() -> None:
    for name in (
        "torch.load",
        "torch.nn.Parameter",
        "torch.nn.Buffer",
        "torch.nn.Linear",
        "torch.distributions.Normal",
    ):
        assert named(name) is not None
        assert returned_by(name, CallShape(1)) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("torch.triu", Named.FUNCTION),
        ("torch.nn.functional", Named.NAMESPACE),
        ("torch.Tensor", Named.TENSOR_CLASS),
        ("torch.FloatTensor", Named.TENSOR_CLASS),
        ("torch.cuda.FloatTensor", Named.TENSOR_CLASS),
        ("torch.nn.Parameter", Named.PARAMETER_CLASS),
        ("torch.nn.parameter.UninitializedParameter", Named.PARAMETER_CLASS),
        ("torch.nn.Buffer", Named.BUFFER_CLASS),
        ("torch.nn.modules.linear.Linear", Named.MODULE_CLASS),
        ("torch.nn.modules.loss._Loss", Named.MODULE_CLASS),
        ("torch.distributions.normal.Normal", Named.HOLDER_CLASS),
        ("torch.nn.utils.rnn.PackedSequence", Named.HOLDER_CLASS),
        ("torch.device", Named.OTHER_CLASS),
        ("torch.utils.data.Dataset", Named.OTHER_CLASS),
        ("torch.autograd.Function", Named.OTHER_CLASS),
        ("torch.pi", Named.NUMBER),
        ("torch.float32", Named.OTHER),
        ("torch.strided", Named.OTHER),
    ],
)
def test_what_a_name_stands_for(name: str, kind: Named) -> None:
    assert named(name) is kind


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("torch.functional.einsum", "torch.einsum"),
        ("torch.nn.modules.linear.Linear", "torch.nn.Linear"),
        ("torch.nn.modules.module.Module", "torch.nn.Module"),
        ("torch.nn.parameter.Parameter", "torch.nn.Parameter"),
        ("torch._tensor.Tensor", "torch.Tensor"),
        ("torch.nn.functional.conv2d", "torch.conv2d"),
        ("torch.utils.data.dataset.Dataset", "torch.utils.data.Dataset"),
        ("torch.triu", "torch.triu"),
        ("numpy.triu", "numpy.triu"),
    ],
)
def test_canonical_names(alias: str, name: str) -> None:
    assert canonical(alias) == name


@pytest.mark.parametrize(
    "namespace",
    ["torch", "torch.nn", "torch.nn.modules.conv", "torch.nn.modules.loss", "torch.optim", "torch.utils.data"],
)
def test_which_classes_are_modules(namespace: str) -> None:
    classes = {
        name: value for name, value in vars(importlib.import_module(namespace)).items() if isinstance(value, type)
    }
    answers = {name: is_module_class(f"{namespace}.{name}") for name in classes}
    assert all(answers[name] in (None, issubclass(value, nn.Module)) for name, value in classes.items())
    unknown = {name for name, value in classes.items() if issubclass(value, nn.Module) and answers[name] is None}
    assert not unknown


def test_the_names_of_module_cannot_be_registered() -> None:
    assert {"training", "forward", "to", "type", "_buffers", "register_buffer"} <= module_names()
    for name in module_names():
        with pytest.raises(KeyError):
            nn.Module().register_buffer(name, torch.ones(1))


@pytest.mark.parametrize(
    "module", [nn.Linear(1, 1), nn.BatchNorm2d(1), nn.LSTM(1, 1), nn.MultiheadAttention(2, 1), nn.CrossEntropyLoss()]
)
def test_the_attributes_of_a_module_class(module: nn.Module) -> None:
    known = module_attributes(f"torch.nn.{type(module).__name__}")
    assert known is not None and known.instance is not None
    by_role = {role: {name for name, its in known.instance.items() if its is role} for role in Role}
    assert by_role[Role.PARAMETER] == set(module._parameters)
    assert by_role[Role.BUFFER] == set(module._buffers)
    assert by_role[Role.MODULE] == set(module._modules)
    for name in known.class_level | by_role[Role.PLAIN]:
        with pytest.raises(KeyError):
            module.register_buffer(name, torch.ones(1))


def test_an_abstract_module_class_has_unknown_instances() -> None:
    known = module_attributes("torch.nn.modules.conv._ConvNd")
    assert known is not None
    assert known.instance is None
    assert "reset_parameters" in known.class_level


def test_the_door_loads_neither_torch_nor_libcst() -> None:
    code = (
        "import sys; from bufferlint.torch_model.api import *; "
        "assert returned_by('torch.ones', CallShape(1)).result is Result.TENSOR; "
        "sys.exit(bool({'torch', 'libcst'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
