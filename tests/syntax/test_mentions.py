"""Uses of a name that are told from the text around it: never too few, and few enough."""

from __future__ import annotations

import pytest

from bufferlint.syntax.mentions import may_pass_on, may_store_on_argument

PASSED_ON = (
    "class B(Net): pass",
    "class B(a.b.Net):\n    x = 1\n",
    "class B(\n    Generic[T],  # what: it holds\n    Net,\n):\n    pass\n",
    "if x:\n    class B(Net[int], metaclass=M): pass",
    "x = 1; class_ = 2\nclass B(make(1), Net): pass",
    "from a import Net as N",
    "from a import (\n    Net  # the net\n    as N,\n)",
    "from a import Net \\\n    as N",
    "N = Net",
    "N: type = a.Net",
    "N = (\n    a . Net)",
)
KEPT = (
    "from a import Net, Other\n",
    "net = Net(3)\n",
    "x = make(Net, 3)\n",
    "class B(Other):\n    def f(self, x: Net):\n        return Net(x)\n",
    "class Nets(Network): pass",
    "isinstance(x, Net)",
    '"""A Net of nets."""',
)


@pytest.mark.parametrize("text", PASSED_ON)
def test_a_class_is_passed_on(text: str) -> None:
    assert may_pass_on(text, "Net")


@pytest.mark.parametrize("text", KEPT)
def test_a_class_is_only_used(text: str) -> None:
    assert not may_pass_on(text, "Net")


@pytest.mark.parametrize(
    "code",
    [
        "m.x = 1",
        "m . x = 1",
        "m.x: Tensor = make(1)",
        "a, m.x = 1, 2",
        "m.x, m.y = make(n)",
        "(m.x) = 1",
        "m.x += 1",
        "for m.x in y: pass\nm.x = 3",
        "setattr(m, 'x', 1)",
        "m.register_buffer('x', t)",
        "m.__dict__['x'] = t",
        "vars(m)['x'] = t",
        "a = m.x = 1",
    ],
)
def test_something_is_stored_on_an_argument(code: str) -> None:
    assert may_store_on_argument(code)


@pytest.mark.parametrize(
    "code", ["x = m.x", "m.x == 1", "f(x=m.x)", "return m.x", "m.x.y", "m.x(1)", "m.x.data = 2", "f(m.x, y=2)"]
)
def test_nothing_is_stored(code: str) -> None:
    assert not may_store_on_argument(code)
