"""``bufferlint fix`` from end to end."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Invoke

OLD = "self.mask = torch.triu(torch.ones(n, n), diagonal=1)"
NEW = 'self.register_buffer("mask", torch.triu(torch.ones(n, n), diagonal=1))'
FIXED = LESSON.replace(OLD, NEW)
TAKEN = LESSON.replace("class Attention", "class Taken").replace(
    "    def forward", "    mask = None\n\n    def forward"
)
NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"


@pytest.fixture
def model(project: Path) -> Path:
    path = project / "model.py"
    path.write_text(LESSON)
    return path


def test_without_apply_a_patch_is_printed_and_nothing_written(invoke: Invoke, model: Path) -> None:
    result = invoke("fix")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == ["--- a/model.py", "+++ b/model.py"]
    assert f"\n-        {OLD}\n+        {NEW}\n" in result.stdout
    assert (
        "Would fix 1 finding in 1 file (written with `fix --apply`).\n1 state_dict key added: Attention.mask. "
        in result.stderr
    )
    assert model.read_text() == LESSON
    assert invoke("fix", "--diff").stdout == result.stdout


@pytest.mark.parametrize("folder", ["", "sub", "sub/sub"])
def test_git_applies_the_patch(invoke: Invoke, project: Path, folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", project], check=True)
    places = [project / folder / "model.py", project / folder / "sub" / "model.py"]
    for place in places:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(LESSON)
    shutil.copy(NOTEBOOKS / "magics.ipynb", project / folder)
    monkeypatch.chdir(project / folder)
    subprocess.run(["git", "apply"], input=invoke("fix").stdout_bytes, check=True)
    assert [place.read_text() for place in places] == [FIXED, FIXED]
    again = invoke("fix")
    assert (again.exit_code, again.stdout) == (0, "")


def test_apply_writes_and_says_what(invoke: Invoke, model: Path) -> None:
    model.chmod(0o755)
    result = invoke("fix", "--apply")
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "fixed model.py:9:9: BUF001 Attention.mask",
        "Fixed 1 finding in 1 file.",
        "1 state_dict key added: Attention.mask. Checkpoints saved before load with strict=False; "
        "--non-persistent adds no keys.",
    ]
    assert model.read_text() == FIXED
    assert stat.S_IMODE(model.stat().st_mode) == 0o755
    again = invoke("fix", "--apply", "--exit-non-zero-on-fix")
    assert (again.exit_code, again.stderr) == (0, "Nothing to fix.\n")


def test_exit_non_zero_on_fix_and_quiet(invoke: Invoke, model: Path) -> None:
    result = invoke("fix", "--apply", "--exit-non-zero-on-fix", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", "")
    assert model.read_text() == FIXED


def test_non_persistent_adds_no_keys(invoke: Invoke, model: Path) -> None:
    result = invoke("fix", "--apply", "--non-persistent")
    assert "state_dict" not in result.stderr
    assert "diagonal=1), persistent=False)\n" in model.read_text()


def test_what_is_withheld_is_named_with_its_reason(invoke: Invoke, model: Path, project: Path) -> None:
    (project / "taken.py").write_text(TAKEN)
    assert invoke("fix", "taken.py").exit_code == 0, "an empty patch"
    result = invoke("fix", "--apply")
    assert result.exit_code == 1
    left = [line for line in result.stderr.splitlines() if line.startswith("left ")]
    assert len(left) == 1
    assert left[0].startswith("left taken.py:9:9: BUF001 Taken.mask: ")
    assert "Fixed 1 finding in 1 file; 1 finding left." in result.stderr
    assert (model.read_text(), (project / "taken.py").read_text()) == (FIXED, TAKEN)


def test_what_cannot_be_read_keeps_no_other_from_being_fixed(invoke: Invoke, model: Path, project: Path) -> None:
    (project / "broken.py").write_text("def f(:\n")
    result = invoke("fix", "--apply", ".", "nowhere")
    assert result.exit_code == 2
    assert "error: broken.py:" in result.stderr
    assert "error: nowhere: no such file or folder" in result.stderr
    assert model.read_text() == FIXED


def test_a_symlink_stays_one(invoke: Invoke, model: Path, project: Path) -> None:
    (project / "link.py").symlink_to("model.py")
    assert invoke("fix", "--apply", "link.py").exit_code == 0
    assert (project / "link.py").is_symlink()
    assert model.read_text() == FIXED


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LESSON.replace("\n", "\r\n").encode(), FIXED.replace("\n", "\r\n").encode()),
        (b"\xef\xbb\xbf" + LESSON.encode(), b"\xef\xbb\xbf" + FIXED.encode()),
        (
            ("# coding: latin-1\n# \xe9\n" + LESSON).encode("latin-1"),
            ("# coding: latin-1\n# \xe9\n" + FIXED).encode("latin-1"),
        ),
        (LESSON.replace("\n", "\r\n", 3).encode(), FIXED.replace("\n", "\r\n", 3).encode()),
        (LESSON.rstrip().encode(), FIXED.rstrip().encode()),
    ],
    ids=["crlf", "bom", "latin-1", "mixed line ends", "no last line end"],
)
def test_bytes_that_are_not_edited_stay(invoke: Invoke, model: Path, before: bytes, after: bytes) -> None:
    model.write_bytes(before)
    patch = invoke("fix").stdout_bytes
    subprocess.run(["git", "init", "-q", model.parent], check=True)
    subprocess.run(["git", "apply", "--check", "-"], input=patch, check=True, cwd=model.parent)
    assert invoke("fix", "--apply").exit_code == 0
    assert model.read_bytes() == after


def test_one_line_of_a_notebook_changes(invoke: Invoke, project: Path) -> None:
    shutil.copy(NOTEBOOKS / "magics.ipynb", project)
    before = (project / "magics.ipynb").read_bytes()
    assert invoke("fix", "--apply").exit_code == 0
    after = (project / "magics.ipynb").read_bytes()
    assert after == before.replace(OLD.encode(), json.dumps(NEW)[1:-1].encode())
    assert invoke("check").exit_code == 0


def test_stdin_comes_back_fixed(invoke: Invoke, project: Path) -> None:
    for arguments in (("fix", "-"), ("fix", "--apply", "--stdin-filename", "model.py", "-")):
        result = invoke(*arguments, stdin=LESSON)
        assert (result.exit_code, result.stdout) == (0, FIXED)
        assert "Fixed 1 finding in 1 file." in result.stderr
    patch = invoke("fix", "--diff", "--stdin-filename", "model.py", "-", stdin=LESSON)
    assert patch.exit_code == 1
    assert patch.stdout.startswith("--- a/model.py\n")
    assert not (project / "model.py").exists()


@pytest.mark.parametrize(
    ("text", "code"), [(b"x = 1\r\n", 0), (b"def f(:\n", 2), (b"x = '\xff'\n", 2), (TAKEN.encode(), 1), (b"", 0)]
)
def test_stdin_that_is_not_fixed_comes_back_as_it_came(invoke: Invoke, text: bytes, code: int) -> None:
    result = invoke("fix", "-", stdin=text)
    assert (result.exit_code, result.stdout_bytes) == (code, text)


@pytest.mark.parametrize(
    ("code", "warns"), [("torch.save(model, path)", True), ("torch.save(model.state_dict(), path)", False)]
)
def test_old_files_of_whole_modules_are_mentioned(
    invoke: Invoke, model: Path, project: Path, code: str, warns: bool
) -> None:
    (project / "train.py").write_text(f"import torch\n\n\ndef save(model, path):\n    {code}\n")
    assert ("train.py:5:5: saves a whole module" in invoke("fix").stderr) is warns
    assert "whole module" not in invoke("fix", "train.py").stderr


def test_json_says_what_was_fixed_and_which_keys_are_new(invoke: Invoke, model: Path, project: Path) -> None:
    holder = "from torch import nn\nfrom model import Attention\n\nclass Model(nn.Module):\n"
    holder += "    def __init__(self):\n        super().__init__()\n        self.attend = Attention(4)\n"
    (project / "holder.py").write_text(holder)
    recipe = '[tool.bufferlint.verify."holder.py::Model"]\ninit = {}\n'
    (project / "pyproject.toml").write_text(recipe)
    result = invoke("fix", "--output-format", "json")
    document = json.loads(result.stdout)
    assert [finding["attribute"] for finding in document["fixed"]] == ["mask"] and not document["left"]
    places = [{"model": "holder.py::Model", "path": "attend.mask"}]
    assert document["added_keys"] == [{"filename": "model.py", "class": "Attention", "key": "mask", "paths": places}]
    assert f"+        {NEW}" in document["patch"] and not document["written"]
    written = json.loads(invoke("fix", "--apply", "--output-format", "json").stdout)
    assert written["written"] and written["patch"] is None and model.read_text() == FIXED


def test_checkpoints_saved_before_are_loaded_where_that_is_configured(invoke: Invoke, model: Path) -> None:
    (model.parent / "bufferlint.toml").write_text("load-old-checkpoints = true\n")
    result = invoke("fix", "--apply")
    assert "Checkpoints saved before load with strict=True." in result.stderr
    assert 'state_dict.setdefault(prefix + "mask", self.mask)' in model.read_text()
