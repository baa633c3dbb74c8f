"""Known findings: recognised when lines move and when files are renamed, and no more of them than are known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bufferlint import baseline
from bufferlint.settings import Known, Settings
from tests.memory import MemoryWorkspace, at, check, mend

HEAD = "import torch\nfrom torch import nn\n\n\n"
MODEL = """\
class {name}(nn.Module):
    def __init__(self, flag):
        super().__init__()
        self.mask = torch.ones(2)
"""
A = HEAD + MODEL.format(name="A")


def known(files: Mapping[str, str]) -> tuple[Known, ...]:
    return baseline.record(check(files).findings, MemoryWorkspace(files))


def new(files: Mapping[str, str], held: tuple[Known, ...], settings: Settings | None = None) -> list[str]:
    report = check(files, replace(settings or Settings(), baseline=held))
    assert report.known + len(report.findings) == len(check(files, settings).findings)
    return [f"{finding.path.rpartition('/')[2]} {finding.subject}" for finding in report.findings]


def gone(held: tuple[Known, ...], path: str) -> tuple[Known, ...]:
    """The entries as they are once a file is gone."""
    return tuple(replace(each, path=None) if each.path == at(path) else each for each in held)


def test_what_is_known_is_not_reported() -> None:
    assert known({"a.py": A}) == (Known("BUF001", at("a.py"), "A.mask", 1, known({"a.py": A})[0].digests),)
    assert new({"a.py": A}, known({"a.py": A})) == []


def test_lines_may_move_and_code_may_change() -> None:
    moved = A.replace("class A", "X = 1\n\n\nclass A").replace("torch.ones(2)", "torch.ones(\n            3\n        )")
    assert new({"a.py": moved}, known({"a.py": A})) == []


def test_another_attribute_class_or_file_is_new() -> None:
    held = known({"a.py": A})
    assert new({"a.py": A + "        self.other = torch.ones(2)\n"}, held) == ["a.py A.other"]
    assert new({"a.py": A, "b.py": A}, held) == ["b.py A.mask"]
    assert new({"a.py": A.replace("class A", "class B")}, held) == ["a.py B.mask"]


def test_more_of_the_same_are_new() -> None:
    twice = A.replace(
        "        self.mask = torch.ones(2)\n",
        "        if flag:\n            self.mask = torch.ones(2)\n"
        "        else:\n            self.mask = torch.ones(3)\n",
    )
    assert len(check({"a.py": twice}).findings) == 2
    assert new({"a.py": twice}, known({"a.py": A})) == ["a.py A.mask"]
    assert [each.count for each in known({"a.py": twice})] == [2]
    assert new({"a.py": twice}, known({"a.py": twice})) == []


def test_a_renamed_file_keeps_what_is_known() -> None:
    held = gone(known({"a.py": A}), "a.py")
    assert new({"b.py": A}, held) == []
    assert new({"b.py": A.replace("torch.ones(2)", "torch.ones( 2 )")}, held) == []
    assert new({"b.py": A.replace("torch.ones(2)", "torch.zeros(2)")}, held) == ["b.py A.mask"]
    assert new({"b.py": A, "c.py": A}, held) == ["c.py A.mask"]


def test_what_is_known_is_not_fixed() -> None:
    code = A + "        self.other = torch.ones(2)\n"
    settings = Settings(baseline=known({"a.py": A}))
    result = mend({"a.py": code}, settings)
    assert [finding.attribute for finding in result.changes[0].fixed] == ["other"]
    assert "self.mask = torch.ones(2)" in result.changes[0].after
    assert (result.problems, result.remaining.findings, result.remaining.known) == ((), (), 1)
