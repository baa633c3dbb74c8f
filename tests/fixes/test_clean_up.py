"""With ``clean_up`` a fix also removes the moves to a device that its registration makes redundant."""

from __future__ import annotations

import pytest

from bufferlint.settings import Settings
from tests.memory import mend, mended

CLASS = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        {stored}
        self.register_buffer("old", torch.zeros(n))

    def forward(self, x):
        {used}
        return x + y
"""
PLAIN = "self.mask = torch.ones(n)"
REGISTERED = 'self.register_buffer("mask", torch.ones(n))'


def _fixed(text: str, settings: Settings) -> str:
    return mended({"model.py": text}, mend({"model.py": text}, settings)).get("model.py", text)


@pytest.mark.parametrize(
    ("used", "after"),
    [
        ("y = self.mask.to(x.device)", "y = self.mask"),
        ("y = self.mask.to(x.device)[None]", "y = self.mask[None]"),
        ("y = self.mask.to(x.device) * self.mask.cuda()", "y = self.mask * self.mask"),
        ("self.mask = self.mask.to(x.device)\n        y = self.mask", "y = self.mask"),
        ("y = self.mask.to(x.device) + self.old.to(x.device)", "y = self.mask + self.old.to(x.device)"),
        ("y = self.mask.to(x.dtype)", "y = self.mask.to(x.dtype)"),
        ("y = self.mask.to(x)", "y = self.mask.to(x)"),
        ("y = (self.mask * 2).to(x.device)", "y = (self.mask * 2).to(x.device)"),
        ("y = x.to(self.mask.device)", "y = x.to(self.mask.device)"),
    ],
)
def test_moves_of_what_is_registered_are_removed(used: str, after: str) -> None:
    text = CLASS.format(stored=PLAIN, used=used)
    assert _fixed(text, Settings(clean_up=True)) == CLASS.format(stored=REGISTERED, used=after)
    assert _fixed(text, Settings()) == CLASS.format(stored=REGISTERED, used=used)


@pytest.mark.parametrize(
    "stored", [REGISTERED, f"{PLAIN}  # bufferlint: ignore[BUF001]", "self.mask = torch.Size([n])"]
)
def test_without_a_registration_all_moves_stay(stored: str) -> None:
    text = CLASS.format(stored=stored, used="y = self.mask.to(x.device)")
    assert _fixed(text, Settings(clean_up=True)) == text


def test_old_checkpoints_load_into_what_was_cleaned_up() -> None:
    text = CLASS.format(stored=PLAIN, used="y = self.mask.to(x.device)")
    fixed = _fixed(text, Settings(clean_up=True, load_old_checkpoints=True))
    assert "_load_from_state_dict" in fixed and "y = self.mask\n" in fixed
