"""Adopting bufferlint in a code base that has many findings: the baseline as a file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Invoke

LAYER = """\
class Layer{number}(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.mask = torch.ones(n, {number})
        self.table = torch.arange(n)
"""
FILES, CLASSES = 6, 5
FILE = "bufferlint-baseline.json"
ONE_MORE = "        self.fresh = torch.zeros(n)\n"


@pytest.fixture
def legacy(project: Path) -> Path:
    """A package with 60 findings and a baseline of them, which the configuration names."""
    for at in range(FILES):
        path = project / "pkg" / f"sub{at % 2}" / f"part{at}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        layers = "\n\n".join(LAYER.format(number=number) for number in range(CLASSES))
        path.write_text(f"import torch\nfrom torch import nn\n\n\n{layers}")
    (project / "bufferlint.toml").write_text(f'baseline = "{FILE}"\n')
    return project


def test_a_baseline_that_git_ignores_is_told(invoke: Invoke, legacy: Path) -> None:
    (legacy / ".git").mkdir()
    (legacy / ".gitignore").write_text("*.json\n")
    said = f"Git ignores that file: `git add --force {FILE}`, or other checkouts have no baseline.\n"
    assert invoke("check", "--write-baseline").stderr == f"Recorded 60 findings in {FILE}. {said}"


@pytest.fixture
def recorded(invoke: Invoke, legacy: Path) -> Path:
    assert invoke("check", "--write-baseline").exit_code == 0
    return legacy


def entries(project: Path) -> list[dict[str, object]]:
    return list(json.loads((project / FILE).read_text())["findings"])


def test_only_what_is_new_is_reported(invoke: Invoke, legacy: Path) -> None:
    assert len(invoke("check", "--no-baseline", "--output-format", "concise").stdout.splitlines()) == 60
    assert invoke("check", "--write-baseline").stderr == f"Recorded 60 findings in {FILE}.\n"
    clean = invoke("check")
    assert (clean.exit_code, clean.stdout) == (0, "")
    assert clean.stderr == "No findings in 6 files. 60 findings known from the baseline.\n"
    path = legacy / "pkg/sub0/part0.py"
    path.write_text("'''Moved down.'''\n\n" + path.read_text() + ONE_MORE)
    result = invoke("check", "--output-format", "concise")
    assert result.exit_code == 1
    assert result.stdout.startswith("pkg/sub0/part0.py:40:9: BUF001 [*] 'fresh' is a plain tensor")
    assert len(result.stdout.splitlines()) == 1
    assert result.stderr.endswith("60 findings known from the baseline.\n")


@pytest.mark.usefixtures("recorded")
def test_it_counts_from_anywhere(invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "pkg/sub1")
    assert invoke("check").exit_code == 0
    assert invoke("check", "../sub0").exit_code == 0
    assert invoke("check", "--baseline", f"../../{FILE}", "part1.py").exit_code == 0


def test_renamed_files_and_folders_keep_it(invoke: Invoke, recorded: Path) -> None:
    (recorded / "pkg/sub0/part0.py").rename(recorded / "pkg/renamed.py")
    (recorded / "pkg/sub1").rename(recorded / "pkg/moved")
    assert invoke("check").exit_code == 0
    assert invoke("check", "pkg/moved/part1.py").exit_code == 0
    (recorded / "pkg/copy.py").write_text((recorded / "pkg/renamed.py").read_text())
    assert len(invoke("check", "--output-format", "concise").stdout.splitlines()) == 10
    (recorded / "pkg/copy.py").unlink()
    pruned = invoke("check", "--prune-baseline")
    assert pruned.stderr == f"Removed 0 findings from {FILE}, 60 findings left.\n"
    assert {str(entry["path"]).rpartition("/")[0] for entry in entries(recorded)} == {"pkg", "pkg/sub0", "pkg/moved"}


def test_what_is_mended_is_pruned_and_then_new_again(invoke: Invoke, recorded: Path) -> None:
    path = recorded / "pkg/sub0/part2.py"
    before = path.read_text()
    assert invoke("fix", "--apply", "--no-baseline", str(path)).exit_code == 0
    assert invoke("check", "--prune-baseline").stderr == f"Removed 10 findings from {FILE}, 50 findings left.\n"
    assert len(entries(recorded)) == 50
    path.write_text(before)
    assert len(invoke("check", "--output-format", "concise").stdout.splitlines()) == 10


def test_pruning_and_writing_some_files_leaves_the_others(invoke: Invoke, recorded: Path) -> None:
    kept = (recorded / FILE).read_text()
    assert invoke("check", "--prune-baseline", "pkg/sub0").exit_code == 0
    assert (recorded / FILE).read_text() == kept
    assert invoke("check", "--write-baseline", "pkg/sub1").stderr == f"Recorded 30 findings in {FILE}.\n"
    assert (recorded / FILE).read_text() == kept
    (recorded / "pkg/sub0/part0.py").write_text("def f(:\n")
    assert invoke("check", "--prune-baseline").exit_code == 2
    assert (recorded / FILE).read_text() == kept


def test_fix_leaves_what_is_known(invoke: Invoke, recorded: Path) -> None:
    path = recorded / "pkg/sub0/part4.py"
    path.write_text(path.read_text() + ONE_MORE)
    result = invoke("fix", "--apply")
    assert (result.exit_code, result.stderr.splitlines()[1]) == (0, "Fixed 1 finding in 1 file.")
    assert path.read_text().count("register_buffer") == 1


def test_the_file_merges_and_is_stable(invoke: Invoke, recorded: Path) -> None:
    written = (recorded / FILE).read_text()
    assert len(written.splitlines()) == 60 + 5
    assert "\\" not in written and recorded.as_posix() not in written
    invoke("check", "--write-baseline")
    assert (recorded / FILE).read_text() == written
    subprocess.run(["git", "init", "-q", recorded], check=True)
    assert invoke("check", "--diff-base", "HEAD").exit_code == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such baseline; make it with --write-baseline"),
        ("{", "the baseline is not JSON: "),
        ("[]", "it is no baseline of version 1; "),
        ('{"version": 2, "findings": []}', "it is no baseline of version 1; "),
        (
            '{"version": 1, "findings": [{"path": "a", "rule": "b", "attribute": "c", "count": -5, "digests": []}]}',
            "it holds an entry that is none: ",
        ),
        ('{"version": 1, "findings": [{"rule": "BUF001"}]}', 'it holds an entry that is none: {"rule": "BUF001"}; '),
    ],
)
def test_a_broken_baseline_is_named(invoke: Invoke, project: Path, content: str | None, said: str) -> None:
    (project / "model.py").write_text(LESSON)
    if content is not None:
        (project / "old.json").write_text(content)
    result = invoke("check", "--baseline", "old.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"old.json: {said}" in result.stderr
    assert invoke("check", "--baseline", "old.json", "--prune-baseline").exit_code == 2
    assert invoke("check", "--baseline", "old.json", "--write-baseline").exit_code == 0
    assert invoke("check", "--baseline", "old.json").exit_code == 0


def test_usage(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    for option in ("--write-baseline", "--prune-baseline"):
        assert "name the file, such as --baseline" in invoke("check", option).stderr
        assert invoke("check", option, "--baseline", "b.json", "-", stdin="").exit_code == 2
    assert "cannot write" in invoke("check", "--write-baseline", "--baseline", "no/folder/b.json").stderr
    invoke("check", "--write-baseline", "--baseline", "b.json")
    said = invoke("check", "--baseline", "b.json", "--explain-silence", "model.py:Attention.mask").stdout
    assert said.endswith("; in the baseline\n")
