"""What a living model holds unregistered, and what the static check says of it."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

import bufferlint
from bufferlint.testing import assert_portable
from bufferlint.verify.worker import origins
from bufferlint.verify.worker.inventory import unregistered_tensors
from tests.verify.conftest import FIXTURES

FILE = FIXTURES / "audited.py"
LINES = FILE.read_text().splitlines()
_TRACE: Any = torch.jit.trace


@pytest.fixture(scope="module")
def audited() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audited", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audited"] = module
    spec.loader.exec_module(module)
    return module


def test_every_place_is_looked_into_and_named(audited: ModuleType) -> None:
    found = {entry.stray.path: entry for entry in bufferlint.audit(audited.Whole())}
    kinds = {path: entry.stray.kind for path, entry in found.items() if not path.startswith("parts.1")}
    assert kinds == {
        "prior.loc": "holder",
        "prior.scale": "holder",
        "notes.history['first']": "holder",
        "by_name": "plain tensor",
        "hidden[0].weight": "hidden module",
        "parts.0.mask": "plain tensor",
        "parts.0._Part__secret": "plain tensor",
        "parts.0.levels[0]": "container",
        "parts.0.levels[1]": "container",
        "parts.0.shared": "class attribute",
    }
    mask = found["parts.1.mask"].stray
    assert (mask.shape, mask.dtype, mask.device, mask.owner) == ((4, 4), "float32", "cpu", "Part")
    assert mask.file == str(FILE) and mask.line is not None and "self.mask" in LINES[mask.line - 1]


def test_the_static_check_is_asked_about_each(audited: ModuleType) -> None:
    found = {entry.stray.path: entry for entry in bufferlint.audit(audited.Whole())}
    codes = {"mask": "BUF001", "_Part__secret": "BUF001", "levels[0]": "BUF003", "shared": "BUF010"}
    assert {name: found[f"parts.0.{name}"].codes for name in codes} == {name: (code,) for name, code in codes.items()}
    assert found["prior.loc"].codes == ("BUF011",)
    assert found["notes.history['first']"].codes == () and "line 29" in found["notes.history['first']"].silence


def test_a_model_whose_tensors_are_registered_gives_nothing(audited: ModuleType) -> None:
    audit = bufferlint.audit(audited.Clean())
    assert len(audit) == 0 and str(audit) == "Clean: every tensor is a parameter or a buffer."


def test_a_class_without_source_is_audited_all_the_same() -> None:
    namespace: dict[str, type[torch.nn.Module]] = {}
    exec("import torch\nclass Typed(torch.nn.Module):\n    def __init__(self):\n"
         "        super().__init__()\n        self.mask = torch.ones(2)", namespace)  # fmt: skip
    (entry,) = bufferlint.audit(namespace["Typed"]())
    assert (entry.stray.path, entry.stray.file, entry.findings) == ("mask", None, ())
    assert "source" in entry.silence


def test_watching_sees_the_line_that_set_an_attribute_by_a_computed_name(audited: ModuleType) -> None:
    with origins.watching() as seen:
        model = audited.Whole()
    (found,) = [stray for stray in unregistered_tensors(model, seen) if stray.path == "by_name"]
    assert found.line is not None and LINES[found.line - 1].strip().startswith("setattr(self")
    setter = torch.nn.Module.__setattr__
    assert setter.__module__ == "torch.nn.modules.module", "what was patched is put back"


def test_assert_portable(audited: ModuleType) -> None:
    assert_portable(audited.Clean(), [torch.ones(2, 3)], device="meta")
    assert_portable(audited.Clean(), {"x": torch.ones(2, 3)}, device="meta")
    with pytest.raises(AssertionError, match=r"Plain is not portable: .*add got 'mask' on cpu") as failed:
        assert_portable(audited.Plain(), [torch.ones(2, 3)], device="meta")
    assert "not registered: mask: plain tensor 3 float32 on cpu (BUF001)" in str(failed.value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("registered", [True, False])
def test_assert_portable_of_scripted_and_traced_modules(registered: bool) -> None:
    class Shifted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            if registered:
                self.register_buffer("mask", torch.ones(3))
            else:
                self.mask = torch.ones(3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + self.mask

    inputs = (torch.ones(2, 3),)
    for made in (torch.jit.script(Shifted()), _TRACE(Shifted(), inputs)):
        if registered:
            assert_portable(made, inputs, device="meta")
        else:
            with pytest.raises(AssertionError, match="add got"):
                assert_portable(made, inputs, device="meta")


def test_the_plugin_gives_the_fixture_and_imports_no_torch_for_it(tmp_path: Path) -> None:
    (tmp_path / "test_model.py").write_text("""\
import sys

def test_nothing_is_imported():
    assert "torch" not in sys.modules

def test_portable(assert_portable):
    import torch
    assert_portable(torch.nn.Linear(3, 3), [torch.ones(2, 3)], device="meta")
""")
    installed = any(each.value == "bufferlint.pytest_plugin" for each in entry_points(group="pytest11"))
    plugin = [] if installed else ["-p", "bufferlint.pytest_plugin"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 passed" in done.stdout
