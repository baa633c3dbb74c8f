"""A failure on a device names the tensor left behind, wherever it is held; odd kinds of tensors get a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.verify.contract import Outcome, Status
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import check

pytestmark = pytest.mark.slow

HEAD = "import functools\nimport torch\nfrom torch import nn\n\n\n"
INNER = """\
class Inner(nn.Module):
    def __init__(self):
        super().__init__()
        self.shift = torch.ones(4)

    def forward(self, x):
        return x + self.shift


"""


def text(made: str, forward: str, beside: str = "", arguments: str = "x") -> str:
    body = f"        super().__init__()\n        {made}\n\n    def forward(self, {arguments}):\n        {forward}\n"
    return f"{HEAD}{INNER}class Net(nn.Module):\n{beside}    def __init__(self):\n{body}"


CACHED = "    @functools.lru_cache\n    def table(self, size):\n        return torch.ones(size)\n\n"
NAMED = {
    "tables[1]": text("self.tables = [torch.zeros(4), torch.ones(4)]", "return x * self.tables[1]"),
    "by_name['one']": text("self.by_name = {'one': torch.ones(4)}", "return x * self.by_name['one'][:4]"),
    "act.__closure__['t']": text("t = torch.ones(4); self.act = lambda x: x * t", "return self.act(x)"),
    "forward.__defaults__[0]": text("pass", "return x * t", arguments="x, t=torch.ones(4)"),
    "table.cache": text("pass", "return x * self.table(4)", CACHED),
    "layers[0].bias": text("self.layers = [nn.Linear(4, 4)]", "return self.layers[0](x)"),
    "inner.shift": text("self.inner = torch.jit.script(Inner())", "return self.inner(x)"),
}


def verdicts(worker: Worker, folder: Path, before: str, after: str | None, name: str) -> tuple[Outcome, Outcome]:
    file = folder / "net.py"
    file.write_text(before)
    verdict = worker.verify(subject(str(file), "Net", before, after), parse_recipe(inputs=("2x4",), device="meta"))
    assert verdict.cause is None
    return check(verdict, name).before, check(verdict, name).after


@pytest.mark.parametrize("name", NAMED)
def test_the_tensor_is_named(worker: Worker, tmp_path: Path, name: str) -> None:
    before, _ = verdicts(worker, tmp_path, NAMED[name], None, "device_move")
    assert before.status is Status.FAIL and f"got '{name}" in before.detail


ODD = {
    "nested": ("self.odd = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])", "nested tensor"),
    "quantised": ("self.odd = torch.quantize_per_tensor(torch.ones(4), 0.1, 0, torch.qint8)", ""),
    "lazy": ("self.odd = nn.LazyLinear(4)", "a lazy parameter has no shape before forward has run once"),
}


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_kind_of_tensor_is_no_failure_and_gets_a_plain_sentence(
    worker: Worker, tmp_path: Path, kind: str
) -> None:
    made, sentence = ODD[kind]
    before = text(f"{made}; self.shift = torch.ones(4)", "return x + self.shift")
    after = text(f"{made}; self.register_buffer('shift', torch.ones(4))", "return x + self.shift")
    file = tmp_path / "net.py"
    file.write_text(before)
    verdict = worker.verify(subject(str(file), "Net", before, after), parse_recipe(inputs=("2x4",), device="meta"))
    assert verdict.passed, verdict.rows()
    assert any(sentence in each.before.detail for each in verdict.checks), verdict.rows()


def test_a_scripted_submodule_of_a_rewritten_class_is_no_difference(worker: Worker, tmp_path: Path) -> None:
    before = NAMED["inner.shift"]
    after = before.replace("self.shift = torch.ones(4)", "self.register_buffer('shift', torch.ones(4))")
    _, second = verdicts(worker, tmp_path, before, after, "same_values")
    assert second.status is Status.PASS, second
