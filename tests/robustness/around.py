"""Module classes made by chance with code around them that concerns their instances: what other code does to a module,
what a cast makes of its tensors, copies and checkpoints; and classes without any hazard, which keep a safe fix."""

from __future__ import annotations

import copy
import io
import warnings
from dataclasses import dataclass, replace

import torch
from hypothesis import strategies as st

from bufferlint.settings import Settings
from tests.memory import mend, mended
from tests.robustness.generated import IMPORTS, Outcome, Parts, plain, run_in

HEAD = "import copy, math\nimport numpy as np\nimport torch.nn.functional as F\n\nTABLE = torch.ones(2)\nSEEN = []\n"
VALUES = (
    "torch.ones(2)",
    "torch.zeros(2)",
    "torch.tensor([0.5, 2.0])",
    "torch.arange(2)",
    "torch.ones(2) * 100000",
    "torch.full((2,), float('-1e9'))",
    "torch.full((2,), torch.finfo(torch.float32).min)",
    "torch.tensor([10.0 ** k for k in range(8, 10)])",
    "torch.tensor(2)",
    "TABLE",
    "TABLE[:2]",
    "TABLE.clone()",
    "torch.from_numpy(np.ones(2, dtype=np.float32))",
    "options.get('t', torch.ones(2))",
    "torch.eye(2)",
    "torch.ones(2).bool()",
)
BEFORE = (
    "",
    "self.__dict__.update(options)",
    "for k, v in options.items():\n    setattr(self, k, v)",
    "for k in ('rate', 'depth'):\n    setattr(self, k, 1)",
    "exec('self.{a} = None')",
    "type(self).{a} = None",
    "list(map(lambda pair: setattr(self, *pair), options.items()))",
)
BEHIND = (
    "",
    "self.kept = self.{a}",
    "self.kept = [self.{a}]",
    "self.kept = lambda: self.{a}.sum()",
    "self.kept = self.{a}.mul",
    "SEEN.append(self.{a})",
    "self.first = id(self.{a})",
    "self.{a}.tag = 3",
    "self.half()",
    "self.to(torch.float64)",
    "self._apply(lambda t: t.double())",
    "self.size = len(self.state_dict())",
    "self.size = sum(1 for _ in self.buffers())",
    "self.load_state_dict(self.state_dict())",
    "self.{a}[0] = 1e6",
)
METHODS = (
    "",
    "def state_dict(self, *args, **named):\n    state = super().state_dict(*args, **named)\n"
    "    return {{k: v for k, v in state.items() if k != '{a}'}}\n",
    "def __getattr__(self, name):\n    return super().__getattr__(name)\n",
    "def __setstate__(self, state):\n    state.setdefault('{a}', 0.5)\n    super().__setstate__(state)\n",
    "def _load_from_state_dict(self, state, *rest):\n    for key in state:\n        assert key != '{a}'\n"
    "    super()._load_from_state_dict(state, *rest)\n",
    "for {a} in (1, 2):\n    pass\n",
)
USES = (
    "x * self.{a}",
    "x.float() @ self.{a}.float()",
    "torch.dot(x.float(), self.{a})",
    "torch.linalg.inv(self.{a}) @ x",
    "x * self.__dict__['{a}']",
    "x * (1 if self.{a}.dtype == torch.float32 else 2)",
    "torch.ones(self.{a}) * x.sum()",
    "x * (1 if '{a}' in vars(self) else 2)",
    "x * (1 if id(self.{a}) == id(self.{a}) else 2)",
    "F.conv1d(x.float().view(1, 1, 2), self.{a}.view(1, 1, 2))",
)
OUTSIDE = (
    "pass",
    "model.{a} = 0.5",
    "model.{a} = torch.zeros(2)",
    "model.{a} = None",
    "del model.{a}",
    "setattr(model, '{a}', [1.0])",
    "model.__setattr__('{a}', 2.0)",
    "model.apply(lambda m: setattr(m, '{a}', 0.5))",
    "model.double()",
    "nn.Sequential(model).double()",
    "[b.zero_() for b in model.buffers()]",
    "[v.zero_() for v in model.state_dict().values()]",
    "copy.copy(model).{a} = torch.zeros(2)",
    "model.load_state_dict({{}})",
    "model.load_state_dict(dict(model.named_parameters()))",
    "model.note = sorted(k for k in vars(model) if k[0] != '_')",
    "type(model).{a} = None",
    "model.{a}.requires_grad_(True)",
)


@dataclass(frozen=True, slots=True)
class Around:
    """A class and a function ``use`` that is given an instance."""

    parts: Parts
    use: str

    @property
    def text(self) -> str:
        tail = f"def use(model: Model):\n    {self.use}\n"
        return "\n\n".join([IMPORTS + HEAD, self.parts.model.replace("(Base)", "(nn.Module)"), tail])


@st.composite
def around(draw: st.DrawFn) -> Around:
    name = draw(st.sampled_from(("mask", "table", "t")))
    odd = draw(st.sets(st.sampled_from((BEFORE, BEHIND, METHODS, USES, OUTSIDE)), max_size=2))

    def one_of(shapes: tuple[str, ...]) -> str:
        return (draw(st.sampled_from(shapes)) if shapes in odd else shapes[0]).format(a=name)

    value = f"self.{name} = {draw(st.sampled_from(VALUES))}"
    construction = tuple(part for part in (one_of(BEFORE), value, one_of(BEHIND)) if part)
    parts = Parts(one_of(METHODS), "", construction, "", "", one_of(USES), options=True)
    return Around(parts, one_of(OUTSIDE))


@st.composite
def benign(draw: st.DrawFn) -> Around:
    """A class without a hazard: its fix has to be safe."""
    name, other = draw(st.sampled_from(("mask", "table", "t"))), "step"
    values = [value for value in VALUES[:4] if draw(st.booleans()) or value == VALUES[0]]
    statements = (f"self.{name} = {draw(st.sampled_from(values))}", f"self.{other} = 3", "self.names = sorted(options)")
    use = draw(st.sampled_from((f"x * self.{name}", f"x + self.{name}.to(x.dtype)", f"x @ self.{name}.to(x.dtype)")))
    outside = (
        "pass",
        f"model.{other} = 4",
        "model.eval()",
        "print(end='', *model.state_dict().keys())",
        f"model.{name} = torch.zeros(2)",
        f"print(model.{name}.sum() * 0, end='')",
        "copy.deepcopy(model)",
    )
    parts = Parts("", "", tuple(draw(st.permutations(statements))), "", "", use, options=True)
    return Around(parts, draw(st.sampled_from(outside)))


@dataclass(frozen=True, slots=True)
class Life:
    """What a class does, alone and in the hands of other code; of an error its type."""

    alone: Outcome
    used: object
    again: object
    copied: object
    saved: object
    cast: tuple[bool, bool]
    """Does it run as double and as half?"""


def live(text: str) -> Life:
    outcome, model, names = run_in(text)
    if model is None:
        return Life(outcome, None, None, None, None, (False, False))

    def told(what: object) -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return _words(what() if callable(what) else what)
            except Exception as error:  # the generated code may raise anything
                return type(error).__name__

    def used() -> object:
        names["use"](model)
        return model(torch.ones(2))

    def saved() -> object:
        first, second, file = names["Model"](), names["Model"](), io.BytesIO()
        torch.save(first.state_dict(), file)
        file.seek(0)
        second.load_state_dict(torch.load(file))
        return second(torch.ones(2))

    def runs(dtype: torch.dtype) -> bool:
        given = torch.ones(2, dtype=dtype)
        came = names["Model"]().to(dtype)(given)
        if not torch.isfinite(came).all():
            raise ValueError
        return True

    copied = told(lambda: copy.deepcopy(names["Model"]())(torch.ones(2)))
    again, kept = told(lambda: names["Model"]()(torch.ones(2))), told(saved)
    casts = tuple(told(lambda dtype=dtype: runs(dtype)) == "True" for dtype in (torch.float64, torch.float16))
    return Life(outcome, told(used), again, copied, kept, (casts[0], casts[1]))


def _words(value: object) -> object:
    return (str(value.dtype), value.detach().reshape(-1).tolist()) if isinstance(value, torch.Tensor) else str(value)


def check(source: Around) -> int:
    """AssertionError when a safe fix changes what the class does, alone or used; the number of fixes."""
    text = source.text
    result = mend({"m.py": text}, Settings())
    assert not result.problems, [problem.cause for problem in result.problems]
    if not result.changes:
        return 0
    after = mended({"m.py": text}, result)["m.py"]
    old, new = live(text), live(after)
    where = f"\n{text}\n--- becomes ---\n{after}"
    same = replace(old, alone=plain(old.alone), cast=(False, False))
    assert same == replace(new, alone=plain(new.alone), cast=(False, False)), f"{same}\n{new}{where}"
    for dtype, ran, runs in zip(("double", "half"), old.cast, new.cast, strict=True):
        assert runs or not ran, f"it does not run as {dtype} any more{where}"
    return sum(len(change.fixed) for change in result.changes)
