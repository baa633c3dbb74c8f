"""Checkpoints saved before a rewrite load strictly into the rewritten class; new ones that lack a key do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from bufferlint.settings import Settings
from bufferlint.torch_model.versions import state_version
from tests.memory import mend, mended

RULES = Path(__file__).parents[2] / "fixtures" / "rules"
LISTED = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.tables = [torch.arange(k + 1) for k in range(n)]
        self.pair = (torch.arange(n), torch.ones(n))
        self.mask = torch.ones(n).bool()
"""
CLASSES = [
    ("unregistered-tensor/checkpoints/before_older.py", "Mask"),
    ("unregistered-tensor/checkpoints/before_older.py", "Positions"),
    ("unregistered-tensor/checkpoints/before_older.py", "Scaled"),
    ("unregistered-tensor/checkpoints/before_older.py", "Renamed"),
]


def _fixed(text: str) -> str:
    settings = Settings(unsafe_fixes=True, load_old_checkpoints=True)
    return mended({"model.py": text}, mend({"model.py": text}, settings))["model.py"]


def _class(text: str, name: str) -> Any:
    names: dict[str, Any] = {}
    exec(text.replace("from elsewhere import Block\n", "class Block:\n    pass\n"), names)
    return names[name]


@pytest.mark.parametrize(("file", "name"), CLASSES)
def test_checkpoints_saved_before_load_strictly(file: str, name: str) -> None:
    text = (RULES / file).read_text()
    before, after = _class(text, name)(), _class(_fixed(text), name)()
    assert set(after.state_dict()) > set(before.state_dict())
    held = {key: value.clone() for key, value in after.named_buffers()}
    after.load_state_dict(before.state_dict(), strict=True)
    after.load_state_dict(dict(before.state_dict()), strict=True)
    assert all(torch.equal(value, held[key]) for key, value in after.named_buffers())


@pytest.mark.parametrize(("file", "name"), CLASSES)
def test_a_new_checkpoint_that_lacks_a_key_is_refused(file: str, name: str) -> None:
    made = _class(_fixed((RULES / file).read_text()), name)
    state = made().state_dict()
    state.pop(next(key for key in state if "ids" in key or "mask" in key))
    with pytest.raises(RuntimeError, match="Missing key"):
        made().load_state_dict(state, strict=True)


def test_children_are_filled_too() -> None:
    text = (RULES / "unregistered-tensor/checkpoints/before_older.py").read_text()
    before, after = (nn.Sequential(_class(each, "Positions")()) for each in (text, _fixed(text)))
    after.load_state_dict(before.state_dict(), strict=True)


def test_one_method_serves_several_fixes_and_members_of_containers() -> None:
    text = _fixed(LISTED)
    assert text.count("def _load_from_state_dict") == 1
    before, after = _class(LISTED, "Net")(), _class(text, "Net")()
    assert len(after.state_dict()) == 7
    after.load_state_dict(before.state_dict(), strict=True)


def test_a_second_run_counts_on() -> None:
    first = _fixed(LISTED)
    text = _fixed(first.replace("super().__init__()\n", "super().__init__()\n        self.more = torch.arange(n)\n"))
    assert "_version = 3" in text
    for saved in (LISTED, first):
        _class(text, "Net")().load_state_dict(_class(saved, "Net")().state_dict(), strict=True)


OPTIONAL = """import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, weights: torch.Tensor | None = None):
        super().__init__()
        self.weights = weights

    def forward(self, x):
        return x if self.weights is None else x * self.weights
"""


@pytest.mark.parametrize("weights", [None, torch.ones(2)])
def test_a_buffer_that_is_none_gets_no_key(weights: torch.Tensor | None) -> None:
    before, after = _class(OPTIONAL, "Net")(weights), _class(_fixed(OPTIONAL), "Net")(weights)
    assert "_version = 2" in _fixed(OPTIONAL)
    after.load_state_dict(before.state_dict(), strict=True)


def test_modules_that_no_checkpoint_holds_are_left() -> None:
    text = LISTED.replace("self.pair = (torch.arange(n), torch.ones(n))", "self.parts = [nn.Linear(n, n)] * n")
    assert "self.parts = [nn.Linear" in _fixed(text)


def test_the_versions_of_layers_are_those_of_torch() -> None:
    layers = {f"torch.nn.{n}": c for n, c in vars(nn).items() if isinstance(c, type) and issubclass(c, nn.Module)}
    assert {name: state_version(name) for name in layers} == {name: c._version for name, c in layers.items()}
    assert state_version("somewhere.Layer") is None
