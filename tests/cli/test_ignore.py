"""Our reading of ``.gitignore`` against git's own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bufferlint.project_files.ignore import Patterns, ignored

FILES = (
    "a.py", "b.py", "#a.py", "!a.py", "a b.py", "x y ", "[a].py", "A.py", ".hidden.py", "src/a.py", "src/b.ipynb",
    "src/deep/a.py", "src/deep/er/a.py", "build/a.py", "src/build/a.py", "doc/frotz/a.py", "frotz/a.py",
    "docs/build.py", "foo/bar/baz/a.py", "foo/baz/a.py", "foo/a1.py", "foo/a2.py", "foo/a-.py",
)  # fmt: skip
PATTERNS = (
    "*.py", "a.py", "/a.py", "src/a.py", "src/", "src", "/src/deep", "deep/", "build/", "/build/", "**/build",
    "**/a.py", "foo/**", "foo/**/a.py", "src/**/a.py", "src/*/a.py", "/*", "*", "**", "?.py", "[ab].py", "[!a].py",
    "[^a].py", "[a-b].py", "a[0-1].py", "foo/a[0-9].py", "foo/a[-1].py", "\\#a.py", "#a.py", "\\!a.py", "x y\\ ",
    "x y ", "a b.py", "\\[a\\].py", "*.PY", "doc/frotz/", "frotz/", "foo/*", "!a.py", ".*", "a.py  ",
    "src/deep/**/", "**/deep/**", "[", "[z-a].py", "[a", "f*/", "/f*o/b*",
)  # fmt: skip


def _by_git(repository: Path, lines: str) -> set[str]:
    (repository / ".gitignore").write_text(lines)
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin", "-z"]
    answer = subprocess.run(
        command, cwd=repository, input="\0".join(FILES), capture_output=True, text=True, check=False
    )
    assert answer.returncode in (0, 1), answer.stderr
    return set(answer.stdout.split("\0")) - {""}


def _by_us(lines: str) -> set[str]:
    patterns = (Patterns.parse("/r", lines.split("\n")),)

    def out(path: str) -> bool:
        parts = path.split("/")
        folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
        return any(ignored(patterns, f"/r/{folder}", True) for folder in folders) or ignored(
            patterns, f"/r/{path}", False
        )

    return {path for path in FILES if out(path)}


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "-q", path], check=True)
    for name in FILES:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).touch()
    return path


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_means_what_git_says(repository: Path, pattern: str) -> None:
    assert _by_us(pattern) == _by_git(repository, pattern)


@pytest.mark.parametrize(
    "lines",
    [
        "*\n!*/\n!a.py",
        "*.py\n!src/a.py",
        "!a.py\n*.py",
        "src/*\n!src/deep/",
        "# a comment\r\n\r\n*.ipynb\r\n",
        "build/\n!build/a.py",
    ],
)
def test_later_patterns_overrule_earlier_ones(repository: Path, lines: str) -> None:
    assert _by_us(lines) == _by_git(repository, lines)


def test_absolute_and_dotted_patterns_are_relative_to_their_folder() -> None:
    for spelling in ("/r/src/a.py", "./src/a.py", "src/a.py"):
        assert Patterns.parse("/r", [spelling]).verdict("/r/src/a.py", False) is True
        assert Patterns.parse("/r", [spelling]).verdict("/r/deep/src/a.py", False) is None
        assert Patterns.parse("/r", [spelling]).verdict("/other/src/a.py", False) is None
