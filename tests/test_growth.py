"""Work grows with the input, not faster: counted in calls of functions, which no load of a machine changes."""

from __future__ import annotations

import cProfile
import pstats

import pytest

from bufferlint.engine import analyse
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

HEAD = "import torch\nfrom torch import nn\n"
CLASS = """

class N{n}({base}):
    def __init__(self):
        super().__init__()
        self.a{n} = torch.ones(2)
"""


def chain(count: int) -> str:
    """Each class inherits from the one before."""
    classes = (CLASS.format(n=n, base="nn.Module" if n == 0 else f"N{n - 1}") for n in range(count))
    return HEAD + "".join(classes)


def row(count: int) -> str:
    """Classes that have nothing to do with one another."""
    return HEAD + "".join(CLASS.format(n=n, base="nn.Module") for n in range(count))


def calls(code: str, expected: int) -> int:
    profile = cProfile.Profile()
    profile.enable()
    report = analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), code)}), Settings())
    profile.disable()
    assert len(report.findings) == expected
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # the stubs leave it out


@pytest.mark.parametrize(("build", "power"), [(row, 1.2), (chain, 1.9)])
def test_twice_the_classes_cost_at_most_so_many_times_the_calls(build: object, power: float) -> None:
    assert callable(build)
    calls(build(2), 2)  # what is loaded once
    small, large = calls(build(60), 60), calls(build(120), 120)
    assert large < small * 2**power


def test_comments_for_the_whole_file_are_not_asked_for_each_finding() -> None:
    def build(count: int) -> str:
        return row(20) + "".join(f"# bufferlint: ignore-file[BUF7{n}]\n" for n in range(count))

    small, large = (calls(build(count), 20 + count) for count in (100, 400))
    assert large < 5 * small
