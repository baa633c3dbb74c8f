"""Classes that loop, crash, eat memory or are not there: a verdict that names the cause, and a worker that lives on."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest

from bufferlint.verify.contract import Status, Verdict
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject
from tests.verify.conftest import FIXTURES, check

pytestmark = pytest.mark.slow

HOSTILE = sorted((FIXTURES / "hostile").glob("*.py"))
RECIPE = parse_recipe(inputs=("2x3",), timeout=20, memory=1024)
HURRIED = parse_recipe(timeout=2, base=RECIPE)
GOOD = "from torch import nn\n\n\nclass Hostile(nn.Identity):\n    pass\n"


@pytest.mark.parametrize("file", HOSTILE, ids=[file.stem for file in HOSTILE])
def test_the_cause_stands_in_the_first_line(worker: Worker, file: Path) -> None:
    text = file.read_text()
    expected = text.splitlines()[0].strip('"')
    recipe = HURRIED if file.stem.startswith("endless") else RECIPE
    verdict = worker.verify(subject(str(file), "Hostile", text, text + "\n"), recipe)
    assert verdict.cause is not None and expected in verdict.cause
    assert verdict.advice
    assert not verdict.passed
    assert check(verdict, "cpu_forward").after.status in (Status.NOT_RUN, Status.SKIP, Status.FAIL)


@pytest.mark.skipif(sys.platform == "win32", reason="reserves memory as POSIX does")
def test_memory_that_is_only_reserved_does_not_count(worker: Worker) -> None:
    file = FIXTURES / "reserves.py"
    verdict = worker.verify(subject(str(file), "Reserves", file.read_text(), None), RECIPE)
    assert verdict.passed, verdict


@pytest.mark.parametrize(("name", "skipped"), [("Exported", ["export"]), ("Both", ["export", "torchscript"])])
def test_a_compiler_that_ends_the_process_is_one_check_that_could_not_tell(
    worker: Worker, name: str, skipped: list[str]
) -> None:
    file = FIXTURES / "fragile.py"
    text = file.read_text()
    after = text.replace("self.mask = torch.ones(3)", 'self.register_buffer("mask", torch.ones(3))')
    verdict = worker.verify(subject(str(file), name, text, after), RECIPE)
    assert verdict.passed and not verdict.proven, verdict
    assert [each.name for each in verdict.checks if each.after.status is Status.SKIP] == skipped
    assert check(verdict, "export").before.detail == "the process was ended by SIGABRT"
    assert check(verdict, "state_dict").after.status is Status.PASS


def test_children_end_with_the_class_that_started_them(worker: Worker) -> None:
    file = FIXTURES / "hostile" / "endless_children.py"
    text = file.read_text()
    verdict = worker.verify(subject(str(file), "Hostile", text, None), HURRIED)
    pids = [int(pid) for pid in re.findall(r"^child (\d+)$", verdict.output, re.MULTILINE)]
    assert len(pids) == 50
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


VANDAL = """\
import contextlib
import os
import pathlib
import shutil

from torch import nn

HERE = pathlib.Path(__file__).parent


class Vandal(nn.Identity):
    def __init__(self):
        super().__init__()
        pathlib.Path("mine.txt").write_text("in a folder of its own")
        for path in pathlib.Path.cwd().iterdir():
            path.unlink()
        for damage in (
            lambda: (HERE / "new.txt").write_text("x"),
            lambda: (HERE / "notes.txt").unlink(),
            lambda: (HERE / "notes.txt").open("a").write("x"),
            lambda: (HERE / "notes.txt").rename(HERE / "moved.txt"),
            lambda: shutil.rmtree(HERE / "data"),
            lambda: os.truncate(HERE / "notes.txt", 0),
            lambda: (HERE / "more").mkdir(),
        ):
            with contextlib.suppress(PermissionError):
                damage()
                print("damage was done")
"""


def test_the_project_is_as_it_was(worker: Worker, tmp_path: Path) -> None:
    file = tmp_path / "vandal.py"
    file.write_text(VANDAL)
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kept.txt").write_text("kept")
    verdict = worker.verify(subject(str(file), "Vandal", VANDAL, None, search=[str(tmp_path)]), RECIPE)
    assert verdict.cause is None and "damage was done" not in verdict.output
    assert f"refused: the verifier writes nothing into the project ({tmp_path / 'notes.txt'})" in verdict.output
    found = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in tmp_path.rglob("*") if path.is_file()}
    assert found == {"vandal.py": VANDAL, "notes.txt": "notes", "data/kept.txt": "kept"}
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize(
    ("after", "cause", "name", "status"),
    [
        ("class Hostile(nn.Module) pass", "as rewritten: ", "constructs", Status.NOT_RUN),
        ("import os; os._exit(3)", "ended its process (exit code 3) during 'import'", "constructs", Status.NOT_RUN),
        (
            "from torch import nn\nclass Hostile(nn.Identity):\n    def forward(self, x):\n        while True: pass\n",
            "Hostile as rewritten was still running after 2 s during 'CPU outputs equal bit for bit'",
            "cpu_forward",
            Status.FAIL,
        ),
    ],
)
def test_a_rewrite_that_crashes_is_to_blame(
    worker: Worker, tmp_path: Path, after: str, cause: str, name: str, status: Status
) -> None:
    verdict = worker.verify(subject(str(tmp_path / "good.py"), "Hostile", GOOD, after), HURRIED)
    assert verdict.cause is not None and cause in verdict.cause
    assert check(verdict, name).after.status is status
    assert check(verdict, name).before.status is Status.PASS
    assert not verdict.passed


@pytest.fixture(scope="module")
def noise(worker: Worker) -> Verdict:
    file = FIXTURES / "noisy.py"
    text = file.read_text()
    after = text.replace("self.table = torch.ones(3)", 'self.register_buffer("table", torch.ones(3))')
    return worker.verify(subject(str(file), "Noisy", text, after), RECIPE)


def test_prints_do_not_disturb_the_answer(noise: Verdict) -> None:
    assert noise.passed and noise.cause is None
    for line in ('{"type": "Verdict", "fields": {}}', "straight to 1", "straight to 2", "read ''"):
        assert line in noise.output.splitlines()


def test_home_and_working_directory_are_temporary(noise: Verdict) -> None:
    found = re.search(r"home (.+) here (.+)", noise.output)
    assert found is not None and found[1] == found[2] != str(Path.home())
    assert not Path(found[1]).exists()
    assert not Path("left_behind.txt").exists() and not list(FIXTURES.rglob("left_behind.txt"))


def test_nothing_is_written_beside_the_file(noise: Verdict) -> None:
    assert noise.passed
    assert not list(FIXTURES.rglob("__pycache__/noisy*"))


def test_no_process_is_left_behind(noise: Verdict) -> None:
    pids = [int(pid) for line in re.findall(r"helpers (.+)", noise.output) for pid in line.split()]
    assert len(pids) == 4
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
