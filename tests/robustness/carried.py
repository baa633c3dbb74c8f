"""Small projects made by chance in which a tensor is carried by whatever code from where it is made to where it is
kept: what the screen must not lose sight of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st

from bufferlint.engine import analyse
from bufferlint.finding import Report
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

SOURCES = ("torch.ones(2)", "torch.arange(3)", "torch.tensor(1.0)", "make(2)", "other.TABLE", "TABLE", "other.made()")
HEAD = """\
import contextlib
import copy
import functools
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import torch
from torch import nn

import other
from other import *
from other import made as remade

TABLE = torch.ones(2)


def make(n):
    return torch.full((n,), 2.0)
"""
OTHER = "import torch\n\nTABLE = torch.zeros(2)\n\n\ndef made():\n    return torch.ones(2)\n"


@dataclass(slots=True)
class Site:
    """Where code is put: ``top`` level of the model's file, the ``other`` file, ``members`` of the class and of its
    ``base``, what its ``parameters`` are given, and the statements ``before`` the one that keeps the value."""

    top: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)
    base: list[str] = field(default_factory=list)
    parameters: dict[str, str] = field(default_factory=dict)
    before: list[str] = field(default_factory=list)
    count: int = 0

    def name(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    def function(self, where: list[str], head: str, body: str, decorator: str = "") -> str:
        """Defines a function, ``head`` its parameters; gives its name."""
        name = self.name("f")
        where.append(f"{decorator}def {name}({head}):\n{_block(body, 4)}")
        return name

    def shape(self, body: str, decorator: str = "", bases: str = "") -> str:
        name = self.name("Box")
        self.top.append(f"{decorator}class {name}{bases}:\n{_block(body, 4)}")
        return name

    def first(self, code: str, name: str) -> str:
        self.before.append(code)
        return name


_PROPERTY = "@property\n"
Carrier = Callable[[Site, str], str]
"""Takes code of a value and gives code of one that is, or holds, or may be the same."""


def _is_closed(value: str) -> bool:
    """Whether it means the same outside of the method."""
    return value in SOURCES


def _local(site: Site, value: str) -> str:
    name = site.name("v")
    return site.first(f"{name} = {value}", name)


def _wrapped(template: str) -> Carrier:
    return lambda site, value: template.format(v=value)


def _statement(template: str) -> Carrier:
    def carry(site: Site, value: str) -> str:
        name = site.name("v")
        return site.first(template.format(n=name, v=value), name)

    return carry


def _function(head: str, body: str, call: str, decorator: str = "", other: bool = False) -> Carrier:
    def carry(site: Site, value: str) -> str:
        name = site.function(site.other if other else site.top, head, body, decorator)
        return call.format(f=f"other.{name}" if other else name, v=value)

    return carry


def _method(head: str, body: str, call: str, decorator: str = "", base: bool = False) -> Carrier:
    def carry(site: Site, value: str) -> str:
        name = site.function(site.base if base else site.members, head, body, decorator)
        return call.format(f=name, v=value)

    return carry


def _box(body: str, use: str, decorator: str = "", bases: str = "") -> Carrier:
    def carry(site: Site, value: str) -> str:
        return use.format(b=site.shape(body, decorator, bases), v=value)

    return carry


def _closed(carrier: Carrier) -> Carrier:
    """For a value that stands outside of the method."""
    return lambda site, value: carrier(site, value) if _is_closed(value) else _local(site, value)


def _default(site: Site, value: str) -> str:
    return f"{site.function(site.top, f'x={value}', 'return x')}()"


def _property(base: bool = False) -> Carrier:
    def carry(site: Site, value: str) -> str:
        where = site.base if base else site.members
        return f"self.{site.function(where, 'self', f'return {value}', decorator=_PROPERTY)}"

    return _closed(carry)


def _class_attribute(of: str, base: bool = False) -> Carrier:
    def carry(site: Site, value: str) -> str:
        name = site.name("C")
        (site.base if base else site.members).append(f"{name} = {value}")
        return f"{of}.{name}"

    return _closed(carry)


def _global(site: Site, value: str) -> str:
    name = site.name("G")
    site.top.append(f"{name} = {value}")
    return name


def _global_table(site: Site, value: str) -> str:
    name = site.name("G")
    site.top.append(f"{name} = {{'a': {value}}}")
    return f"{name}['a']"


def _parameter(site: Site, value: str) -> str:
    name = site.name("given")
    site.parameters[name] = value
    return name


def _imported_within(site: Site, value: str) -> str:
    name = site.function(site.other, "x", "return x")
    return site.first(f"from other import {name} as g{name}", f"g{name}({value})")


def _inner(site: Site, value: str) -> str:
    name = site.name("g")
    return site.first(f"def {name}():\n    return {value}", f"{name}()")


def _kept(site: Site, value: str) -> str:
    name = site.name("a")
    return site.first(f"self.{name} = {value}", f"self.{name}")


def _in_submodule(site: Site, value: str) -> str:
    name, held = site.shape("def __init__(self, x):\n    super().__init__()\n    self.x = x", bases="(nn.Module)"), "x"
    part = site.name("part")
    return site.first(f"self.{part} = {name}({value})", f"self.{part}.{held}")


def _passed_by_base(site: Site, value: str) -> str:
    """What the constructor of the base passes to a method that only the class has."""
    name = site.name("take")
    site.members.append(f"def {name}(self, x):\n    self.k{name} = x")
    site.base.append(f"def go{name}(self, x):\n    self.{name}(x)")
    return site.first(f"self.go{name}({value})", f"self.k{name}")


def _passed_by_base_named(site: Site, value: str) -> str:
    name = site.name("take")
    site.members.append(f"def {name}(self, *, x):\n    return x")
    site.base.append(f"def go{name}(self, x):\n    return self.{name}(x=x)")
    return f"self.go{name}({value})"


def _back_and_forth(site: Site, value: str) -> str:
    name = site.name("take")
    site.members.append(f"def {name}(self):\n    return {value if _is_closed(value) else 'remade()'}")
    site.base.append(f"def go{name}(self):\n    return self.{name}()")
    return f"self.go{name}()"


def _overridden(site: Site, value: str) -> str:
    code = _back_and_forth(site, value)
    site.base.append(f"def {code.removeprefix('self.go')[:-2]}(self):\n    return None")
    return code


def _read_by_base(site: Site, value: str) -> str:
    """What a method of the base gives back of what the class has stored."""
    name = site.name("k")
    site.before.append(f"self.{name} = [{value}, 1][:2]")
    site.base.append(f"def read{name}(self):\n    return self.{name}[0]")
    return f"self.read{name}()"


CARRIERS: dict[str, Carrier] = {
    "a local": _local,
    "a local bound twice": _statement("{n} = None\n{n} = {v}"),
    "a local that is reset": _statement("{n} = {v}\n{n} = {n} if flag else None"),
    "two targets": _statement("{n} = {n}b = {v}"),
    "a tuple target": _statement("{n}b, {n} = 1, {v}"),
    "a starred target": _statement("{n}b, *{n} = 1, {v}\n{n} = {n}[0]"),
    "an annotated local": _statement("{n}: object = {v}"),
    "an augmented local": _statement("{n} = 1\n{n} *= {v}"),
    "a branch": _statement("if flag:\n    {n} = {v}\nelse:\n    {n} = None"),
    "an elif": _statement("if flag:\n    {n} = None\nelif flag:\n    {n} = {v}\nelse:\n    {n} = 1"),
    "a loop": _statement("for {n} in [{v}]:\n    pass"),
    "a loop over a zip": _statement("for {n}, {n}b in zip([{v}], [1]):\n    pass"),
    "a loop over numbers": _statement("{n} = None\nfor {n}b in range(2):\n    {n} = {v}"),
    "a while": _statement("{n} = None\nwhile {n} is None:\n    {n} = {v}"),
    "a try": _statement("try:\n    {n} = {v}\nexcept ValueError:\n    {n} = None"),
    "a finally": _statement("try:\n    pass\nfinally:\n    {n} = {v}"),
    "a with": _statement("with torch.no_grad():\n    {n} = {v}"),
    "a context": _statement("with contextlib.nullcontext({v}) as {n}:\n    pass"),
    "a match": _statement("match {v}:\n    case {n}:\n        pass"),
    "a match of a sequence": _statement("match [1, {v}]:\n    case [_, {n}]:\n        pass"),
    "a list that grows": _statement("{n} = []\n{n}.append({v})\n{n} = {n}[0]"),
    "a dict that grows": _statement("{n} = {{}}\n{n}['k'] = {v}\n{n} = {n}['k']"),
    "a dict that is updated": _statement("{n} = {{}}\n{n}.update(k={v})\n{n} = {n}['k']"),
    "a walrus": _statement("if ({n} := {v}) is not None:\n    pass"),
    "a walrus in an argument": _statement("print({n} := {v})"),
    "a lambda's name": _statement("{n} = lambda: {v}\n{n} = {n}()"),
    "a lambda's name and parameter": _statement("{n} = lambda x: x\n{n} = {n}({v})"),
    "a lambda's annotated name": _statement("{n}: object = lambda x: x\n{n} = {n}({v})"),
    "a lambda's other name": _statement("{n}b = lambda x: x\n{n}c = {n}b\n{n} = {n}c({v})"),
    "a lambda's default": _statement("{n} = (lambda x={v}: x)()"),
    "a lambda that is kept": _statement("self.f{n} = lambda x: x\n{n} = self.f{n}({v})"),
    "a lambda by condition": _statement("{n} = (lambda x: x) if flag else (lambda x: x + 1)\n{n} = {n}({v})"),
    "an inner function's parameter": _statement("def {n}b(x):\n    return x\n{n} = {n}b({v})"),
    "an inner function's keyword": _statement("def {n}b(*, x):\n    return x\n{n} = {n}b(x={v})"),
    "an inner function's default": _statement("def {n}b(x={v}):\n    return x\n{n} = {n}b()"),
    "an inner function that is given": _function("f, x", "return f(x)", "{f}(lambda x: x, {v})"),
    "an inner function that is passed on": _statement("def {n}b(x):\n    return x\n{n} = list(map({n}b, [{v}]))[0]"),
    "an inner function": _inner,
    "a nonlocal": _statement("{n} = None\ndef {n}b():\n    nonlocal {n}\n    {n} = {v}\n{n}b()"),
    "a generator": _statement("def {n}b():\n    yield {v}\n{n} = next({n}b())"),
    "an attribute of a local": _statement("{n}b = SimpleNamespace()\n{n}b.x = {v}\n{n} = {n}b.x"),
    "an alias of the instance": _statement("{n}b = self\n{n}b.w{n} = {v}\n{n} = self.w{n}"),
    "what the base passes": _passed_by_base,
    "what the base passes by keyword": _passed_by_base_named,
    "a method of the base that calls one of the class": _back_and_forth,
    "a method of the base that calls an overridden one": _overridden,
    "a method of the base that reads it": _read_by_base,
    "a conditional": _wrapped("({v} if flag else None)"),
    "a conditional's other side": _wrapped("(None if flag else {v})"),
    "an or": _wrapped("(None or {v})"),
    "an and": _wrapped("(flag and {v})"),
    "a tuple": _wrapped("({v}, 1)[0]"),
    "a list": _wrapped("[1, {v}][-1]"),
    "a dict": _wrapped("{{'k': {v}}}['k']"),
    "a dict's get": _wrapped("{{'k': {v}}}.get('k')"),
    "a default of get": _wrapped("{{}}.get('k', {v})"),
    "a pop": _wrapped("[{v}].pop()"),
    "dict()": _wrapped("dict(k={v})['k']"),
    "an unpacked list": _wrapped("[*[{v}]][0]"),
    "an unpacked dict": _wrapped("{{**{{'k': {v}}}}}['k']"),
    "a comprehension": _wrapped("[t for t in [{v}]][0]"),
    "a dict comprehension": _wrapped("{{k: {v} for k in [1]}}[1]"),
    "a generator expression": _wrapped("next(t for t in [{v}])"),
    "next": _wrapped("next(iter([{v}]))"),
    "max": _wrapped("max([{v}], key=len)"),
    "an operator": _wrapped("({v} * 2)"),
    "an operator from the right": _wrapped("(2 - {v})"),
    "a sign": _wrapped("(-{v})"),
    "a comparison": _wrapped("({v} > 0)"),
    "an item": _wrapped("{v}[0]"),
    "a method of it": _wrapped("{v}.clone()"),
    "a cast": _wrapped("{v}.to(torch.float64)"),
    "a pair of torch": _wrapped("{v}.max(0)[0]"),
    "a function of torch": _wrapped("torch.stack([{v}])"),
    "its data": _wrapped("{v}.data"),
    "a move to an accelerator": _wrapped("{v}.cuda()"),
    "a buffer": _wrapped("nn.Buffer({v})"),
    "copy": _wrapped("copy.deepcopy({v})"),
    "getattr": _wrapped("getattr(SimpleNamespace(x={v}), 'x')"),
    "getattr's default": _wrapped("getattr(self, 'nothing', {v})"),
    "getattr by a local name": _statement("self.a{n} = {v}\nk = 'a{n}'\n{n} = getattr(self, k)"),
    "getattr by a made name": _statement("self.a{n} = {v}\nk = '{n}'\n{n} = getattr(self, f'a{{k}}')"),
    "an attribute of any name": _statement("for k in ['a{n}']:\n    setattr(self, k, {v})\n{n} = self.a{n}"),
    "the instance's table": _statement("self.a{n} = {v}\n{n} = self.__dict__['a{n}']"),
    "the instance's variables": _statement("self.a{n} = {v}\n{n} = vars(self)['a{n}']"),
    "a lambda": _wrapped("(lambda x: x)({v})"),
    "a function": _function("x", "return x", "{f}({v})"),
    "a function with a keyword": _function("*, x", "return x", "{f}(x={v})"),
    "a function with a starred parameter": _function("*xs", "return xs[0]", "{f}({v})"),
    "a function with named ones": _function("**named", "return named['x']", "{f}(x={v})"),
    "a function that is unpacked into": _function("y, x", "return x", "{f}(*[1, {v}])"),
    "a function that is given a dict": _function("x", "return x", "{f}(**{{'x': {v}}})"),
    "a function that gives two": _function("x", "return 1, x", "{f}({v})[1]"),
    "a function that passes on": _function("x", "return remade() if x is None else x", "{f}({v})"),
    "a function with an early return": _function("x", "if x is None:\n    return 1\ny = x\nreturn y", "{f}({v})"),
    "a function that goes back to itself": _function("x, n=1", "return x if n else f1(x, 1)", "{f}({v})"),
    "a function that ignores it": _function("x", "return remade()", "{f}({v})"),
    "a decorated function": _function("x", "return x", "{f}({v})", "@functools.cache\n"),
    "a function in another file": _function("x", "return x", "{f}({v})", other=True),
    "a function imported within": _imported_within,
    "an inner partial": _statement("def {n}b(x):\n    return x\n{n} = functools.partial({n}b, {v})()"),
    "partial": _function("x", "return x", "functools.partial({f}, {v})()"),
    "map": _function("x", "return x", "list(map({f}, [{v}]))[0]"),
    "a method": _method("self, x", "return x", "self.{f}({v})"),
    "a method by its class": _method("self, x", "return x", "Model.{f}(self, {v})"),
    "a static method": _method("x", "return x", "self.{f}({v})", "@staticmethod\n"),
    "a static method by its class": _method("x", "return x", "Model.{f}({v})", "@staticmethod\n"),
    "a class method": _method("cls, x", "return x", "self.{f}({v})", "@classmethod\n"),
    "an inherited method": _method("self, x", "return x", "self.{f}({v})", base=True),
    "a method by super": _method("self, x", "return x", "super().{f}({v})", base=True),
    "a bound method": _method("self, x", "return x", "(lambda f: f)(self.{f})({v})"),
    "a method by a local": _method("self, x", "return x", "(put := self.{f})({v})"),
    "a method that is passed on": _method("self, x", "return x", "list(map(self.{f}, [{v}]))[0]"),
    "a partial method": _method("self, x", "return x", "functools.partial(self.{f}, {v})()"),
    "a method by its name": _method("self, x", "return x", "getattr(self, '{f}')({v})"),
    "a box": _box("def __init__(self, x):\n    self.x = x", "{b}({v}).x"),
    "a box with a getter": _box(
        "def __init__(self, x):\n    self.x = x\ndef get(self):\n    return self.x", "{b}({v}).get()"
    ),
    "a box with a property": _box(
        "def __init__(self, x):\n    self._x = x\n@property\ndef x(self):\n    return self._x", "{b}({v}).x"
    ),
    "a dataclass": _box("x: object", "{b}({v}).x", "@dataclass\n"),
    "a named tuple": _box("x: object", "{b}({v}).x", bases="(NamedTuple)"),
    "a named tuple's item": _box("x: object\ny: int = 1", "{b}({v})[0]", bases="(NamedTuple)"),
    "what is called": _box("def __call__(self, x):\n    return x", "{b}()({v})"),
    "a module that is called": _box("def forward(self, x):\n    return x", "{b}()({v})", bases="(nn.Module)"),
    "an item of a box": _box("def __getitem__(self, x):\n    return remade()", "{b}()[{v}]"),
    "an operator of a box": _box("def __mul__(self, x):\n    return x", "({b}() * {v})"),
    "a static method of a box": _box("@staticmethod\ndef get(x):\n    return x", "{b}.get({v})"),
    "a box's attribute": _box("x = remade()", "{b}.x"),
    "an attribute": _kept,
    "a submodule": _in_submodule,
    "a parameter": _closed(_parameter),
    "a default": _closed(_default),
    "a property": _property(),
    "an inherited property": _property(base=True),
    "a class attribute": _class_attribute("Model"),
    "a class attribute of its own": _class_attribute("self"),
    "an inherited attribute": _class_attribute("self", base=True),
    "a global": _closed(_global),
    "a global table": _closed(_global_table),
}  # fmt: skip


Sink = Callable[[Site, str], str]
"""Gives the code that keeps a value on the instance, as the attribute ``out``."""


def _kept_as(template: str) -> Sink:
    return lambda site, value: template.format(v=value)


def _helper(body: str, call: str = "{f}(self, {v})", head: str = "m, x", decorator: str = "") -> Sink:
    return lambda site, value: call.format(f=site.function(site.top, head, body, decorator), v=value)


def _helpers(outer: str, inner: str, call: str = "{f}(self, {v})") -> Sink:
    def keep(site: Site, value: str) -> str:
        name = site.function(site.top, "m, x", inner)
        return call.format(f=site.function(site.top, "m, x", outer.format(f=name)), v=value)

    return keep


def _by_method(head: str, body: str, call: str, decorator: str = "", base: bool = False) -> Sink:
    return lambda site, value: call.format(
        f=site.function(site.base if base else site.members, head, body, decorator), v=value
    )


def _calls_method(body: str, method: str = "self.out = x") -> Sink:
    """A function that is given the instance calls one of its methods."""

    def keep(site: Site, value: str) -> str:
        name = site.function(site.members, "self, x", method)
        return f"{site.function(site.top, 'm, x', body.format(m=name))}(self, {value})"

    return keep


def _asks_method(site: Site, value: str) -> str:
    name = site.function(site.members, "self", "return remade()")
    return f"self.out = {site.function(site.top, 'm', f'return m.{name}()')}(self)"


def _by_setter(base: bool) -> Sink:
    def keep(site: Site, value: str) -> str:
        where = site.base if base else site.members
        where.append("@property\ndef put(self):\n    return self.out\n@put.setter\ndef put(self, x):\n    self.out = x")
        return f"self.put = {value}"

    return keep


def _by_object(body: str, call: str) -> Sink:
    return lambda site, value: call.format(b=site.shape(body), v=value)


SINKS: dict[str, Sink] = {
    "an assignment": _kept_as("self.out = {v}"),
    "an annotated one": _kept_as("self.out: object = {v}"),
    "a chain": _kept_as("self.other = self.out = {v}"),
    "a tuple target": _kept_as("self.other, self.out = 1, {v}"),
    "a list target": _kept_as("[self.out, _] = [{v}, 1]"),
    "a starred target": _kept_as("self.other, *self.out = 1, {v}"),
    "an augmented one": _kept_as("self.out = 1\nself.out += {v}"),
    "a loop's target": _kept_as("for self.out in [{v}]:\n    pass"),
    "a context's target": _kept_as("with contextlib.nullcontext({v}) as self.out:\n    pass"),
    "setattr": _kept_as("setattr(self, 'out', {v})"),
    "setattr with a made name": _kept_as("for k in ('out', 'other'):\n    setattr(self, k, {v})"),
    "setattr with an f-string": _kept_as("setattr(self, f'out{{1}}', {v})"),
    "object.__setattr__": _kept_as("object.__setattr__(self, 'out', {v})"),
    "its own __setattr__": _kept_as("self.__setattr__('out', {v})"),
    "super().__setattr__": _kept_as("super().__setattr__('out', {v})"),
    "__dict__": _kept_as("self.__dict__['out'] = {v}"),
    "__dict__.update": _kept_as("self.__dict__.update(out={v})"),
    "an alias": _kept_as("me = self\nme.out = {v}"),
    "an alias of an alias": _kept_as("me = self\nyou = me\nyou.out = {v}"),
    "an alias by a tuple": _kept_as("me, _ = self, 1\nme.out = {v}"),
    "an inner function": _kept_as("def keep():\n    self.out = {v}\nkeep()"),
    "an inner function's parameter": _kept_as("def keep(m):\n    m.out = {v}\nkeep(self)"),
    "a lambda": _kept_as("(lambda: setattr(self, 'out', {v}))()"),
    "a lambda's parameter": _kept_as("(lambda m: setattr(m, 'out', {v}))(self)"),
    "a list": _kept_as("self.out = [{v}]"),
    "a list that grows": _kept_as("self.out = []\nself.out.append({v})"),
    "a dict that grows": _kept_as("self.out = {{}}\nself.out['k'] = {v}"),
    "a dict that is updated": _kept_as("self.out = {{}}\nself.out.update(k={v})"),
    "a comprehension": _kept_as("self.out = [t for t in [{v}]]"),
    "a register_buffer": _kept_as("self.register_buffer('out', {v})"),
    "a register_buffer of a taken name": _kept_as("self.out = 1\nself.register_buffer('out', {v})"),
    "a register_buffer that is stored": _kept_as("self.out = self.register_buffer('out', {v})"),
    "a parameter's data": _kept_as("self.out = nn.Parameter({v}).data"),
    "an nn.Buffer that is scaled": _kept_as("self.out = nn.Buffer({v}) * 2"),
    "a branch": _kept_as("if flag:\n    self.out = {v}\nelse:\n    self.out = None"),
    "a try": _kept_as("try:\n    self.out = {v}\nexcept ValueError:\n    self.out = None"),
    "a deletion and again": _kept_as("self.out = 1\ndel self.out\nself.out = {v}"),
    "a helper": _helper("m.out = x"),
    "a helper with an alias": _helper("me = m\nme.out = x"),
    "a helper that is given an alias": _helper("m.out = x", "me = self\n{f}(me, {v})"),
    "a helper with a keyword": _helper("m.out = x", "{f}(m=self, x={v})"),
    "a helper with a default": _helper("m.out = x", "{f}(self)", "m, x=torch.ones(2)"),
    "a helper with setattr": _helper("setattr(m, 'out', x)"),
    "a helper with a name": _helper("setattr(m, name, x)", "{f}(self, 'out', {v})", "m, name, x"),
    "a helper with an inner function": _helper("def keep():\n    m.out = x\nkeep()"),
    "a helper with an annotation": _helper("m.out = x", head="m: 'Mixin', x"),
    "a helper with an annotation of torch": _helper("m.out = x", head="m: nn.Module, x"),
    "a helper with a starred parameter": _helper("ms[0].out = x", "{f}({v}, self)", "x, *ms"),
    "a decorated helper": _helper("m.out = x", decorator="@functools.cache\n"),
    "a helper that registers": _helper("m.out = 1\nm.register_buffer('out', x)"),
    "a helper that gives it back": _helper("m.out = x\nreturn m", "me = {f}(self, {v})"),
    "what a helper gives back": _helper("return m", "me = {f}(self, {v})\nme.out = {v}"),
    "a helper of a helper": _helpers("{f}(m, x)", "m.out = x"),
    "a helper of a helper with an alias": _helpers("me = m\n{f}(me, x)", "m.out = x"),
    "a helper of a helper that sets": _helpers("{f}(m, x)", "setattr(m, 'out', x)"),
    "a helper that calls a method": _calls_method("m.{m}(x)"),
    "a helper that calls an alias's method": _calls_method("me = m\nme.{m}(x)"),
    "a helper that calls a method by name": _calls_method("getattr(m, '{m}')(x)"),
    "a helper that asks a method": _asks_method,
    "a method": _by_method("self, x", "self.out = x", "self.{f}({v})"),
    "a method with a name": _by_method("self, name, x", "setattr(self, name, x)", "self.{f}('out', {v})"),
    "a method by its class": _by_method("self, x", "self.out = x", "Model.{f}(self, {v})"),
    "a method by getattr": _by_method("self, x", "self.out = x", "getattr(self, '{f}')({v})"),
    "a method by a local": _by_method("self, x", "self.out = x", "put = self.{f}\nput({v})"),
    "a static method": _by_method("m, x", "m.out = x", "self.{f}(self, {v})", "@staticmethod\n"),
    "an inherited method": _by_method("self, x", "self.out = x", "self.{f}({v})", base=True),
    "an inherited method by super": _by_method("self, x", "self.out = x", "super().{f}({v})", base=True),
    "an inherited method by its class": _by_method("self, x", "self.out = x", "Base.{f}(self, {v})", base=True),
    "a method's default": _by_method("self, x=torch.ones(2)", "self.out = x", "self.{f}()"),
    "a setter": _by_setter(base=False),
    "an inherited setter": _by_setter(base=True),
    "an object": _by_object("def __init__(self, x):\n    self.x = x", "self.out = {b}({v})"),
    "an object that is filled": _by_object("pass", "self.out = {b}()\nself.out.x = {v}"),
    "an object that is given the instance": _by_object("def __init__(self, m, x):\n    m.out = x", "{b}(self, {v})"),
    "an object's method that is given the instance": _by_object(
        "def keep(self, m, x):\n    m.out = x", "{b}().keep(self, {v})"
    ),
    "a distribution": _kept_as("self.out = torch.distributions.Normal({v}, {v})"),
    "a submodule's attribute": _kept_as("self.part = nn.Linear(1, 1)\nself.part.out = {v}"),
    "a method of apply": _by_method("self, m", "m.out = torch.ones(2)", "self.apply(self.{f})"),
}  # fmt: skip

PLACES = ("init", "init", "method", "inherited", "hook", "setup")
"""Where the value is kept: in the constructor, in a method that it calls, in the constructor of the base, in a method
that the base calls and only the class has, in a branch."""


@dataclass(frozen=True, slots=True)
class Project:
    source: str
    carriers: tuple[str, ...]
    sink: str
    place: str

    @property
    def files(self) -> dict[str, str]:
        site, value = Site(), self.source
        for name in self.carriers:
            value = CARRIERS[name](site, value)
        kept = "\n".join([*site.before, SINKS[self.sink](site, value)])
        init, base_init = "super().__init__()\n", "super().__init__()\n"
        given = "".join(f", {name}=None" for name in site.parameters)
        if self.place == "init":
            init += kept
        elif self.place == "setup":
            init += f"self.linear = nn.Linear(1, 1)\nif flag:\n{_block(kept, 4)}"
        elif self.place == "inherited" and not site.parameters:
            base_init += kept
        else:
            inner = f"self.build({''.join(f'{name}, ' for name in site.parameters)}flag)"
            names = "".join(f"{name}, " for name in site.parameters)
            site.members.append(f"def build(self, {names}flag):\n{_block(kept, 4)}")
            if self.place == "hook" and not site.parameters:
                base_init += inner
            else:
                init += inner
        members = [f"def __init__(self{given}, flag=True):\n{_block(init, 4)}", *site.members, FORWARD]
        base = [f"def __init__(self, flag=True):\n{_block(base_init, 4)}", *site.base]
        built = (
            f"\n\ndef build():\n    return Model({', '.join(site.parameters.values())})\n" if site.parameters else ""
        )
        model = [HEAD, *site.top, "class Mixin:\n    pass", f"class Base(nn.Module):\n{_block(_joined(base), 4)}"]
        model.append(f"class Model(Mixin, Base):\n{_block(_joined(members), 4)}")
        return {"m.py": "\n\n\n".join(model) + built, "other.py": "\n\n".join([OTHER, *site.other])}


FORWARD = "def forward(self, x):\n    return x * self.out.to(x.device)"


SELECTED: tuple[tuple[str, ...], ...] = ((), (), ("BUF008",), ("BUF009",), ("BUF008", "BUF009", "BUF011"))
"""Rules that the screen is asked for; none stands for the usual ones."""


@st.composite
def projects(draw: st.DrawFn) -> Project:
    return Project(
        draw(st.sampled_from(SOURCES)),
        tuple(draw(st.lists(st.sampled_from(sorted(CARRIERS)), max_size=2))),
        draw(st.sampled_from(sorted(SINKS))),
        draw(st.sampled_from(PLACES)),
    )


def _joined(members: list[str]) -> str:
    return "\n\n".join(members)


def _block(code: str, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" if line else "\n" for line in code.splitlines())


def reports(project: Project, settings: Settings) -> tuple[Report, Report]:
    """What is reported of a project with the screen and without."""
    files = project.files

    def said(screened: bool) -> Report:
        sources = MemoryWorkspace({name: Source(at(name), text) for name, text in files.items()})
        return analyse([at(name) for name in files], sources, settings, screened=screened)

    return said(True), said(False)
