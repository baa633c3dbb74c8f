"""What calls give."""

from __future__ import annotations

import pytest

from bufferlint.interpreter.values import Kind, Trait
from tests.interpreter.running import built, kinds

OBJECTS = """
import functools
import itertools
from dataclasses import dataclass
from functools import partial
from typing import TypedDict

class Pair(NamedTuple):
    rows: Tensor
    size: int

@dataclass
class Stored:
    data: Tensor
    @property
    def doubled(self):
        return self.data * 2

@dataclass
class Labelled(Stored):
    label: str = ""

class Spike(torch.Tensor):
    pass

def pair(n):
    return torch.ones(n), 1.0

class Row(TypedDict):
    rows: Tensor
    size: int

class Tree(TypedDict):
    rows: Tensor
    children: "list[Tree]"

def log(fn):
    @functools.wraps(fn)
    def inner(*args, **kwargs):
        result = fn(*args, **kwargs)
        return result
    return inner

def register(fn):
    return fn

def count(fn):
    def inner(*args):
        return len(fn(*args))
    return inner

@log
def logged(n):
    return torch.ones(n)

@register
def registered(n):
    return torch.ones(n)

@count
def counted(n):
    return torch.ones(n)

class Head(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.linear = nn.Linear(n, n)
    def forward(self, x):
        return self.linear(x)
"""


@pytest.mark.parametrize(
    ("expression", "kind"),
    [
        ("pair(n)[0]", Kind.TENSOR),
        ("pair(n)[1]", Kind.NUMBER),
        ("p.rows", Kind.TENSOR),
        ("p.size", Kind.NUMBER),
        ("s.data", Kind.TENSOR),
        ("s.doubled", Kind.TENSOR),
        ("s.label", Kind.TEXT),
        ("s.missing", Kind.UNKNOWN),
        ("Spike(2)", Kind.TENSOR),
        ("getattr(torch, window)(n)", Kind.TENSOR),
        ("getattr(p, window)", Kind.UNKNOWN),
        ("torch.linalg.lstsq(torch.eye(2), torch.ones(2, 1)).solution", Kind.TENSOR),
        ("torch.max(torch.ones(2, 2), dim=0).indices", Kind.TENSOR),
        ("np.log(torch.ones(2))", Kind.TENSOR),
        ("np.log(np.ones(2))", Kind.ARRAY),
        ("nn.Dropout(0.1).to('cpu')(torch.ones(2))", Kind.TENSOR),
        ("nn.Dropout(0.1).eval()", Kind.MODULE),
        ("kwargs.pop('x', torch.ones(2))", Kind.TENSOR),
        ("kwargs.pop('x', 1.0)", Kind.NUMBER),
        ("partial(pair, torch.ones(2))", Kind.HOLDER),
        ("partial(pair, 2)", Kind.CALLABLE),
        ("logged(2)", Kind.TENSOR),
        ("registered(2)", Kind.TENSOR),
        ("counted(2)", Kind.UNKNOWN),
        ("torch.jit.script(registered)(2)", Kind.TENSOR),
        ("b['rows']", Kind.TENSOR),
        ("b['size']", Kind.NUMBER),
        ("w['a'][0]", Kind.TENSOR),
        ("t['rows']", Kind.TENSOR),
        ("functools.reduce(torch.add, [torch.ones(2)] * 3)", Kind.TENSOR),
        ("n * [torch.ones(2)]", Kind.CONTAINER),
        ("abs(-torch.ones(2))", Kind.TENSOR),
        ("abs(n)", Kind.UNKNOWN),
        ("next(iter([torch.ones(2)]))", Kind.TENSOR),
        ("Head(3)(torch.ones(3))", Kind.TENSOR),
        ("Head(3).linear.in_features", Kind.NUMBER),
        ("list(itertools.chain([torch.ones(2)], []))[0]", Kind.TENSOR),
    ],
)
def test_the_kind_of_a_result(expression: str, kind: Kind) -> None:
    parameters = (
        "n, p: Pair, s: Labelled, b: Row, t: Tree, w: 'dict[str, List[Tensor]]', window='hann_window', **kwargs"
    )
    assert kinds(f"self.x = {expression}", parameters, OBJECTS) == {kind}


def test_a_default_that_callers_may_replace_is_handed_in() -> None:
    assert Trait.FROM_CALLER in built("self.x = kwargs.pop('x', torch.ones(2))", "**kwargs")["x"].traits


def test_a_lambda_that_keeps_a_tensor_is_a_holder() -> None:
    assert kinds("w = torch.ones(2)\nself.x = lambda y: y * w") == {Kind.HOLDER}
    assert kinds("w = torch.tensor(2.0)\nself.x = lambda y: y * w") == {Kind.CALLABLE}
    assert kinds("w = torch.ones(2)\nself.x = lambda w: w * 2") == {Kind.CALLABLE}


def test_names_and_tensors_of_a_dict_written_on_the_spot() -> None:
    held = built("for name, value in {'a': torch.ones(2), 'b': 1}.items():\n    setattr(self, name, value)")
    assert (set(held["a"].kinds), set(held["b"].kinds)) == ({Kind.TENSOR}, {Kind.NUMBER})


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("self.x = r.amax()", Kind.TENSOR),
        ("self.x = r.permute(1, 0)", Kind.TENSOR),
        ("self.x = r.reshape(-1, 3).norm(2, dim=1)", Kind.TENSOR),
        ("self.x = r.norm(2)", Kind.UNKNOWN),
        ("self.x = r.max()", Kind.UNKNOWN),
    ],
)
def test_a_method_that_only_tensors_have_tells_its_receiver(body: str, kind: Kind) -> None:
    assert kinds(body, "r") == {kind}


@pytest.mark.parametrize(
    "body",
    [
        "self.x = {}\nfor i in range(n):\n    self.x[i] = torch.ones(i)",
        "x = {}\nx['a'] = torch.ones(2)\nself.x = x",
        "self.x = {'a': torch.ones(2)}\nself.x.update(b=torch.zeros(2))",
        "self.x = []\nself.x.extend([torch.ones(2), torch.zeros(2)])",
        "self.x = []\nself.x.insert(0, torch.ones(2))",
    ],
)
def test_what_fills_a_container_is_a_member(body: str) -> None:
    held = built(body, "n")["x"]
    assert held.kinds == {Kind.CONTAINER}
    assert held.element is not None
    assert held.element.is_tensor
