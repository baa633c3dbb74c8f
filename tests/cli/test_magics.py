"""IPython's additions become comments and names, and no character moves."""

from __future__ import annotations

import ast

import pytest

from bufferlint.project_files.magics import neutralise


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("%matplotlib inline\nx = 1\n", "#matplotlib inline\nx = 1\n"),
        ("x = 1\n!ls -l\n", "x = 1\n#ls -l\n"),
        ("!!ls\n", "#!ls\n"),
        ("?print\n", "#print\n"),
        ("print?\n", "#rint?\n"),
        ("nn.Linear??", "#n.Linear??"),
        ("x = !ls\n", "x = _#s\n"),
        ("a, b = !echo '='\n", "a, b = _#cho '='\n"),
        ("x = %time f(a % b)\n", "x = _#ime f(a % b)\n"),
        ("if x:\n    %time f()\nelse:\n    !ls\n", "if x:\n    _#ime f()\nelse:\n    _#s\n"),
        ("if x:\n    print?\n", "if x:\n    _#int?\n"),
        ("if x:\n    !\n", "if x:\n    _\n"),
        ("!cp a \\\n   b\nx = 1\n", "#cp a \\\n#  b\nx = 1\n"),
        ("if x:\n    y = !cp a \\\n  b\n", "if x:\n    y = _#p a \\\n# b\n"),
        ("/f 1\n,g a b\n;h c\n", "#f 1\n#g a b\n#h c\n"),
        ("x = 1\r\n%time\r\ny = 2", "x = 1\r\n#time\r\ny = 2"),
        ("%%time\nx = 1\n!ls\n", "#%time\nx = 1\n#ls\n"),
        ("\n\n%%timeit -n 3\nx = 1\n", "\n\n#%timeit -n 3\nx = 1\n"),
        ("%%bash\nif a; then\n  ls\n\nfi\n", "#%bash\n#f a; then\n# ls\n\n#i\n"),
        ("%%writefile a.py\nclass A(:", "#%writefile a.py\n#lass A(:"),
        ("%%bash\nls  # noqa: X1\n# bufferlint: ignore\n", "#%bash\n#s  # _oqa: X1\n# _ufferlint: ignore\n"),
        ("%%", "#%"),
        ("!", "#"),
    ],
)
def test_what_only_ipython_reads_is_neutralised(code: str, text: str) -> None:
    neutral = neutralise(code)
    assert neutral.text == text
    assert len(text) == len(code)
    ast.parse(text)
    for at in (at for at, (old, new) in enumerate(zip(code, text, strict=True)) if old != new):
        assert any(magic.start <= at < magic.end for magic in neutral.magics)


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x = a % b\n",
        "x = (a\n% b)\n",
        "x = a \\\n% b\n",
        "x %= 3\nx != 3\nx = y != z\n",
        's = """\n%time\n!ls\nwhat?\n"""\n',
        "s = 'a?'  # why?\n",
        "# what?\nf = f'{x=!r}'\n",
        "s = '''a'b''' + \"\"\"c\"d\"\"\"\n",
        "s = 'it\\'s'\nt = 'a\\\nb?'\n",
        "d = {'a': 1,\n     'b': '(' }\nx = d\n",
        "@decorator\ndef f():\n    return 1\n",
    ],
)
def test_python_stays_as_it_is(code: str) -> None:
    assert neutralise(code).text == code
    assert neutralise(code).magics == ()
