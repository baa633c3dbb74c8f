"""A file without the bodies of its functions has the outline of the whole file."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from bufferlint.ir.reader import Unreadable
from bufferlint.syntax.elision import skeleton
from bufferlint.syntax.outline import outline, whole_outline
from bufferlint.text.source import Source, Undecodable, decode

CUT = {
    "a plain function": "def f(a, b):\n    return a\n\n\nx = 1\n",
    "the last line has no line end": "class A:\n    def f(self):\n        return 1",
    "comments below a body": "def f():\n    return 1\n    # of f\n# of g\ndef g():\n    return 2\n",
    "a header on many lines": 'def f(\n    a: d[str, int] = {"a:)": 1},  # a (\n    *b\n) -> "x:(":\n    return a\n',
    "a lambda among the defaults": "def f(a=lambda x: x):\n    return a\n\n\ny = 2\n",
    "an asynchronous method": "class A:\n    async def f(self):\n        return 1\n\n    x = 1\n",
    "a text with a definition in it": 'class A:\n    """\n    def f():\n        return 1\n    """\n\n    x = 1\n',
    "line ends of Windows": "class A:\r\n    def f(self):\r\n        return 1\r\n\r\n    x = 1\r\n",
    "tabs": "class A:\n\tdef f(self):\n\t\treturn 1\n\n\tx = 1\n",
    "a bracket that closes far to the left": "class A:\n    def f(self):\n        g(\n    )\n        h()\n    x = 1\n",
    "the word import in a text": "def f():\n    '''\n    import nothing\n    '''\n    g('from x import y')\n",
}
"""Code that can be cut, or may."""

KEPT = {
    "a definition inside": "def f():\n    def g():\n        return 1\n    return g\n",
    "a class inside": "def f():\n    class A(B):\n        x = 1\n    return A\n",
    "an import at the beginning": "def f():\n    import a\n    return a\n",
    "an import behind from": "def f():\n    raise A from None\n    import a\n",
    "an import behind a colon": "def f():\n    if a: import b\n    return b\n",
    "an import behind a semicolon": "def f():\n    a = 1; from b import c\n    return c\n",
    "an import on two lines": "def f():\n    from b \\\n        import c\n    return c\n",
    "a function on one line": "def f(): return 1\n\n\nx = 1\n",
    "a text that begins far to the left": 'def f():\n    x = """\nclass A:\n    y = 1\n"""\n    return x\n',
    "two texts of two kinds": "def f():\n    x = '''\na\"\"\"\n'''\n    return x\n\n\ny = 1\n",
    "a continued line": "def f():\n    return 1 + \\\n2\n\n\nx = 1\n",
    "a text that ends on the line of a comment": 'def f():\n    return """a\n    # b"""\n\n\nx = 1\n',
    "a text that ends in what looks like a body": 'class A:\n    """\n    def f():\n        return 1"""\n\n    x = 1\n',
    "a lone carriage return": "def f():\n    x = 1\r    return x\n",
    "a form feed": "def f():\n    x = 1\n\f\ndef g():\n    return 1\n",
}


def _source(text: str) -> Source:
    return Source("/p/a.py", text)


@pytest.mark.parametrize("name", [*CUT, *KEPT])
def test_the_outline_is_that_of_the_whole_file(name: str) -> None:
    source = _source((CUT | KEPT)[name])
    assert not isinstance(whole_outline(source), Unreadable)
    assert outline(source) == whole_outline(source)


@pytest.mark.parametrize("name", CUT)
def test_lines_keep_their_numbers(name: str) -> None:
    text = CUT[name]
    cut = skeleton(text)
    assert cut is None or cut.count("\n") == text.count("\n")


def test_bodies_are_taken_out() -> None:
    cut = skeleton("class A:\n    def f(self, x):\n        y = x\n        return y\n\n    z = 1\n")
    assert cut == "class A:\n    def f(self, x):\n\n     0\n\n    z = 1\n"


def test_an_error_outside_of_functions_is_seen() -> None:
    found = outline(_source("def f():\n    return 1\n\n\nclass A(:\n    x = 1\n"))
    assert isinstance(found, Unreadable)
    assert found.offset > 20


def test_an_error_in_a_function_is_seen_by_the_look_at_the_whole() -> None:
    source = _source("class A:\n    def f(self):\n        return ][\n")
    assert not isinstance(outline(source), Unreadable)
    assert isinstance(whole_outline(source), Unreadable)


def test_a_body_of_extreme_length_is_looked_at() -> None:
    source = _source("def f(n):\n" + "    n = 1\n" * 2500 + "    return " + "(" * 300 + ")" * 300 + "\n")
    assert isinstance(outline(source), Unreadable)


def test_the_standard_library() -> None:
    folder = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(folder.glob("*.py"))[::4]
    assert len(files) > 30
    for file in files:
        decoded = decode(file.read_bytes())
        assert not isinstance(decoded, Undecodable)
        source = Source(file.as_posix(), decoded[0])
        assert outline(source) == whole_outline(source), file
