"""Syntax newer than the running Python is told from a mistake, with the version that it needs."""

from __future__ import annotations

import ast
import sys

import pytest

from bufferlint.ir.definitions import Outline
from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.newer_syntax import needed
from bufferlint.syntax.outline import whole_outline
from bufferlint.text.source import Source

OLDEST = (3, 10)
NEWER = [
    ("try:\n    pass\nexcept* ValueError:\n    pass\n", (3, 11), "PEP 654"),
    ("x = y[*a]\n", (3, 11), "PEP 646"),
    ("type X = list[int]\n", (3, 12), "PEP 695"),
    ("def f[T: int](x: T) -> T:\n    return x\n", (3, 12), "PEP 695"),
    ("class A[*Ts, **P]:\n    pass\n", (3, 12), "PEP 695"),
    ('x = f"{d["a"]}"\n', (3, 12), "PEP 701"),
    ("x = f'{\"\\n\".join(a)}'\n", (3, 12), "PEP 701"),
    ("x = f'{a +\n b}'\n", (3, 12), "PEP 701"),
    ('x = f"""{a  # why\n}"""\n', (3, 12), "PEP 701"),
    ("class A[T = int]:\n    pass\n", (3, 13), "PEP 696"),
    ('x = t"{a}"\n', (3, 14), "PEP 750"),
    ("try:\n    pass\nexcept A, B:\n    pass\n", (3, 14), "PEP 758"),
    ("try:\n    pass\nexcept* A, B:\n    pass\n", (3, 14), "PEP 758"),
    ("def f[T](x):\n    try:\n        return t'{x}'\n    except A, B:\n        pass\n", (3, 14), "PEP 7"),
]


@pytest.mark.parametrize(("code", "version", "proposal"), NEWER)
def test_newer_syntax_names_the_version_that_it_needs(code: str, version: tuple[int, int], proposal: str) -> None:
    found = needed(code, running=OLDEST)
    assert found is not None and found[0] == version and proposal in found[1]
    assert needed(code, running=version) is None
    read = whole_outline(Source("/p/a.py", code))
    if sys.version_info >= version:
        assert isinstance(read, Outline)
    else:
        assert isinstance(read, Unreadable)
        assert f"it needs Python {version[0]}.{version[1]} or later" in read.cause
        assert f"run bufferlint under Python {version[0]}.{version[1]}" in read.advice


@pytest.mark.parametrize(
    "code",
    [
        "def f(:\n    pass\n",
        "def f[T(x):\n    pass\n",
        "type = 3\nx = (\n",
        "x = f'{a'\n",
        "try:\n    pass\nexcept A, b c:\n    pass\n",
        "print 'x'\n",
        "  x = 1\n",
        "def f[T](x):\n    return (\n",
    ],
)
def test_a_mistake_is_one(code: str) -> None:
    assert needed(code, running=OLDEST) is None
    read = whole_outline(Source("/p/a.py", code))
    assert isinstance(read, Unreadable) and "it is not valid Python" in read.cause
    assert "--exclude" in read.advice


@pytest.mark.parametrize(
    "code",
    [
        "x = f'{a!r:>{width}} {b[0]} \\n {{'\n",
        'x = f"""{a +\n b[\'c\']}"""\n',
        "try:\n    pass\nexcept (A, B):\n    pass\n",
        "x = [*a, *b]\nf(*a)\ny = x[1:2, ...]\n",
        "match x:\n    case [*rest]:\n        pass\n",
        "type = 1\nlazy = type\n",
        "def f(x: int = 3, *args, **kw): ...\n",
    ],
)
def test_old_syntax_needs_nothing_newer(code: str) -> None:
    ast.parse(code)
    assert needed(code, running=OLDEST) is None


def test_what_is_too_deep_or_too_long_is_not_asked_about() -> None:
    assert needed("def f[T](): x = " + "[" * 5000 + "]" * 5000) is None
    assert needed("class A[T]: pass\n" + "# x\n" * 300_000) is None
