"""Watching sees a change whenever it comes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bufferlint.cli.watching import watch


class Ended(Exception):
    """What ends watching in a test, as Ctrl-C does."""


def _runs(files: tuple[Path, ...], *at_work: Callable[[], object]) -> list[int]:
    """The numbers of the runs that were made, each of which does something while it is at work.

    Watching ends when a look at the files finds them at rest, or after all of these runs.
    """
    made: list[int] = []

    def run() -> tuple[str, ...]:
        made.append(len(made) + 1)
        if len(made) > len(at_work):
            raise Ended
        at_work[len(made) - 1]()
        return tuple(map(str, files))

    with pytest.raises(Ended):
        watch(run)
    return made


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    def rest(_: float) -> None:
        raise Ended

    monkeypatch.setattr("time.sleep", rest)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.py"
    path.write_text("x = 1\n")
    os.utime(path, (1, 1))
    return path


def test_a_change_while_the_first_run_is_at_work_is_seen(model: Path) -> None:
    assert _runs((model,), lambda: model.write_text("x = 2\n")) == [1, 2]


def test_a_change_while_a_later_run_is_at_work_is_seen(model: Path) -> None:
    edits = [lambda: model.write_text("x = 2\n"), lambda: model.write_text("x = 33\n")]
    assert _runs((model,), *edits) == [1, 2, 3]


def test_a_file_that_comes_or_goes_while_a_run_is_at_work_is_seen(model: Path) -> None:
    other = model.with_name("other.py")
    assert _runs((model, other), lambda: other.write_text(""), other.unlink, lambda: model.write_text("")) == [
        1,
        2,
        3,
        4,
    ]


def test_a_file_at_rest_is_not_read_again(model: Path) -> None:
    assert _runs((model,), lambda: None, lambda: None) == [1]
