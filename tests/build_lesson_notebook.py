"""Runs a notebook from top to bottom and writes it as Jupyter would, with nothing in it that names this machine.

``python tests/build_lesson_notebook.py [SOURCE [TARGET]]``: without arguments the lesson's notebook is refreshed in
place. Exit status 1, and nothing written, when a cell raises.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

LESSON = Path(__file__).parents[1] / "fixtures" / "notebooks" / "understanding_buffers.ipynb"
SECONDS_PER_CELL = 120


def execute(source: Path, target: Path) -> None:
    """Raises nbclient's CellExecutionError when a cell raises, and nbformat's ValidationError for a malformed file."""
    notebook = nbformat.read(source, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    client = NotebookClient(
        notebook,
        timeout=SECONDS_PER_CELL,
        kernel_name="python3",
        record_timing=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(source.parent)}},
    )
    client.execute()
    nbformat.validate(notebook)
    nbformat.write(notebook, target)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[1:]] or [LESSON]
    execute(paths[0], paths[-1])
