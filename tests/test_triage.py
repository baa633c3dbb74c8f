"""Each finding in a table of public packages has a verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.triage import TABLES, VERDICTS, Row, main, read, written

PAGES = sorted(TABLES.glob("*.md"))


@pytest.mark.parametrize("table", PAGES, ids=lambda table: str(table.stem))
def test_each_finding_has_a_verdict_and_a_sentence(table: Path) -> None:
    rows = read(table)
    assert table.read_text(encoding="utf-8") == written(table.stem, rows)
    assert [row for row in rows if row.verdict not in VERDICTS or not row.why.endswith(".")] == []
    assert [row for row in rows if row.verdict == "wrong"] == []


def test_a_table_that_is_written_anew_keeps_its_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.triage.TABLES", tmp_path)
    code = "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
    (tmp_path / "net.py").write_text(f"{code}        self.a = torch.ones(2)\n        self.b = torch.ones(3)\n")
    judged = Row("BUF001 Net.a", "net.py", "safe", "real", "Read in forward.")
    (tmp_path / "net.md").write_text(written("net", [judged, Row("BUF001 Net.gone", "net.py", "safe", "real", "Old.")]))
    main("net", str(tmp_path))
    assert read(tmp_path / "net.md") == [judged, Row("BUF001 Net.b", "net.py", "safe")]
