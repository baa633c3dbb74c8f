"""A module class with code around it, and what its safe fix rests on."""

from __future__ import annotations

from textwrap import dedent, indent

from tests.memory import check
from tests.rule_fixtures import verdict_of

_IMPORTS = """\
import copy, functools, inspect, math
from unittest import mock
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

"""


def module(init: str, forward: str = "return x * self.t", more: str = "", head: str = "", tail: str = "") -> str:
    """A module class ``Net`` and the code around it."""
    parts = ["super().__init__()", dedent(init).strip()]
    body = f"def __init__(self, n=4, **options):\n{indent(chr(10).join(parts), '    ')}\n\n"
    body += f"def forward(self, x):\n{indent(dedent(forward).strip(), '    ')}\n\n{dedent(more).strip()}\n"
    return f"{_IMPORTS}{dedent(head)}\n\nclass Net(nn.Module):\n{indent(body, '    ')}\n\n{dedent(tail)}\n"


ONES = "self.t = torch.ones(n)"


def safe_or_reason(code: str, expected: str) -> None:
    """AssertionError unless the fix of ``Net.t`` is safe, or is not for a reason with the expected words."""
    found = [f for f in check({"model.py": code}).findings if (f.class_name, f.attribute) == ("Net", "t")]

    assert len(found) == 1, found
    verdict, words = verdict_of(found[0])
    if expected == "safe":
        assert (verdict, words) == ("safe", "")
    else:
        assert verdict in ("unsafe", "withheld")
        assert expected in words, (expected, words)
