"""Work grows with the input, not faster: counted in calls of functions, which no load of a machine changes."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable

import pytest

from bufferlint.engine import analyse
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at
from tests.robustness.megabyte import text

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


def alike(count: int) -> str:
    """Classes that have nothing to do with one another but the name of an attribute."""
    one = CLASS.replace("self.a{n}", "self.a")
    return HEAD + "".join(one.format(n=n, base="nn.Module") for n in range(count))


def handed_down(count: int) -> str:
    """Each class inherits from the one before, and sets the one attribute again."""
    return chain(1) + "".join(
        f"\n\nclass N{n + 1}(N{n}):\n    def __init__(self):\n        super().__init__()\n        self.a0 = None\n"
        for n in range(count)
    )


def calls(code: str, findings: int) -> int:
    profile = cProfile.Profile()
    profile.enable()
    report = analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), code)}), Settings())
    profile.disable()
    assert len(report.findings) == findings
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # the stubs leave it out


@pytest.mark.parametrize(("build", "power"), [(row, 1.2), (alike, 1.2), (chain, 1.9), (handed_down, 1.9)])
def test_twice_the_classes_cost_at_most_so_many_times_the_calls(build: Callable[[int], str], power: float) -> None:
    calls(build(2), expected(build, 2))  # what is loaded once
    small, large = (calls(build(count), expected(build, count)) for count in (60, 120))
    assert large < small * 2**power


@pytest.mark.parametrize(
    "shape",
    ["clean", "class-tensors", "class-tensors-in-one", "lru-caches-inherited", "share-init", "overrides", "aliases"],
)
def test_a_file_of_twice_the_length_costs_at_most_so_many_times_the_calls(shape: str) -> None:
    took(text(shape, 1_000))  # what is loaded once
    small, large = (took(text(shape, size)) for size in (8_000, 16_000))
    assert large < small * 2**1.25


def took(code: str) -> int:
    """The calls of functions that checking a file takes."""
    profile = cProfile.Profile()
    profile.enable()
    analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), code)}), Settings())
    profile.disable()
    return int(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]  # the stubs leave it out


def expected(build: object, count: int) -> int:
    return 1 if build is handed_down else count


def test_comments_for_the_whole_file_are_not_asked_for_each_finding() -> None:
    def build(count: int) -> str:
        return row(20) + "".join(f"# bufferlint: ignore-file[BUF7{n}]\n" for n in range(count))

    small, large = (calls(build(count), 20 + count) for count in (100, 400))
    assert large < 5 * small


def test_attributes_of_one_class_are_told_apart_without_a_look_at_all_others() -> None:
    def build(count: int) -> str:
        return chain(1) + "".join(f"        self.b{n} = torch.ones(2)\n" for n in range(count))

    small, large = (calls(build(count), count + 1) for count in (100, 400))
    assert large < 5 * small
