"""Which files a run looks at."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from bufferlint.project_files.files import collect, package_top, project_root
from bufferlint.project_files.ignore import Patterns
from bufferlint.project_files.options import DEFAULT_EXCLUDE

USUAL = (Patterns.parse("", DEFAULT_EXCLUDE),)


def _touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()


def _collected(root: Path, *paths: str, excludes: tuple[Patterns, ...] = USUAL) -> list[str]:
    targets = collect([str(root / path) for path in paths], excludes)
    assert not targets.problems
    return [Path(file).relative_to(root).as_posix() for file in targets.files]


def test_a_folder_gives_its_python_files_and_notebooks_sorted(tmp_path: Path) -> None:
    _touch(tmp_path, "b.py", "a/z.py", "a/n.ipynb", "a.py", "c.pyi", "d.txt", "e.pyc", "f.PY")
    assert _collected(tmp_path, "") == ["a.py", "a/n.ipynb", "a/z.py", "b.py"]


def test_folders_that_hold_no_source_of_the_project_are_left_out(tmp_path: Path) -> None:
    left_out = (".venv", "venv", "node_modules", "__pycache__", ".git", "lib/site-packages", "build", "dist", ".tox")
    _touch(tmp_path, *(f"{folder}/a.py" for folder in left_out), ".hidden.py", "src/distribution/a.py", "src/build.py")
    assert _collected(tmp_path, "") == [".hidden.py", "src/build.py", "src/distribution/a.py"]


def test_what_is_named_is_taken(tmp_path: Path) -> None:
    _touch(tmp_path, "build/a.py", "script", "README.md", "venv/lib/b.py")
    assert _collected(tmp_path, "build/a.py", "script", "venv") == ["build/a.py", "script", "venv/lib/b.py"]


def test_gitignore_files_of_the_repository_count(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    _touch(
        tmp_path, "gen/a.py", "src/gen/a.py", "src/a.py", "src/keep_tmp.py", "src/b_tmp.py", "local.py", "src/c_tmp.py"
    )
    (tmp_path / ".gitignore").write_text("/gen/\n*_tmp.py\n")
    (tmp_path / "src/.gitignore").write_text("!keep_tmp.py\n")
    (tmp_path / ".git/info").mkdir(exist_ok=True)
    (tmp_path / ".git/info/exclude").write_text("local.py\n")
    assert _collected(tmp_path, "") == ["src/a.py", "src/gen/a.py", "src/keep_tmp.py"]
    assert _collected(tmp_path, "src") == ["src/a.py", "src/gen/a.py", "src/keep_tmp.py"]
    assert _collected(tmp_path, "src/b_tmp.py") == ["src/b_tmp.py"]


def test_gitignore_counts_without_git_too(tmp_path: Path) -> None:
    _touch(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfb.py\r\n\xff\n")
    assert _collected(tmp_path, "") == ["a.py"]


def test_excludes_are_relative_to_their_base(tmp_path: Path) -> None:
    _touch(tmp_path, "src/old/a.py", "old/a.py", "src/b.py")
    excludes = (Patterns.parse(tmp_path.as_posix(), ["src/old", "*b.py"]),)
    assert _collected(tmp_path, "", excludes=excludes) == ["old/a.py"]


def test_one_file_under_two_names_is_taken_once(tmp_path: Path) -> None:
    _touch(tmp_path, "z.py", "folder/b.py")
    (tmp_path / "a.py").symlink_to(tmp_path / "z.py")
    (tmp_path / "link").symlink_to(tmp_path / "folder", target_is_directory=True)
    (tmp_path / "folder/up").symlink_to(tmp_path, target_is_directory=True)
    assert _collected(tmp_path, "", "z.py", "./z.py") == ["folder/b.py", "z.py"]
    assert _collected(tmp_path, "link") == ["link/b.py"]
    assert _collected(tmp_path, "a.py") == ["a.py"]


def test_a_dangling_symlink_is_passed_over_unless_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to(tmp_path / "gone.py")
    assert _collected(tmp_path, "") == []
    assert _collected(tmp_path, "a.py") == ["a.py"]


def test_a_pattern_that_the_terminal_left_alone_is_expanded(tmp_path: Path) -> None:
    _touch(tmp_path, "src/a.py", "src/deep/b.py", "c.py", "[x].py")
    assert _collected(tmp_path, "src/**/*.py") == ["src/a.py", "src/deep/b.py"]
    assert _collected(tmp_path, "[x].py") == ["[x].py"]


def test_a_missing_path_is_a_problem_and_the_others_go_on(tmp_path: Path) -> None:
    _touch(tmp_path, "a.py")
    targets = collect([str(tmp_path / "nope"), str(tmp_path / "*.rs"), str(tmp_path / "a.py")], USUAL)
    assert [Path(file).name for file in targets.files] == ["a.py"]
    assert [(Path(problem.path).name, problem.cause) for problem in targets.problems] == [
        ("nope", "no such file or folder"),
        ("*.rs", "no such file or folder"),
    ]


def test_the_root_is_the_nearest_folder_that_looks_like_a_project(tmp_path: Path) -> None:
    _touch(tmp_path, "p/pyproject.toml", "p/src/pkg/a.py", "p/src/pkg/sub/b.py", "p/tests/c.py")
    root = tmp_path.as_posix()
    assert project_root([f"{root}/p/src/pkg/a.py"]) == f"{root}/p"
    assert project_root([f"{root}/p/src/pkg/a.py", f"{root}/p/tests/c.py"]) == f"{root}/p"
    assert project_root([f"{root}/p/src"]) == f"{root}/p"


def test_without_a_marker_the_root_is_outside_the_package(tmp_path: Path) -> None:
    if any(
        (above / marker).exists() for above in tmp_path.parents for marker in ("pyproject.toml", ".git", "setup.py")
    ):
        raise AssertionError("the folder for temporary files lies inside a project")
    _touch(tmp_path, "free/pkg/__init__.py", "free/pkg/sub/__init__.py", "free/pkg/sub/a.py")
    root = tmp_path.as_posix()
    assert project_root([f"{root}/free/pkg/sub/a.py"]) == f"{root}/free"
    assert package_top(f"{root}/free/pkg/sub/a.py") == f"{root}/free/pkg"
    assert package_top(f"{root}/free/pkg/namespace/a.py") == f"{root}/free/pkg"


def test_names_that_are_no_text_are_collected(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.py"
    os.close(os.open(name, os.O_CREAT))
    assert len(_collected(tmp_path, "")) == 1
