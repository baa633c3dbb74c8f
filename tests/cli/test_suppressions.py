"""Suppressions on the command line: explained, added, honoured by ``fix``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import LESSON, Invoke

NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"


def test_comments_are_added_and_honoured(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_bytes(LESSON.replace("\n", "\r\n").encode())
    shutil.copy(NOTEBOOKS / "magics.ipynb", project)
    added = invoke("check", "--add-ignore")
    assert (added.exit_code, added.stdout) == (0, "")
    assert added.stderr == "Suppressed 2 findings in 2 files.\n"
    assert b"diagonal=1)  # bufferlint: ignore[BUF001]\r\n" in (project / "model.py").read_bytes()
    assert "# bufferlint: ignore[BUF001]" in (project / "magics.ipynb").read_text()
    assert json.loads((project / "magics.ipynb").read_text())["nbformat"] == 4
    assert invoke("check").exit_code == 0
    assert invoke("fix").stdout == ""
    assert invoke("check", "--add-ignore").stderr == "Suppressed 0 findings in 0 files.\n"


def test_an_unused_suppression_is_reported_and_removed(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text("x = 1  # noqa: BUF001\n")
    checked = invoke("check", "--output-format", "concise")
    assert checked.stdout == "model.py:1:8: BUF100 [*] unused suppression: BUF001 reports nothing here\n"
    fixed = invoke("fix", "--apply")
    assert (fixed.exit_code, (project / "model.py").read_text()) == (0, "x = 1\n")
    assert "fixed model.py:1:8: BUF100 BUF001\n" in fixed.stderr


def test_an_unused_suppression_in_a_notebook_is_removed(invoke: Invoke, project: Path) -> None:
    cells = [{"cell_type": "code", "source": ["x = 1  # noqa: BUF001\n", "x"], "metadata": {}, "outputs": []}]
    (project / "n.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    assert invoke("fix", "--apply").exit_code == 0
    assert json.loads((project / "n.ipynb").read_text())["cells"][0]["source"] == ["x = 1\n", "x"]


def test_comments_of_other_languages_are_none_of_ours(invoke: Invoke, project: Path) -> None:
    cells = [{"cell_type": "code", "source": "%%bash\nls  # noqa: BUF001\n", "metadata": {}, "outputs": []}]
    (project / "n.ipynb").write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}))
    assert invoke("check").exit_code == 0


def test_silence_by_a_comment_is_explained(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(LESSON.replace("diagonal=1)", "diagonal=1)  # noqa: BUF001"))
    said = invoke("check", "--explain-silence", "model.py:Attention.mask").stdout
    assert said.endswith("; suppressed by '# noqa: BUF001' on line 9\n")


def test_what_cannot_be_written_is_said(invoke: Invoke, project: Path) -> None:
    (project / "broken.py").write_text("def f(:\n")
    assert invoke("check", "--add-ignore").exit_code == 2
    assert invoke("check", "--add-ignore", "-", stdin=LESSON).exit_code == 2
