"""An outline from a scan for headers is that of the whole file, whatever its lines look like."""

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

import pytest

from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.header_scan import scanned
from bufferlint.syntax.outline import outline, whole_outline
from bufferlint.text.source import Source, Undecodable, decode
from tests.robustness.outlines import damaged, difference

FIXTURES = Path(__file__).parents[2] / "fixtures"

SCANNED = {
    "a plain function": "def f(a, b):\n    return a\n\n\nx = 1\n",
    "the last line has no line end": "class A:\n    def f(self):\n        return 1",
    "a file that ends in a comment": "x = 1\n# y",
    "nothing but comments": "# x\n\n",
    "comments below a body": "def f():\n    return 1\n    # of f\n# of g\ndef g():\n    return 2\n",
    "a header on many lines": 'def f(\n    a: d[str, int] = {"a:)": 1},  # a (\n    *b\n) -> "x:(":\n    return a\n',
    "a lambda among the defaults": "def f(a=lambda x: x):\n    return a\n\n\ny = 2\n",
    "parameters of every kind": "def f(a, /, b=1, *c, d, e=(1, 2), **g): return a\ndef h(*, a): return a\nx = 1\n",
    "an asynchronous method": "class A:\n    async def f(self):\n        return 1\n\n    x = 1\n",
    "a text with a definition in it": 'class A:\n    """\n    def f():\n        return 1\n    """\n\n    x = 1\n',
    "line ends of Windows": "@a\r\nclass A:\r\n    def f(self):\r\n        return 1\r\n\r\n    x = (\r\n  1)\r\n",
    "tabs": "class A:\n\tdef f(self):\n\t\treturn 1\n\n\tx = 1\n",
    "a bracket that closes far to the left": "class A:\n    def f(self):\n        g(\n    )\n        h()\n    x = 1\n",
    "the word import in a text": "def f():\n    '''\n    import nothing\n    '''\n    g('from x import y')\n",
    "a definition inside": "def f():\n    @a\n    def g():\n        return 1\n    return g\n",
    "a class inside": "def f():\n    class A(B):\n        x = 1\n    return A\n",
    "an import at the beginning": "def f():\n    import a\n    return a\n",
    "an import behind from": "def f():\n    raise A from None\n    import a\n",
    "an import behind a colon": "def f():\n    if a: import b\n    return b\n",
    "an import behind a semicolon": "def f():\n    a = 1; from b import c\n    return c\n",
    "an import on two lines": "def f():\n    from b \\\n        import c\n    return c\n",
    "an import for type checkers inside": "def f():\n    if TYPE_CHECKING:\n        import c\n    return c\n",
    "an import in a case": "def f(x):\n    match x:\n        case 1:\n            import c\n",
    "a function on one line": "def f(): return 1\n\n\nx = 1\n",
    "a text that begins far to the left": 'def f():\n    x = """\nclass A:\n    y = 1\n"""\n    return x\n',
    "a docstring that begins far to the left": 'def f():\n    """\nclass A:\n    y = 1\n"""\n    return x\n',
    "a text that ends on the line of a comment": 'def f():\n    return """a\n    # b"""\n\n\nx = 1\n',
    "a text that ends in what looks like a body": 'class A:\n    """\n    def f():\n        return 1"""\n\n    x = 1\n',
    "definitions that depend": "class A:\n    if a:\n        def f(): 1\n    else:\n        x = 1\n",
    "imports that depend": "try:\n    import a\nexcept E:  # b\n    a = 1\nelse:\n    b = 1\nfinally:\n    import c\n",
    "a decorator on many lines": "@a(\n    1,\n)\n@b\nclass A:\n    @c\n    # and\n    @d(2)\n    def f(): 1\n",
    "several statements on a line": "class A:\n    x = 1; y = 2; import z\n    def f(self): pass; pass\na = 1; b = 2\n",
    "names that are assigned together": "a = b, (c, *d) = 1\ne: int\nf += 1\ng.h = 1\n",
    "classes in each other": "class A:\n    class B(C, metaclass=D):\n        '''Doc.'''\n        x = 1\n    y = 2\n",
}

PARSED = {
    "a continued line": "def f():\n    return 1 + \\\n2\n\n\nx = 1\n",
    "two texts of two kinds": "def f():\n    x = '''\na\"\"\"\n'''\n    return x\n\n\ny = 1\n",
    "a comment with three quotes": 'def f():\n    # """\n    return 1\n\n\ndef g():\n    """Doc."""\nx = """\n"""\n',
    "a lone carriage return": "def f():\n    x = 1\r    return x\n",
    "a form feed": "def f():\n    x = 1\n\f\ndef g():\n    return 1\n",
    "tabs and blanks": "class A:\n\tx = 1\nif a:\n    y = 1\n",
}
"""Code that is left to Python's parser."""


@pytest.mark.parametrize("name", [*SCANNED, *PARSED])
def test_the_outline_is_that_of_the_whole_file(name: str) -> None:
    source = Source("/p/a.py", (SCANNED | PARSED)[name])
    assert not isinstance(whole_outline(source), Unreadable)
    assert outline(source) == whole_outline(source)
    assert (scanned(source) is None) == (name in PARSED)


@pytest.mark.parametrize(
    "text",
    [
        "def f():\n    return 1\n\n\nclass A(:\n    x = 1\n",
        "def f():\n    return 1\n\n\nx = = 1\n",
        "def f(a=1, b):\n    return 1\n",
        "def f(:\n    return 1\n",
        "def f(*):\n    return 1\n",
        "def f(**a, b):\n    return 1\n",
        "class A:\n    def f(self):\n        return 1\n  x = 1\n",
        "class A:\n    x = 1\n     y = 2\n",
        "class A:\ndef f(self):\n    return 1\n",
        "class if:\n    x = 1\n",
        "@a\nx = 1\n",
        "@a\n",
        "if a:\nx = 1\n",
        "else:\n    x = 1\n",
        "try:\n    x = 1\ny = 2\n",
        'x = 1\n"""a\n',
    ],
)
def test_an_error_outside_of_functions_is_seen(text: str) -> None:
    found = outline(Source("/p/a.py", text))
    assert isinstance(found, Unreadable)
    assert found == whole_outline(Source("/p/a.py", text))


def test_an_error_in_a_function_is_seen_by_the_look_at_the_whole() -> None:
    source = Source("/p/a.py", "class A:\n    def f(self):\n        return ][\n")
    assert not isinstance(outline(source), Unreadable)
    assert isinstance(whole_outline(source), Unreadable)


def test_a_body_of_extreme_length_is_looked_at() -> None:
    source = Source("/p/a.py", "def f(n):\n" + "    n = 1\n" * 2500 + "    return " + "(" * 300 + ")" * 300 + "\n")
    assert isinstance(outline(source), Unreadable)


def _texts(files: list[Path]) -> list[tuple[Path, str]]:
    decoded = [(file, decode(file.read_bytes())) for file in files]
    return [(file, found[0]) for file, found in decoded if not isinstance(found, Undecodable)]


def test_the_standard_library() -> None:
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))[::4]
    assert len(files) > 30
    for file, text in _texts(files):
        assert difference(text) is None, file


def test_fixtures_damaged_at_random() -> None:
    texts = [each for each in _texts(sorted(FIXTURES.rglob("*.py"))) if len(each[1]) < 6_000]
    for number in range(600):
        file, text = texts[number * 7 % len(texts)]
        wrong = damaged(text, random.Random(number))
        assert difference(wrong) is None, (file, number)
