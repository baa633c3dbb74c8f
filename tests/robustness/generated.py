"""Module classes made by chance: statement shapes x value shapes x hazards, and what must hold of each."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import torch
from hypothesis import strategies as st
from torch import nn

from bufferlint.finding import Finding
from bufferlint.settings import Settings
from tests.held_tensors import Held, Role, held
from tests.memory import mend, mended

IMPORTS = "import torch\nfrom torch import nn\n"
HELPER = "def make(n):\n    return torch.full((n,), 2.0)\n"
VALUES = (
    "torch.ones(2)",
    "torch.arange(3)",
    "torch.randn(2, 2)",
    "torch.zeros(2, dtype=torch.bool)",
    "torch.tensor([1.0, 2.0])",
    "torch.tensor(1e-8)",
    "torch.triu(torch.ones(3, 3), diagonal=1)",
    "torch.ones(1).expand(3)",
    "torch.ones(2, 3).t()",
    "torch.ones(4)[1:3]",
    "torch.linspace(0, 1, 3).view(1, 3)",
    "torch.ones(2).max(0)",
    "torch.ones(2).max()",
    "torch.ones(2).tolist()",
    "torch.ones(2).numpy()",
    "torch.ones(2).item()",
    "given",
    "make(2)",
    "self.helper(2)",
    "None",
    "1.0",
    "[torch.ones(1)]",
    "(1, 2)",
    "nn.Parameter(torch.ones(2))",
    "nn.Linear(2, 2)",
    "torch.ones(2, requires_grad=True)",
    "torch.ones(2).bool()",
    "torch.ones(2) if flag else torch.zeros(2)",
    "torch.ones(2) if flag else None",
    "torch.ones(2).to('cpu')",
    "(torch.arange(4)\n  .float())",
    "torch.complex(torch.ones(2), torch.ones(2))",
    "torch.Tensor([1, 2])",
    "self.linear.weight * 2",
    "self.linear.weight.detach()",
    "self.mask",
    "torch.cumsum(torch.ones(3), 0)",
    "torch.stack([torch.ones(1), torch.zeros(1)])",
    "torch.ones(6).chunk(2)",
    "lambda: torch.ones(1)",
    "torch.distributions.Normal(0.0, 1.0)",
    "nn.Buffer(torch.ones(2))",
    "torch.ones(2).size()",
    "torch.ones(2).dtype",
)
SHAPES = (
    "self.{a} = {v}",
    "self.{a} = {v}",
    "self.{a} = {v}  # a note",
    "self.{a}: torch.Tensor = {v}",
    "self.{a}: 'Mask' = {v}",
    "self.{a}: torch.Tensor\nself.{a} = {v}",
    "flag = not flag; self.{a}: torch.Tensor = {v}; other = 1",
    "if flag:\n    self.{a}: torch.Tensor = {v}\nelse:\n    self.{a} = {w}",
    "self.{a} = self.{b} = {v}",
    "self.{a}, self.{b} = {v}, {w}",
    "local = {v}\nself.{a} = local",
    "local = {v}; self.{a} = local",
    "if flag:\n    self.{a} = {v}\nelse:\n    self.{a} = {w}",
    "if flag:\n    self.{a} = {v}",
    "for _ in range(2):\n    self.{a} = {v}",
    "with torch.no_grad():\n    self.{a} = {v}",
    "try:\n    self.{a} = {v}\nexcept ValueError:\n    self.{a} = {w}",
    "setattr(self, '{a}', {v})",
    "self.register_buffer('{a}', {v})",
    "self.{a} = {v}\nself.{a} += 1",
    "self.{a} = {v}\ndel self.{a}",
    "self.__dict__['{a}'] = {v}",
    "object.__setattr__(self, '{a}', {v})",
    "self.{a} = (local := {v})",
    "self.{a} = {v}\nself.{a}[0] = 1",
    "self.{a} = {v}\nself.{b} = self.{a}",
    "self.{a} = self.register_buffer('{a}', {v})",
    "self.{a} = {v}\nother = self.{a}\nother.mul_(2)",
    "self.add = lambda: self.{a}\nself.{a} = {v}",
    "def inner():\n    self.{a} = {v}\ninner()",
    "while True:\n    self.{a} = {v}\n    break",
)
NAMES = ("mask", "table", "steps", "_cache", "__hidden", "scale", "training", "type")
CLASS_LEVEL = (
    "",
    "",
    "",
    "",
    "mask = None\n",
    "mask: torch.Tensor\n",
    "table = torch.ones(1)\n",
    "steps = 3\n",
    "@property\ndef scale(self):\n    return 1\n",
    "def table(self):\n    return 1\n",
    "__slots__ = ()\n",
    "def __setattr__(self, name, value):\n    super().__setattr__(name, value)\n",
)
LATER = (
    "",
    "",
    "",
    "self.{a} = {v}",
    "self.{a} = 0.5",
    "self.{a} = None",
    "del self.{a}",
    "self.{a} += 1",
    "self.{a}.add_(1)",
    "self.{a} = self.{a} * 2",
    "self.{a} = nn.Parameter(torch.ones(2))",
    "self.{a} = self.{a}.tolist()",
    "self.__init__()",
)
USES = ("self.{a} * 2", "x + self.{a}", "self.{a}", "str(self.{a})", "x[self.{a}]", "self.{a}.sum()", "len(self.{a})")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a file is made of; ``text`` puts it together."""

    class_level: str
    before_super: str
    construction: tuple[str, ...]
    inherited: str
    later: str
    use: str
    local: str = "local"
    imports: str = IMPORTS
    comments: bool = False
    reordered: bool = False
    returns: str = ""
    options: bool = False
    """Whether the constructor takes keywords."""

    @property
    def base(self) -> str:
        body = _block(self.inherited or "pass", 8)
        return f"class Base(nn.Module):\n    def __init__(self):\n        super().__init__()\n{body}\n"

    @property
    def model(self) -> str:
        init = _block(self.before_super, 8) + "        super().__init__()\n        self.linear = nn.Linear(2, 2)\n"
        init += "".join(_block(each, 8) for each in self.construction)
        keywords = ", **options" if self.options else ""
        methods = [
            f"    def __init__(self, given=torch.ones(2), flag=True{keywords}){self.returns}:\n{init}",
            "    def helper(self, n):\n        return torch.zeros(n)\n",
            f"    def change(self):\n{_block(self.later or 'pass', 8)}",
            f"    def forward(self, x):\n        return {self.use}\n",
        ]
        methods = methods[::-1] if self.reordered else methods
        return "class Model(Base):\n" + _block(self.class_level, 4) + "\n".join(methods)

    @property
    def text(self) -> str:
        return self._said("\n\n".join([self.imports, HELPER, self.base, self.model]))

    @property
    def files(self) -> dict[str, str]:
        """The same in two files."""
        model = "\n\n".join([self.imports + "from lower import Base, make\n", self.model])
        return {"lower.py": "\n\n".join([self.imports, HELPER, self.base]), "m.py": model}

    def _said(self, text: str) -> str:
        text = text.replace("local", self.local)
        if not self.comments:
            return text
        lines = text.split("\n")
        return "\n".join(
            f"{line[: len(line) - len(line.lstrip())]}# said\n{line}" if line.lstrip().startswith("self.") else line
            for line in lines
        )


@st.composite
def parts(draw: st.DrawFn) -> Parts:
    def filled(shape: str) -> str:
        name, other = draw(st.sampled_from(NAMES)), draw(st.sampled_from(NAMES))
        return shape.format(a=name, b=other, v=draw(st.sampled_from(VALUES)), w=draw(st.sampled_from(VALUES)))

    statements = st.sampled_from(SHAPES).map(filled)
    return Parts(
        draw(st.sampled_from(CLASS_LEVEL)),
        draw(st.one_of(st.just(""), st.just(""), st.just(""), st.just("self.steps = 3"), statements)),
        tuple(draw(st.lists(statements, min_size=1, max_size=3))),
        draw(
            st.one_of(
                st.just(""),
                st.just(""),
                statements.map(lambda code: code.replace("given", "torch.ones(1)").replace("__", "_")),
            )
        ),
        filled(draw(st.sampled_from(LATER))),
        filled(draw(st.sampled_from(USES))),
        imports=draw(st.sampled_from(("", "from __future__ import annotations\n"))) + IMPORTS,
        returns=draw(st.sampled_from(("", " -> None"))),
    )


def _block(code: str, indent: int) -> str:
    return "".join(f"{' ' * indent}{line}\n" for line in code.splitlines())


# -- what must hold --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a class does: its tensors as built and as changed, and what calls give; of an error its type."""

    built: dict[str, Held] | str
    given: object = None
    changed: dict[str, Held] | str = ""
    given_then: object = None


def run(text: str) -> tuple[Outcome, nn.Module | None]:
    return run_in(text)[:2]


def run_in(text: str) -> tuple[Outcome, nn.Module | None, dict[str, Any]]:
    """What the class ``Model`` of a file does, an instance, and the names of the file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = ModuleType("generated")
        try:
            exec(compile(text, "generated.py", "exec", dont_inherit=True), module.__dict__)
            torch.manual_seed(0)
            model = module.__dict__["Model"]()
        except Exception as error:  # the generated code may raise anything
            return Outcome(type(error).__name__), None, module.__dict__
        built, given = held(model), _called(model)
        try:
            model.change()
        except Exception as error:
            return Outcome(built, given, type(error).__name__), model, module.__dict__
        return Outcome(built, given, held(model), _called(model)), model, module.__dict__


def _called(model: nn.Module) -> object:
    torch.manual_seed(1)
    try:
        value = model(torch.ones(2))
    except Exception as error:
        return type(error).__name__
    return (
        (str(value.dtype), value.detach().reshape(-1).tolist()) if isinstance(value, torch.Tensor) else repr(value)[:40]
    )


def check(source: Parts) -> int:
    """AssertionError when a safe fix changes what the class does; the number of fixes."""
    text = source.text
    result = mend({"m.py": text}, Settings())
    assert not result.problems, [problem.cause for problem in result.problems]
    if not result.changes:
        return 0
    after = mended({"m.py": text}, result)["m.py"]
    old, _ = run(text)
    new, model = run(after)
    where = f"\n{text}\n--- becomes ---\n{after}"
    assert plain(old) == plain(new), f"{plain(old)}\n{plain(new)}{where}"
    fixed = [finding for change in result.changes for finding in change.fixed]
    for finding in fixed if model is not None else ():
        _registered(finding, model, where)
    return len(fixed)


def _registered(finding: Finding, model: nn.Module | None, where: str) -> None:
    assert model is not None
    name = finding.attribute
    mangled = f"_{finding.class_name}{name}" if name.startswith("__") else name
    again, _ = run(where.partition("--- becomes ---\n")[2])
    assert isinstance(again.built, dict)
    role = again.built.get(f".{mangled}")
    assert role is None or role.role is not Role.PLAIN, f"'{name}' stays a plain tensor{where}"


def plain(outcome: Outcome) -> Outcome:
    """The outcome without the roles of tensors."""

    def bare(tensors: dict[str, Held] | str) -> dict[str, Held] | str:
        if isinstance(tensors, str):
            return tensors
        return {name: replace(each, role=Role.PLAIN) for name, each in tensors.items()}

    return replace(outcome, built=bare(outcome.built), changed=bare(outcome.changed))
