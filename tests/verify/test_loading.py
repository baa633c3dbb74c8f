"""A text is imported in place of its file, in the middle of whatever the file belongs to."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.verify.contract import Recipe, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import check

pytestmark = pytest.mark.slow

RECIPE = parse_recipe(inputs=("2x3",))
HEAD = "import torch\nfrom torch import nn\n"
CLASS = """
class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.arange(3.0)

    def forward(self, x):
        return x + self.table
"""
ON_DISK = "raise RuntimeError('the file itself was imported')\n"


def lay(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def verify(
    worker: Worker, path: Path, text: str, name: str = "Table", recipe: Recipe = RECIPE, notebook: bool = False
) -> Verdict:
    after = text.replace("self.table = torch.arange(3.0)", 'self.register_buffer("table", torch.arange(3.0))')
    assert after != text
    return worker.verify(subject(str(path), name, text, after, notebook=notebook), recipe)


def test_siblings_and_parents_come_from_disk(worker: Worker, tmp_path: Path) -> None:
    files = {
        "pkg/__init__.py": "from pkg.layers.table import Table\n",
        "pkg/sizes.py": "from pkg.layers import table\n\ndef size():\n    return table.SIZE\n",
        "pkg/layers/__init__.py": "from .table import *\n",
        "pkg/layers/table.py": ON_DISK,
    }
    lay(tmp_path, files)
    text = HEAD + "SIZE = 3\nfrom ..sizes import size\n" + CLASS.replace("super()", "assert size() == 3; super()")
    verdict = verify(worker, tmp_path / "pkg/layers/table.py", text)
    assert verdict.passed, (verdict.cause, verdict.rows())
    assert [(path.name, path.read_text()) for path in tmp_path.rglob("*.py") if "raise" in path.read_text()]
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_package_can_be_the_file_itself(worker: Worker, tmp_path: Path) -> None:
    lay(tmp_path, {"pkg/__init__.py": ON_DISK, "pkg/size.py": "SIZE = 3\n"})
    verdict = verify(worker, tmp_path / "pkg/__init__.py", HEAD + "from .size import SIZE\n" + CLASS)
    assert verdict.passed, (verdict.cause, verdict.rows())


@pytest.mark.parametrize("name", ["random.py", "train-model.py", "unsaved.py"])
def test_a_script_may_have_any_name_and_need_not_be_saved(worker: Worker, tmp_path: Path, name: str) -> None:
    lay(tmp_path, {"beside_it.py": "SIZE = 3\n"})
    verdict = verify(worker, tmp_path / name, HEAD + "import beside_it\n" + CLASS)
    assert verdict.passed, (verdict.cause, verdict.rows())


def test_a_class_within_a_class_is_found(worker: Worker, tmp_path: Path) -> None:
    inner = "class Outer:\n" + "".join(f"    {line}\n" if line else "\n" for line in CLASS.strip().splitlines())
    assert verify(worker, tmp_path / "nested.py", HEAD + inner, "Outer.Table").passed


def test_a_class_within_a_function_is_not_built(worker: Worker, tmp_path: Path) -> None:
    verdict = verify(worker, tmp_path / "local.py", HEAD + CLASS, "make.<locals>.Table")
    assert verdict.cause is not None and "inside a function" in verdict.cause


def test_source_code_that_is_asked_for_is_the_text_that_runs(worker: Worker, tmp_path: Path) -> None:
    lay(tmp_path, {"asking.py": ON_DISK})
    asking = CLASS.replace("super()", "import inspect; print(inspect.getsource(type(self))); super()")
    verdict = verify(worker, tmp_path / "asking.py", HEAD + asking)
    assert "self.register_buffer" in verdict.output and verdict.passed


def test_one_class_after_another_does_not_see_what_was_before(worker: Worker, tmp_path: Path) -> None:
    guard = "import sys\nassert not hasattr(sys, 'been_here')\nsys.been_here = True\n"
    for _ in range(2):
        assert verify(worker, tmp_path / "again.py", HEAD + guard + CLASS).passed


def test_numpy_and_random_are_seeded_too(worker: Worker, tmp_path: Path) -> None:
    lay(tmp_path, {"drawn.py": ""})
    drawn = HEAD + "import random\nimport numpy\nSHIFT = random.random() + float(numpy.random.rand())\n" + CLASS
    verdict = verify(worker, tmp_path / "drawn.py", drawn.replace("x + self", "x * random.random() + SHIFT + self"))
    assert verdict.passed, verdict.rows()


NOTEBOOK = """
import torch
import a_plotting_library_that_is_not_here as plotting
from torch import nn
try:
    import also_not_here
except ImportError:
    also_not_here = None
raise RuntimeError("cells that train are not run")
SIZE = 3
model = fit(SIZE)
HALF = SIZE / 2

def scaled(x):
    return x * HALF if also_not_here is None else also_not_here(x)

plotting.show(model)
class Other(undefined.Base):
    pass

class Table(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.arange(3.0)

    def forward(self, x):
        return scaled(x) + self.table

print(Table()(torch.ones(3)))
open("written.txt", "w")
"""


def test_of_a_notebook_only_what_the_class_needs_is_run(worker: Worker, tmp_path: Path) -> None:
    verdict = verify(worker, tmp_path / "a lesson.ipynb", NOTEBOOK, notebook=True)
    assert verdict.passed and verdict.proven, (verdict.cause, verdict.rows())
    assert verdict.output == ""


def test_a_notebooks_class_that_is_not_there_says_what_went_wrong(worker: Worker, tmp_path: Path) -> None:
    broken = NOTEBOOK.replace("class Table(nn.Module)", "class Table(plotting.Module)")
    verdict = verify(worker, tmp_path / "lesson.ipynb", broken, notebook=True)
    assert verdict.cause is not None and "No module named 'a_plotting_library_that_is_not_here'" in verdict.cause


def test_a_lazily_filled_buffer_is_no_new_tensor(worker: Worker, tmp_path: Path) -> None:
    before = HEAD + CLASS.replace("self.table = torch.arange(3.0)", "self.table = None").replace(
        "return", "if self.table is None:\n            self.table = torch.arange(3.0, device=x.device)\n        return"
    )
    after = before.replace("self.table = None", 'self.register_buffer("table", None, persistent=False)')
    verdict = worker.verify(subject(str(tmp_path / "lazy.py"), "Table", before, after), RECIPE)
    assert verdict.proven, verdict.rows()


def test_what_both_sides_cannot_do_is_not_the_rewrites_fault(worker: Worker, tmp_path: Path) -> None:
    unsavable = (
        CLASS + "\n    def state_dict(self, *args, **kwargs):\n        raise NotImplementedError('never saved')\n"
    )
    verdict = verify(worker, tmp_path / "unsavable.py", HEAD + unsavable)
    keys = check(verdict, "state_dict")
    assert (keys.before.status.value, keys.after.status.value) == ("fail", "skip")
    assert "as before the rewrite: NotImplementedError: never saved" in keys.after.detail
    assert verdict.passed and not verdict.proven


def test_a_mode_that_raises_on_both_sides_is_noted(worker: Worker, tmp_path: Path) -> None:
    eval_only = CLASS.replace("return x", "assert not self.training, 'eval only'\n        return x")
    verdict = verify(worker, tmp_path / "eval_only.py", HEAD + eval_only)
    assert verdict.proven, (verdict.cause, verdict.rows())
    assert "in train mode it raises AssertionError: eval only" in check(verdict, "cpu_forward").before.detail
