"""Unified diffs: ``git apply`` takes each of them and makes the text of it, byte for byte."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest

from bufferlint.text.diff import unified_diff

LONG = "".join(f"line {number}\n" for number in range(40))
PAIRS = {
    "one line": ("a\nb\nc\n", "a\nB\nc\n"),
    "first line": ("a\nb\n", "A\nb\n"),
    "inserted": ("a\nb\n", "a\nx\ny\nb\n"),
    "removed": ("a\nb\nc\n", "a\nc\n"),
    "no line end": ("a\nb", "a\nB"),
    "line end gained": ("a\nb", "a\nb\n"),
    "line end lost": ("a\nb\n", "a\nb"),
    "line end gained with a line": ("a\nb", "a\nb\nc\n"),
    "changed above an end without one": ("a\nb\nc", "A\nb\nc"),
    "crlf": ("a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"),
    "crlf, no line end": ("a\r\nb\r\nc", "a\r\nB\r\nc"),
    "lone cr": ("a\rb\rc\r", "a\rB\rc\r"),
    "mixed": ("a\r\nb\nc\rd\n", "a\r\nB\nc\rd\n"),
    "separators that git does not know": ("a\u2028b\x0cc\x85d\x1ce\n", "a\u2028B\x0cc\x85d\x1ce\n"),
    "beyond ascii": ("é\n掩码\n𝒳\n", "é\nself.掩码\n𝒳\n"),
    "far apart": (LONG, LONG.replace("line 3\n", "x\n").replace("line 30\n", "y\n")),
    "close together": (LONG, LONG.replace("line 3\n", "x\n").replace("line 8\n", "y\n")),
    "blank lines": ("\n\n\na\n\n\n", "\n\n\nb\n\n\n"),
    "lines that look like a diff": ("--- a\n+++ b\n@@ -1 +1 @@\n", "--- a\n+++ c\n@@ -1 +1 @@\n"),
    "emptied": ("a\n", ""),
    "filled": ("", "a\n"),
}


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("context", [3, 0])
def test_git_applies_it(before: str, after: str, context: int, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_bytes(before.encode())
    patch = unified_diff(before, after, "m.py", context).encode()

    git(tmp_path, patch, "--check", *(["--unidiff-zero"] if context == 0 else []))
    git(tmp_path, patch, *(["--unidiff-zero"] if context == 0 else []))

    assert (tmp_path / "m.py").read_bytes() == after.encode()


def test_git_applies_the_diffs_of_many_files_at_once(tmp_path: Path) -> None:
    pairs = {f"folder {number}/ö{number}.py": pair for number, pair in enumerate(PAIRS.values())}
    patches = [unified_diff(before, after, path) for path, (before, after) in pairs.items()]
    for path, (before, _) in pairs.items():
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_bytes(before.encode())

    git(tmp_path, "".join(patches).encode())

    assert {path: (tmp_path / path).read_bytes().decode() for path in pairs} == {
        path: after for path, (_, after) in pairs.items()
    }


def test_a_diff_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """The check above can fail."""
    (tmp_path / "m.py").write_bytes(b"something else\n")
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, unified_diff("a\nb\n", "a\nc\n", "m.py").encode(), "--check")


def test_equal_texts_have_no_diff() -> None:
    assert all(unified_diff(text, text, "m.py") == "" for text in itertools.chain(*PAIRS.values()))


def test_its_form() -> None:
    assert unified_diff("a\nb\nc\n", "a\nB\nc\n", "pkg/m.py", 1) == (
        "--- a/pkg/m.py\n+++ b/pkg/m.py\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n"
    )
    assert unified_diff("a", "b", "m.py").splitlines()[-4:] == [
        "-a",
        "\\ No newline at end of file",
        "+b",
        "\\ No newline at end of file",
    ]


def git(folder: Path, patch: bytes, *options: str) -> None:
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", *options, "-"]
    subprocess.run(command, input=patch, cwd=folder, check=True, capture_output=True)
