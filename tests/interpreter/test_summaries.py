"""A function is interpreted once for what it looks at: depth and recursion cost what they cost once."""

from __future__ import annotations

import pytest

from bufferlint.engine import analyse
from bufferlint.finding import Report
from bufferlint.settings import Settings
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

HEAD = "import torch\nfrom torch import nn\n\n\n"


def report(code: str) -> Report:
    return analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), HEAD + code)}), Settings())


def found(code: str) -> list[tuple[str, str]]:
    result = report(code)
    assert result.problems == ()
    return [(finding.subject, finding.mark) for finding in result.findings]


def chain(depth: int, last: str) -> str:
    methods = [f"    def m{at}(self):\n" + f"        self.m{at + 1}()\n" * 2 for at in range(depth)]
    head = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.m0()\n\n"
    return head + "\n".join([*methods, f"    def m{depth}(self):\n        {last}\n"])


@pytest.mark.parametrize("depth", [1, 8, 19, 40])
def test_methods_that_call_the_next_twice_keep_their_finding(depth: int) -> None:
    assert found(chain(depth, "self.mask = torch.ones(2)")) == [("Net.mask", "[*]")]
    assert found(chain(depth, "self.size = 2")) == []


def test_a_chain_beyond_the_bound_is_a_problem() -> None:
    (problem,) = report(chain(120, "self.mask = torch.ones(2)")).problems
    assert "nested more than 60 deep" in problem.cause


BASE = """\
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.kept = self.make()

    def make(self):
        raise NotImplementedError


"""
CHILD = """\
class {name}(Base):
    def make(self):
        return {value}


"""


def test_what_a_base_does_is_done_for_each_class_that_answers_otherwise() -> None:
    one, two = CHILD.format(name="One", value="torch.ones(2)"), CHILD.format(name="Two", value="3")
    assert [subject for subject, _ in found(BASE + one + two)] == ["One.kept"]
    assert [subject for subject, _ in found(BASE + two + one)] == ["One.kept"]


TAKING = """\
class {name}(Base):
    def __init__(self):
        super().__init__()
        self.given = {value}
        self.take()


"""


def test_what_an_instance_holds_is_looked_at_anew() -> None:
    base = "class Base(nn.Module):\n    def take(self):\n        self.taken = self.given\n\n\n"
    one, two = TAKING.format(name="One", value="2"), TAKING.format(name="Two", value="torch.ones(2)")
    assert sorted(subject for subject, _ in found(base + one + two)) == ["Two.given", "Two.taken"]


def test_recursion_gives_what_its_end_gives() -> None:
    code = "def grown(n):\n    if n == 0:\n        return {}\n    return {} + grown(n - 1)\n\n\n"
    net = "class Net(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.x = grown(n)\n"
    assert found(code.format("torch.ones(2)", "torch.ones(2)") + net) == [("Net.x", "[*]")]
    assert found(code.format("1", "2") + net) == []


def test_mutual_recursion_ends() -> None:
    code = "def a(n):\n    return b(n - 1) if n else torch.ones(2)\n\n\n"
    code += "def b(n):\n    return a(n) if n else torch.zeros(2)\n\n\n"
    net = "class Net(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.x = a(n)\n"
    assert found(code + net) == [("Net.x", "[*]")]


def test_a_method_that_calls_itself_ends() -> None:
    code = "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.grow(3)\n\n"
    code += "    def grow(self, n):\n        self.mask = torch.ones(2)\n        if n:\n            self.grow(n - 1)\n"
    assert found(code) == [("Net.mask", "[*]")]


def test_recursion_of_a_local_function_leaves_the_methods_after_it_summarised() -> None:
    walk = "        def walk(n):\n            return walk(n - 1)\n\n        walk(3)\n        self.m0()\n"
    code = chain(40, "self.mask = torch.ones(2)").replace("        self.m0()\n", walk, 1)
    assert found(code) == [("Net.mask", "[*]")]


@pytest.mark.parametrize("own", ["type(self)", "self.__class__"])
def test_class_of_the_instance_is_that_of_each_subclass(own: str) -> None:
    code = f"""\
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        print({own}.__name__)
        cls = {own}
        self.kept = cls.make()
        self.size = {own}.size


class Grown(Base):
    size = 2

    @staticmethod
    def make():
        return torch.ones(2)


class Plain(Base):
    size = 3

    @staticmethod
    def make():
        return 2
"""
    assert found(code) == [("Grown.kept", "[ ]")]


def test_a_literal_of_the_class_counts_by_its_value() -> None:
    code = """\
class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.kept = getattr(torch, self.maker)(2)


class First(Base):
    maker = "{}"


class Second(Base):
    maker = "{}"
"""
    assert found(code.format("numel", "numel")) == []
    assert [subject for subject, _ in found(code.format("ones", "ones"))] == ["First.kept"]
    assert [subject for subject, _ in found(code.format("numel", "ones"))] == ["Second.kept"]


@pytest.mark.parametrize("made", ["type(self).Table.make()", "made_by(type(self))", "made_by(self.__class__)"])
def test_class_of_the_instance_is_handed_on_as_itself(made: str) -> None:
    code = """\
def made_by(cls):
    return cls.Table.make()


class Net(nn.Module):
    class Table:
        @staticmethod
        def make():
            return {value}

    def __init__(self):
        super().__init__()
        self.kept = {made}
"""
    assert [subject for subject, _ in found(code.format(made=made, value="torch.ones(2)"))] == ["Net.kept"]
    assert found(code.format(made=made, value="2")) == []
