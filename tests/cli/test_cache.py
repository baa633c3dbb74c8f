"""The cache of ``check``: the same answer as without it, whatever happens to files, context and cache."""

from __future__ import annotations

import marshal
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import LESSON, Invoke

CACHE = ".bufferlint_cache"
BASE = "import torch\nfrom torch import nn\n\n\nclass Base(nn.Module):\n    pass\n"
NO_MODULE = "class Base:\n    pass\n"
CHILD = """\
import torch
from context.base import Base
from context.masks import make


class Child(Base):
    def __init__(self, n):
        super().__init__()
        self.mask = make(n)
"""
MAKE = "import torch\n\n\ndef make(n):\n    return torch.ones(n, n)\n"
MAKE_LIST = "def make(n):\n    return [n]\n"


@pytest.fixture
def tree(project: Path) -> Path:
    """Targets in ``src``, and next to them a package that they import."""
    (project / "src").mkdir()
    (project / "context").mkdir()
    write(project / "src" / "child.py", CHILD)
    write(project / "src" / "lesson.py", LESSON)
    write(project / "context" / "base.py", BASE)
    write(project / "context" / "masks.py", MAKE)
    write(project / "context" / "__init__.py", "")
    age(project / "pyproject.toml")
    settle(project)
    return project


_clock = iter(range(1_000_000_000, 2_000_000_000, 60))


def write(path: Path, text: str) -> None:
    """Write a file and give it a time of its own, long past."""
    path.write_text(text)
    age(path)


def age(path: Path) -> None:
    """Set the time of a change, and wait until that of the inode, which cannot be set, lies in the past."""
    moment = next(_clock)
    os.utime(path, (moment + 0.5, moment + 0.5))
    time.sleep(0.02)


def settle(project: Path) -> None:
    """Let the folders look as if nothing had happened in them just now."""
    for folder in (project, *project.rglob("*/")):
        if CACHE not in folder.parts:
            age(folder)


def hit(invoke: Invoke, *arguments: str) -> bool:
    """Whether a run is answered from the cache."""
    return "cache: answered from" in invoke("check", "-v", *arguments).stderr


def test_an_unchanged_tree_is_answered_again(tree: Path, invoke: Invoke) -> None:
    first = invoke("check", "src")
    assert first.exit_code == 1 and "2 findings" in first.stderr
    assert hit(invoke, "src")
    again = invoke("check", "src")
    assert (again.exit_code, again.stdout, again.stderr) == (first.exit_code, first.stdout, first.stderr)
    assert (tree / CACHE / ".gitignore").read_text() == "*\n"


@pytest.mark.usefixtures("tree")
def test_a_quiet_run_prints_no_warning_of_a_kept_answer(invoke: Invoke) -> None:
    arguments = ("src", "--ignore", "ALL")
    assert invoke("check", *arguments).stderr.startswith("warning: no rule is left to run")
    assert hit(invoke, *arguments)
    for _ in range(2):
        assert invoke("check", "--quiet", *arguments).stderr == ""
    assert invoke("check", *arguments).stderr.startswith("warning: ")


@pytest.mark.usefixtures("tree")
def test_another_request_is_another_answer(invoke: Invoke) -> None:
    assert invoke("check", "src").exit_code == 1
    assert "Attention" in invoke("check", "--output-format", "json", "src").stdout
    assert invoke("check", "--ignore", "BUF001", "src").exit_code == 0
    assert invoke("check", "--exit-zero", "src").exit_code == 0
    assert invoke("check", "src").exit_code == 1


def changes(tree: Path) -> Iterator[tuple[str, int]]:
    """Changes one after the other, each with how many findings there are then."""
    write(tree / "context" / "base.py", NO_MODULE)
    yield "a base class next door", 1
    write(tree / "context" / "base.py", BASE)
    write(tree / "context" / "masks.py", MAKE_LIST)
    yield "a helper next door", 1
    (tree / "context" / "masks.py").unlink()
    yield "a helper is gone", 1
    write(tree / "context" / "masks.py", MAKE)
    settle(tree)
    yield "a file that was looked for in vain", 2
    (tree / "src" / "context").mkdir()
    write(tree / "src" / "context" / "masks.py", MAKE_LIST)
    settle(tree)
    yield "a nearer module of that name", 1
    shutil.rmtree(tree / "src" / "context")
    settle(tree)
    yield "and away again", 2
    write(tree / "src" / "other.py", LESSON)
    settle(tree)
    yield "a new target", 3
    (tree / "src" / "other.py").unlink()
    write(tree / "src" / ".gitignore", "lesson.py\n")
    (tree / ".git").mkdir()
    settle(tree)
    yield "a .gitignore", 1
    write(tree / "src" / ".gitignore", "child.py\n")
    yield "another .gitignore", 1
    (tree / "src" / ".gitignore").unlink()
    write(tree / "bufferlint.toml", 'ignore = ["BUF001"]\n')
    settle(tree)
    yield "a configuration file", 0
    write(tree / "bufferlint.toml", 'exclude = ["lesson.py"]\n')
    yield "another configuration", 1


def test_whatever_an_answer_rests_on(tree: Path, invoke: Invoke) -> None:
    invoke("check", "src")
    for what, findings in changes(tree):
        for _ in range(2):
            kept, fresh = invoke("check", "src"), invoke("check", "--no-cache", "src")
            assert (kept.exit_code, kept.stdout, kept.stderr) == (fresh.exit_code, fresh.stdout, fresh.stderr), what
            assert kept.stdout.count("BUF0") == findings, what
        assert hit(invoke, "src"), what


def test_random_edits_make_no_difference(tree: Path, invoke: Invoke) -> None:
    """Sixty edits of a small project: with the cache and without it, the same."""
    choose = random.Random(7)
    texts = (LESSON, CHILD, BASE, NO_MODULE, MAKE, MAKE_LIST, "", "x = (\n")
    places = [*(tree / "src").glob("*.py"), *(tree / "context").glob("*.py"), tree / "src" / "extra.py"]
    answered = 0
    for _ in range(60):
        place = choose.choice(places)
        if choose.random() < 0.2:
            place.unlink(missing_ok=True)
        elif choose.random() < 0.9:
            write(place, choose.choice(texts))
        settle(tree)
        answered += hit(invoke, "src")
        kept, fresh = invoke("check", "src"), invoke("check", "--no-cache", "src")
        assert (kept.exit_code, kept.stdout, kept.stderr) == (fresh.exit_code, fresh.stdout, fresh.stderr)
    assert 0 < answered < 40


BLOCK = """\
import torch
from torch import nn

from context.masks import make


class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.linear = nn.Linear(n, n)
        self.size = len(make(n))

    def forward(self, x):
        return self.linear(x)
"""


@pytest.mark.parametrize("jobs", [(), ("--jobs", "2")])
@pytest.mark.parametrize("place", ["block_0.py", "block_25.py"])  # two processes take one of them each
def test_an_answer_outlives_edits_of_what_it_does_not_rest_on(
    tree: Path, invoke: Invoke, place: str, jobs: tuple[str, ...]
) -> None:
    block = tree / "src" / place
    for number in range(40):
        write(tree / "src" / f"block_{number}.py", BLOCK)
    settle(tree)
    assert invoke("check", *jobs, "src").stdout.count("BUF0") == 2
    for outside in ("return self.linear(x) * 2", "self.other = make(3)\n        return x", "# none\n        return x"):
        write(block, BLOCK.replace("return self.linear(x)", outside))
        assert hit(invoke, *jobs, "src")
        kept, fresh = invoke("check", *jobs, "src"), invoke("check", "--no-cache", "src")
        assert (kept.exit_code, kept.stdout, kept.stderr) == (fresh.exit_code, fresh.stdout, fresh.stderr)
    write(tree / "src" / "block_7.py", "import math\n" + BLOCK + "\n\ndef more(n):\n    return math.pi * n\n")
    assert hit(invoke, *jobs, "src"), "nobody knows the new function"
    write(block, BLOCK.replace("len(make(n))", "make(n)"))
    assert not hit(invoke, *jobs, "src")
    assert invoke("check", *jobs, "src").stdout.count("BUF0") == 3
    write(tree / "src" / "block_9.py", BLOCK.replace("return self.linear(x)", "self.mask = make(3)\n        return x"))
    assert not hit(invoke, *jobs, "src"), "a fix of the mask rests on whoever names it"


def test_an_answer_outlives_many_edits_at_once(tree: Path, invoke: Invoke) -> None:
    places = [tree / "src" / f"block_{number}.py" for number in range(60)]
    for place in places:
        write(place, BLOCK)
    settle(tree)
    invoke("check", "src")
    for place in places[:20]:
        write(place, BLOCK.replace("return self.linear(x)", "return x"))
    assert hit(invoke, "src") and hit(invoke, "src")
    places[3].write_bytes(b"\xff\xfe")
    age(places[3])
    assert not hit(invoke, "src")
    assert "block_3.py" in invoke("check", "src").stderr
    for place in places:
        write(place, BLOCK.replace("return self.linear(x)", "return x + 1"))
    assert not hit(invoke, "src"), "asking costs more than checking anew"


def test_what_changed_just_now_is_not_kept(tree: Path, invoke: Invoke) -> None:
    later = (tree / "src" / "child.py").stat().st_mtime + 4e9
    os.utime(tree / "src" / "child.py", (later, later))
    assert "changed just now" in invoke("check", "-v", "src").stderr
    assert not (tree / CACHE).exists()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "head alone": lambda whole: whole[:20],
    "seal alone": lambda whole: whole[:52],
    "cut": lambda whole: whole[:-1],
    "longer": lambda whole: whole + b"x",
    "another version": lambda whole: whole.replace(b"sealed 1", b"sealed 0"),
    "another body": lambda whole: whole[:52] + marshal.dumps(("", (), (), b"", ("", ["No findings in 1 file."], 0))),
    "a huge text": lambda whole: whole[:52] + b"s\xff\xff\xff\x7f",
    "nested": lambda whole: whole[:52] + b"(\x01\x00\x00\x00" * 5000 + b"(\x00\x00\x00\x00",
    "garbage": lambda _: b"\xff" * 1000,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_an_answer_that_is_not_as_it_was_written_is_none(
    tree: Path, invoke: Invoke, damage: Callable[[bytes], bytes]
) -> None:
    first = invoke("check", "src")
    (answer,) = (tree / CACHE).glob("*.answer")
    answer.write_bytes(damage(answer.read_bytes()))
    settle(tree)  # the cache came into the project just now
    result = invoke("check", "-v", "src")
    assert (result.stdout, result.exit_code) == (first.stdout, first.exit_code)
    assert "is damaged or" in result.stderr
    assert hit(invoke, "src"), "a new one took its place"


def test_an_answer_under_the_name_of_another_is_none(tree: Path, invoke: Invoke) -> None:
    clean = invoke("check", "--ignore", "BUF001", "src")
    (answer,) = (tree / CACHE).glob("*.answer")
    forged = answer.read_bytes()
    settle(tree)
    first = invoke("check", "src")
    for path in (tree / CACHE).glob("*.answer"):
        path.write_bytes(forged)
    again = invoke("check", "src")
    assert clean.exit_code == 0 and (again.exit_code, again.stdout) == (1, first.stdout)


def test_the_cache_of_another_user_is_none(
    tree: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = tmp_path_factory.mktemp("theirs")
    first = invoke("check", "src")
    assert hit(invoke, "src")
    settle(tree)
    monkeypatch.setenv("XDG_STATE_HOME", str(theirs))
    result = invoke("check", "-v", "src")
    assert "not written by this user" in result.stderr and result.stdout == first.stdout
    assert (theirs / "bufferlint/cache.key").stat().st_mode & 0o777 == 0o600
    assert hit(invoke, "src")


@pytest.mark.parametrize("spoil", ["others may read it", "short", "link", "folder"])
def test_a_key_that_is_not_ours_alone_is_made_anew_or_none(
    tree: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, spoil: str
) -> None:
    state = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    first = invoke("check", "src")
    assert hit(invoke, "src")
    file = state / "bufferlint/cache.key"
    secret = file.read_bytes()
    if spoil == "others may read it":
        file.chmod(0o644)
    elif spoil == "short":
        file.write_bytes(secret[:-1])
    else:
        file.unlink()
        (tree / "planted").write_bytes(secret)
        (tree / "planted").chmod(0o600)
        file.mkdir() if spoil == "folder" else file.symlink_to(tree / "planted")
    result = invoke("check", "-v", "src")
    assert (result.stdout, result.exit_code) == (first.stdout, first.exit_code)
    assert "answered from" not in result.stderr
    if spoil == "folder":
        assert "no key can be kept" in result.stderr
    else:
        assert file.read_bytes() != secret and not file.is_symlink()


@pytest.mark.parametrize("place", ["/proc/none", "/dev/null"])
def test_without_a_place_for_the_key_there_is_no_cache_and_no_error(
    tree: Path, invoke: Invoke, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", place)
    result = invoke("check", "src")
    assert (result.exit_code, result.stderr) == (1, "Found 2 findings (2 fixable with `fix --apply`).\n")
    assert not (tree / CACHE).exists()
    assert "no key can be kept" in invoke("check", "-v", "src").stderr


def test_a_link_in_place_of_the_cache_is_not_followed(tree: Path, invoke: Invoke) -> None:
    (tree / "elsewhere").mkdir()
    (tree / "elsewhere/CACHEDIR.TAG").write_text("")
    (tree / "elsewhere/kept.answer").write_text("")
    (tree / CACHE).symlink_to("elsewhere")
    settle(tree)
    result = invoke("check", "-v", "src")
    assert result.exit_code == 1 and "it is a link" in result.stderr
    assert "is no cache" in invoke("clean").stdout
    assert sorted(path.name for path in (tree / "elsewhere").iterdir()) == ["CACHEDIR.TAG", "kept.answer"]


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "huge"])
def test_what_is_no_file_of_answers_is_not_read(tree: Path, invoke: Invoke, kind: str) -> None:
    first = invoke("check", "src")
    (answer,) = (tree / CACHE).glob("*.answer")
    whole = answer.read_bytes()
    answer.unlink()
    (tree / "outside").write_bytes(whole)
    if kind == "link":
        answer.symlink_to(tree / "outside")
    elif kind == "pipe":
        os.mkfifo(answer)
    elif kind == "folder":
        answer.mkdir()
    else:
        answer.write_bytes(whole)
        os.truncate(answer, 1 << 40)
    result = invoke("check", "-v", "src")
    assert (result.stdout, result.exit_code) == (first.stdout, first.exit_code)
    assert "answered from" not in result.stderr
    assert (tree / "outside").read_bytes() == whole


def test_files_planted_in_the_cache_are_not_followed(tree: Path, invoke: Invoke) -> None:
    (tree / CACHE).mkdir()
    (tree / "outside").write_text("kept")
    for name in (".gitignore", "CACHEDIR.TAG"):
        (tree / CACHE / name).symlink_to(tree / f"none{name}")
    settle(tree)
    invoke("check", "src")
    assert hit(invoke, "src")
    assert not list(tree.glob("none*"))


def test_a_change_that_keeps_size_and_time_counts(tree: Path, invoke: Invoke) -> None:
    helper = tree / "context/masks.py"
    before = helper.stat()
    assert invoke("check", "src").stdout.count("BUF0") == 2 and hit(invoke, "src")
    helper.write_text(MAKE.replace("torch.ones(n, n)", "len([n, n, n])  "))
    os.utime(helper, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert helper.stat().st_size == before.st_size
    assert invoke("check", "src").stdout.count("BUF0") == 1


def test_where_a_link_leads_counts(tree: Path, invoke: Invoke) -> None:
    helper = tree / "context/masks.py"
    (tree / "versions").mkdir()
    for name, text in (("one.py", MAKE), ("two.py", MAKE.replace("torch.ones(n, n)", "len([n, n, n])  "))):
        (tree / "versions" / name).write_text(text)
        os.utime(tree / "versions" / name, (1_600_000_000.5, 1_600_000_000.5))
    helper.unlink()
    helper.symlink_to("../versions/one.py")
    (tree / "src/late.py").symlink_to("../versions/none.py")
    settle(tree)
    assert invoke("check", "src").stdout.count("BUF0") == 2 and hit(invoke, "src")
    helper.unlink()
    helper.symlink_to("../versions/two.py")
    settle(tree)
    assert invoke("check", "src").stdout.count("BUF0") == 1
    settle(tree)
    (tree / "versions/none.py").write_text(LESSON)
    assert invoke("check", "src").stdout.count("BUF0") == 2


def test_a_place_that_cannot_be_written_is_passed_over(tree: Path, invoke: Invoke) -> None:
    (tree / "file").write_text("")
    settle(tree)
    result = invoke("check", "-v", "--cache-dir", "file/below", "src")
    assert result.exit_code == 1 and "cannot be written" in result.stderr
    assert "cannot be written" not in invoke("check", "--cache-dir", "file/below", "src").stderr


@pytest.mark.usefixtures("tree")
def test_no_cache_neither_reads_nor_writes(tree: Path, invoke: Invoke) -> None:
    assert invoke("check", "--no-cache", "src").exit_code == 1
    assert not (tree / CACHE).exists()


def test_clean_removes_the_cache_and_nothing_else(tree: Path, invoke: Invoke) -> None:
    assert "Nothing to remove" in invoke("clean").stdout
    invoke("check", "src")
    assert invoke("clean").stdout == f"Removed {CACHE} (1 answer).\n"
    assert not (tree / CACHE).exists()
    assert invoke("clean", "--cache-dir", "src").exit_code == 0
    assert (tree / "src" / "child.py").exists()
    settle(tree)
    invoke("check", "src")
    (tree / CACHE / "mine.txt").write_text("keep")
    (tree / CACHE / "mine.answer").mkdir()
    assert invoke("clean").exit_code == 0
    assert sorted(path.name for path in (tree / CACHE).iterdir()) == ["mine.answer", "mine.txt"]


def test_runs_at_once_leave_whole_answers(tree: Path, invoke: Invoke) -> None:
    command = [sys.executable, "-m", "bufferlint", "check", "src"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) for _ in range(4)]
    outputs = {run.communicate()[0] for run in runs}
    assert len(outputs) == 1 and hit(invoke, "src")
    assert not list((tree / CACHE).glob("*.part"))


def test_only_so_many_answers_are_kept(tree: Path, invoke: Invoke) -> None:
    invoke("check", "src")
    for number in range(70):
        write(tree / CACHE / f"{number}.answer", "old")
    invoke("check", "--exit-zero", "src")
    assert hit(invoke, "src") and hit(invoke, "--exit-zero", "src")
    assert len(list((tree / CACHE).glob("*.answer"))) == 64


@pytest.mark.usefixtures("tree")
def test_timings_tell_what_the_parts_took(invoke: Invoke) -> None:
    plain, timed = invoke("check", "--no-cache", "src"), invoke("check", "--timings", "src")
    assert timed.stdout == plain.stdout and timed.exit_code == plain.exit_code
    lines = [line for line in timed.stderr.splitlines() if line not in plain.stderr]
    assert len(lines) >= 5 and all(line.split()[1] == "s" and float(line.split()[0]) >= 0 for line in lines)
