"""``bufferlint check`` from end to end."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Invoke

MASK = "        self.mask = torch.triu(torch.ones(n, n), diagonal=1)"
NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"


@pytest.fixture
def model(project: Path) -> Path:
    path = project / "model.py"
    path.write_text(LESSON)
    return path


@pytest.mark.usefixtures("model")
def test_the_lesson_has_one_finding_with_a_safe_fix(invoke: Invoke) -> None:
    result = invoke("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0].startswith("model.py:9:9: BUF001 [*] ")
    assert lines[2] == f"9 | {MASK}"
    assert lines[3].strip(" |") == "^" * len(MASK.strip())
    assert lines[4].startswith("  = tensor: ")
    assert result.stderr == "Found 1 finding (1 fixable with `fix --apply`).\n"


@pytest.mark.usefixtures("model")
def test_exit_codes_and_quiet(invoke: Invoke, project: Path) -> None:
    assert invoke("check", "--exit-zero").exit_code == 0
    assert invoke("check", "--ignore", "BUF").exit_code == 0
    quiet = invoke("check", "--quiet")
    assert (quiet.exit_code, quiet.stderr) == (1, "")
    (project / "clean.py").write_text("x = 1\n")
    assert invoke("check", "clean.py").exit_code == 0
    (project / "broken.py").write_text("def f(:\n")
    for arguments in (("broken.py",), ("--exit-zero",), ("model.py", "nowhere.py")):
        assert invoke("check", *arguments).exit_code == 2


def test_what_cannot_be_checked_is_named_and_the_rest_is_checked(invoke: Invoke, model: Path, project: Path) -> None:
    (project / "broken.py").write_text("x = 1\ndef f(:\n")
    (project / "bytes.py").write_bytes(b"x = '\xff'\n")
    (project / "bad.ipynb").write_text("{")
    result = invoke("check", "--output-format", "concise", ".", "nowhere.py")
    assert result.exit_code == 2
    assert result.stdout.startswith("model.py:9:9: BUF001")
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert [error.split(":")[1].strip() for error in errors] == ["bad.ipynb", "broken.py", "bytes.py", "nowhere.py"]
    assert errors[1].startswith("error: broken.py:2:")
    assert "Found 1 finding (1 fixable with `fix --apply`); 4 could not be read." in result.stderr


def test_nothing_to_look_at_is_a_warning(invoke: Invoke, project: Path) -> None:
    result = invoke("check")
    assert result.exit_code == 0
    assert result.stderr == "warning: no Python file or notebook found under the given paths\n"
    assert invoke("check", "-q").stderr == ""
    empty = json.loads(invoke("check", "--output-format", "json").stdout)
    assert (empty["findings"], empty["summary"]["files"]) == ([], 0)


@pytest.mark.usefixtures("model")
def test_json(invoke: Invoke, project: Path) -> None:
    result = invoke("check", "--output-format", "json", "-o", "out.json")
    assert result.stdout == ""
    report = json.loads((project / "out.json").read_text())
    (finding,) = report["findings"]
    assert finding["location"] == {"row": 9, "column": 9}
    assert (finding["class"], finding["attribute"], finding["persistent"]) == ("Attention", "mask", True)
    assert finding["fix"]["applicability"] == "safe"
    assert finding["fix"]["adds_keys"] == ["mask"]
    assert report["summary"]["fixable"] == 1
    assert invoke("check", "-o", "no/such/folder/out.json").exit_code == 2


def test_a_notebook_has_positions_by_cell(invoke: Invoke, project: Path) -> None:
    shutil.copy(NOTEBOOKS / "magics.ipynb", project)
    result = invoke("check", "--output-format", "concise")
    assert result.stdout.startswith("magics.ipynb:cell 6:10:9: BUF001 [*] ")
    assert len(result.stdout.splitlines()) == 1
    shutil.copy(NOTEBOOKS / "julia.ipynb", project)
    assert invoke("check", "julia.ipynb").exit_code == 0


def test_stdin_goes_by_the_name_that_it_is_given(invoke: Invoke, project: Path) -> None:
    nameless = invoke("check", "--output-format", "concise", "-", stdin=LESSON)
    assert nameless.exit_code == 1
    assert nameless.stdout.startswith("-:9:9: BUF001 ")
    (project / "model.py").write_text("x = 1\n")
    named = invoke("check", "--output-format", "concise", "--stdin-filename", "model.py", "-", stdin=LESSON)
    assert named.stdout.startswith("model.py:9:9: BUF001 ")
    notebook = (NOTEBOOKS / "strings.ipynb").read_bytes()
    nb = invoke("check", "--output-format", "concise", "--stdin-filename", "n.ipynb", "-", stdin=notebook)
    assert nb.stdout.startswith("n.ipynb:cell 2:4:9: BUF001 ")


def test_stdin_knows_the_files_next_to_it(invoke: Invoke, project: Path) -> None:
    (project / "bases.py").write_text("from torch import nn\n\nclass Base(nn.Module):\n    pass\n")
    text = LESSON.replace("from torch import nn", "from bases import Base\nfrom torch import nn").replace(
        "class Attention(nn.Module)", "class Attention(Base)"
    )
    assert invoke("check", "--stdin-filename", "model.py", "-", stdin=text).exit_code == 1


def test_the_command_line_wins_over_the_file(invoke: Invoke, model: Path, project: Path) -> None:
    (project / "bufferlint.toml").write_text('ignore = ["BUF001"]\npersistent = false\nextend-exclude = ["old/"]\n')
    assert invoke("check").exit_code == 0

    def persistent(*arguments: str) -> bool:
        result = invoke("check", "--ignore", "BUF9", "--output-format", "json", *arguments)
        return bool(json.loads(result.stdout)["findings"][0]["persistent"])

    (project / "bufferlint.toml").write_text('persistent = false\nextend-exclude = ["old/"]\n')
    assert json.loads(invoke("check", "--output-format", "json").stdout)["findings"][0]["persistent"] is False
    for arguments, expected in ((("--persistent", "true"), True), (("--non-persistent",), False)):
        found = json.loads(invoke("check", "--output-format", "json", *arguments).stdout)["findings"]
        assert found[0]["persistent"] is expected
    (project / "old").mkdir()
    shutil.move(model, project / "old")
    assert "no Python file" in invoke("check").stderr
    assert invoke("check", "old/model.py").exit_code == 1


def test_excluded_and_ignored_files_are_left_out(invoke: Invoke, project: Path) -> None:
    subprocess.run(["git", "init", "-q", project], check=True)
    (project / ".gitignore").write_text("generated.py\n")
    for name in ("generated.py", "excluded.py", "kept.py"):
        (project / name).write_text(LESSON)
    result = invoke("check", "--output-format", "concise", "--extend-exclude", "excluded.py")
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["kept.py"]


@pytest.mark.usefixtures("model")
def test_verbose_says_what_is_read(invoke: Invoke, project: Path) -> None:
    said = invoke("check", "--verbose").stderr
    assert f"project: {project.as_posix()}\n" in said
    assert "configuration: none\n" in said
    assert "files: 1\n" in said


def test_paths_are_relative_inside_and_absolute_outside(
    invoke: Invoke, model: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "sub").mkdir()
    assert invoke("check", "--output-format", "concise", str(model)).stdout.startswith("model.py:9:9")
    monkeypatch.chdir(project / "sub")
    outside = invoke("check", "--output-format", "concise", "../model.py").stdout
    assert outside.startswith(f"{model.as_posix()}:9:9")
