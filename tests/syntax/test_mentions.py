"""Uses of a name that are told from the text around it: never too few, and few enough."""

from __future__ import annotations

import pytest

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.syntax.mentions import (
    called,
    gathered,
    handing_on_keywords,
    is_defined_there,
    may_bind,
    may_pass_on,
    may_store_on_argument,
    may_take,
)
from bufferlint.text.span import Span

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


@pytest.mark.parametrize("name", ["Net", "_Net", "Net_2", "N\u00e4he", "NET"])
@pytest.mark.parametrize("text", PASSED_ON)
def test_a_name_that_is_passed_on_is_among_the_words_of_the_text(text: str, name: str) -> None:
    assert name.lstrip("_") in gathered(text.replace("Net", name)).words


@pytest.mark.parametrize("text", KEPT)
def test_what_is_only_used_is_not_passed_on(text: str) -> None:
    assert not may_pass_on(text, "Net")


def test_a_comment_in_front_of_as_is_looked_behind() -> None:
    assert may_pass_on("from a import (\n    Net  # the net\n    as N,\n)", "Net")
    assert may_pass_on(f"from a import (Net{' ' * 300} as N)", "Net")
    assert may_pass_on("# Net\nfrom a import Net as N\n", "Net")


def test_calls_of_capitals() -> None:
    assert called("x = Net(1, a.Other(2)); make(Third)") == {"Net", "Other"}


@pytest.mark.parametrize(
    "rest",
    ["", "x = attend(q)\n", "use(k, attend, v)\n", "use(\n    k,\n    attend,\n)\n", "# from a import attend\n"],
)
def test_a_function_of_the_file_itself(rest: str) -> None:
    text = f"import torch\n\n\ndef attend(q):\n    q.x = 1\n\n\n{rest}"
    assert is_defined_there(text, "attend") is not rest.startswith("#")


@pytest.mark.parametrize(
    "text",
    [
        "from a import attend\n",
        "from a import (\n    other,  # what: it (does)\n    attend,\n)\n",
        "from a import other, \\\n    attend\n",
        "def f():\n    from a import attend as g\n",
        "from a import (  # import this\n    attend\n)\n",
        "import a.attend\n",
    ],
)
def test_a_function_that_is_imported_as_well(text: str) -> None:
    assert not is_defined_there(f"{text}\n\ndef attend(q):\n    q.x = 1\n", "attend")
    assert not is_defined_there("def f():\n    def attend(): pass\n", "attend")


@pytest.mark.parametrize("text", KEPT)
def test_a_class_is_only_used(text: str) -> None:
    assert not may_pass_on(text, "Net")


@pytest.mark.parametrize(
    "code",
    [
        "m.x = 1",
        "m. \\\n    x = 1",
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
    "code",
    [
        "x = m.x",
        "m.x == 1",
        "f(x=m.x)",
        "return m.x",
        "m.x.y",
        "m.x(1)",
        "m.x.data = 2",
        "f(m.x, y=2)",
        "# the raw scores.\n    scores = m.x",
    ],
)
def test_nothing_is_stored(code: str) -> None:
    assert not may_store_on_argument(code)


def _function(code: str) -> FunctionHeader:
    return FunctionHeader("f", "f", Span(0, len(code)), ())


@pytest.mark.parametrize(
    "body",
    [
        "net.mask = x",
        "net.mask: Tensor = x",
        "net.mask += x",
        "net . mask = x",
        "net.mask, y = x",
        "(y,\n     net.mask) = x",
        "[net.mask] = x",
        "for net.mask in x: pass",
        "with x as net.mask: pass",
        "with x as (y, net.mask): pass",
        "del net.mask",
        "del y, net.mask",
        "setattr(net, 'mask', x)",
        "update(net, mask=x)",
    ],
)
def test_binding_is_never_passed_over(body: str) -> None:
    code = f"def f(net, x):\n    {body}\n"
    assert may_bind(code, _function(code), "mask", is_method=False)


@pytest.mark.parametrize(
    "body",
    [
        "return net.mask",
        "return g(net.mask, x)",
        "x = net.mask.to(x.device)",
        "if net.mask == x: pass",
        "if net.mask:\n        pass",
        "y = x * net.mask",
        "mask(x)",
    ],
)
def test_plain_read_binds_nothing(body: str) -> None:
    code = f"def f(net, x):\n    {body}\n"
    assert not may_bind(code, _function(code), "mask", is_method=False)


def test_store_on_own_instance_is_that_of_a_method_only() -> None:
    code = "def f(self, x):\n    self.mask = x\n"
    assert not may_bind(code, _function(code), "mask", is_method=True)
    assert may_bind(code, _function(code), "mask", is_method=False)


@pytest.mark.parametrize(
    "call",
    [
        "set_all(net, **given)",
        "tools.set_all(\n    net, [1, (2, 3)],\n    **given,\n)",
        "set_all(net, first(x)[0], **given)",
        "set_all(net, ':)', '(', **given)",
        "set_all(net,  # all :)\n    **given)",
        "set_all (net, ** given)",
        "set_all(net, **(given))",
    ],
)
def test_call_that_hands_on_keywords_is_found(call: str) -> None:
    text = f"def f(net, **given):\n    {call}\n"
    assert text.index("given", text.index("set_all")) - 4 < handing_on_keywords(text)["set_all"][0].at


@pytest.mark.parametrize("call", ["set_all(net)", "set_all(net, x ** 2)", "other(set_all(net), **given)"])
def test_call_without_the_keywords_of_another_is_not(call: str) -> None:
    assert "set_all" not in handing_on_keywords(f"def f(net, **given):\n    {call}\n")


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("net, **given", True),
        ("net, given", True),
        ("net, *, label=')', **given", True),
        ("net,  # all :)\n    **given", True),
        ("net", False),
        ("net, forgiven=1, *, label='(given'[0:1]", True),
        ("net, forgiven=1, given_too=2", False),
    ],
)
def test_parameters_are_told_from_the_text_of_a_function(parameters: str, expected: bool) -> None:
    assert may_take(f"def f({parameters}):\n    set_all(net, **given)\n", "given") is expected


@pytest.mark.parametrize(
    ("call", "is_certain"),
    [
        ("set_all(net, **given)", True),
        ("set_all(\n        net, [1, (2, 3)],\n        **given,\n    )", True),
        ("set_all(net, ':)', '(', **given)", False),
        ("print('set_all(', *net, **given)", False),
        ('"""Calls as follows::\n\n        set_all(net, **given)\n    """', False),
    ],
)
def test_call_is_certain_where_no_string_may_hold_it(call: str, is_certain: bool) -> None:
    text = f"def f(net, **given):\n    {call}\n"
    assert [each.is_certain for each in handing_on_keywords(text)["set_all"]] == [is_certain]
