"""``assert_portable`` of small models: the name of each class says whether it fails."""

from __future__ import annotations

import importlib.util
import inspect

import pytest
import torch
from torch import nn

from bufferlint.testing import assert_portable
from tests.verify.conftest import FIXTURES

SPEC = importlib.util.spec_from_file_location("portable_models", FIXTURES / "portable.py")
assert SPEC is not None and SPEC.loader is not None
MODELS = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(MODELS)
CLASSES: dict[str, type[nn.Module]] = {
    name: cls
    for name, cls in inspect.getmembers(MODELS, inspect.isclass)
    if name.startswith(("Passes", "Fails")) and issubclass(cls, nn.Module)
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CLASSES)
def test_the_name_says_what_comes_of_it(name: str) -> None:
    inputs = [torch.linspace(-1, 1, 8).reshape(2, 4)]
    if name.startswith("Passes"):
        assert_portable(CLASSES[name](), inputs, device="meta")
    else:
        with pytest.raises(AssertionError, match=f"{name} is not portable: "):
            assert_portable(CLASSES[name](), inputs, device="meta")
