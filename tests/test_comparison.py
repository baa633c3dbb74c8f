"""The page that compares linters: bufferlint finds in the sample what the page says."""

from __future__ import annotations

from pathlib import Path

from tests.memory import check

SAMPLE = Path(__file__).parents[1] / "fixtures/comparison"


def test_bufferlint_finds_the_tensors_and_no_look_alike() -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in SAMPLE.glob("*.py")}
    found = {(finding.location.row, finding.code) for finding in check(files).findings}

    lines = list(enumerate(files["layers.py"].splitlines(), 1))
    tensors = {(row, "BUF001") for row, line in lines if "# tensor" in line}
    assert len(tensors) == 4
    assert found == tensors | {(row, "BUF005") for row, line in lines if "# raises" in line}
    assert sum(mark in line for _, line in lines for mark in ("# no tensor", "# registered", "# no module")) == 5
