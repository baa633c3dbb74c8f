"""Suppressions from end to end: what is silenced is neither reported nor rewritten; comments can be written for it."""

from __future__ import annotations

import pytest

from bufferlint import engine
from bufferlint.settings import Settings
from bufferlint.text.edits import apply_edits
from tests.memory import MemoryWorkspace, at, check, mend, mended
from tests.test_engine_notebooks import FILE, notebook

HEAD = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self, n, flag):
        super().__init__()
"""
PLAIN = "        self.mask = torch.ones(n)"


def found(text: str, settings: Settings | None = None) -> list[tuple[str, str]]:
    return [(finding.code, finding.attribute) for finding in check({"m.py": text}, settings).findings]


@pytest.mark.parametrize(
    "comment",
    ["# noqa", "# noqa: BUF001", "# noqa: BUF0", "# bufferlint: ignore[unregistered-tensor]", "# bufferlint: ignore"],
)
def test_a_suppressed_statement_is_neither_reported_nor_rewritten(comment: str) -> None:
    text = f"{HEAD}{PLAIN}  {comment}\n        self.other = torch.ones(n)\n"
    result = mend({"m.py": text})
    assert [finding.attribute for finding in result.before.findings] == ["other"]
    after = text.replace("self.other = torch.ones(n)", 'self.register_buffer("other", torch.ones(n))')
    assert mended({"m.py": text}, result) == {"m.py": after}


@pytest.mark.parametrize("comment", ["# noqa: E501", "# noqa: BUF002", "# nothing", "# bufferlint: ignore[BUF010]"])
def test_other_comments_silence_nothing(comment: str) -> None:
    assert ("BUF001", "mask") in found(f"{HEAD}{PLAIN}  {comment}\n")


@pytest.mark.parametrize("row", range(3))
def test_any_line_of_a_statement_will_do(row: int) -> None:
    lines = ["        self.mask = torch.ones(", "            n,", "        )"]
    assert found(HEAD + "".join(f"{line}\n" for line in lines)) == [("BUF001", "mask")]
    lines[row] += "  # noqa: BUF001"
    assert found(HEAD + "".join(f"{line}\n" for line in lines)) == []


def test_a_comment_above_or_below_is_at_another_statement() -> None:
    text = f"{HEAD}        # bufferlint: ignore[BUF001]\n{PLAIN}\n        # noqa: BUF001\n"
    assert found(text) == [("BUF100", "BUF001"), ("BUF001", "mask"), ("BUF100", "BUF001")]


def test_a_whole_file() -> None:
    body = f"{PLAIN}\n        self.other = torch.ones(n)\n"
    assert found(f"{HEAD}{body}# bufferlint: ignore-file[BUF001] generated\n") == []
    assert found(f"# flake8: noqa\n{HEAD}{body}") == []
    assert found(f"# bufferlint: ignore-file[BUF002]\n{HEAD}{body}")[0] == ("BUF100", "BUF002")


def test_a_fix_that_would_change_a_suppressed_line_is_withheld() -> None:
    text = (
        f"{HEAD}        if flag:\n    {PLAIN}  # noqa: BUF001\n        else:\n            self.mask = torch.zeros(n)\n"
    )
    result = mend({"m.py": text}, Settings(unsafe_fixes=True))
    (finding,) = result.before.findings
    assert finding.location.row == 11
    assert finding.withheld == "the fix would change line 9, which a comment suppresses"
    assert result.changes == ()
    without = mend({"m.py": text.replace("  # noqa: BUF001", "")}, Settings(unsafe_fixes=True))
    assert len(without.before.findings) == 2 and len(without.changes) == 1


def test_use_does_not_depend_on_the_selection() -> None:
    text = f"{HEAD}{PLAIN}  # noqa: BUF001\n        self.scale = 1.0  # noqa: BUF002\n"
    assert found(text, Settings(select=("BUF100",))) == [("BUF100", "BUF002")]
    assert found(text, Settings(ignore=("BUF001",))) == [("BUF100", "BUF002")]
    assert found(text, Settings(ignore=("BUF100",))) == []
    assert found(text.replace("# noqa", "# bufferlint: ignore-file[BUF100] # noqa")) == []


def test_nothing_is_said_where_other_files_may_tell_more() -> None:
    body = HEAD.replace("n, flag", "mask") + "        self.mask = mask  # noqa: BUF001, BUF999\n"
    body += "\n    def forward(self, x):\n        return x * self.mask\n"
    caller = "import torch\nfrom m import Model\n\nMODEL = Model(torch.ones(2))\n"
    plain = body.replace("  # noqa: BUF001, BUF999", "")
    both = {"m.py": body, "main.py": caller}
    assert [(f.code, f.attribute) for f in check(both).findings] == [("BUF100", "BUF999")]
    assert [(f.code, f.attribute) for f in check(both, targets=["m.py"]).findings] == [("BUF100", "BUF999")]
    assert [f.code for f in check({**both, "m.py": plain}).findings] == ["BUF001"]
    whole = f"# bufferlint: ignore-file[BUF001]\n{plain}"
    assert found(whole) == []
    assert found(whole.replace("= mask", "= 1")) == [("BUF100", "BUF001")]


def test_a_rule_that_is_off_is_asked_when_a_comment_names_it() -> None:
    body = '        self.register_buffer("mask", torch.ones(n))\n\n    def forward(self, x):\n'
    assert found(f"{HEAD}{body}        return x * self.mask.to(x.device)  # noqa: BUF008\n") == []
    assert found(f"{HEAD}{body}        return x * self.mask  # noqa: BUF008\n") == [("BUF100", "BUF008")]


def test_an_unused_suppression_at_the_end_of_a_statement_goes_alone() -> None:
    lines = [
        "        self.register_buffer(",
        '            "mask",',
        "            torch.ones(n),",
        "        )  # noqa: BUF001",
    ]
    text = HEAD + "\n".join(lines) + "\n"
    result = mend({"m.py": text})
    assert [finding.location.row for finding in result.before.findings] == [11]
    assert mended({"m.py": text}, result)["m.py"] == text.replace("  # noqa: BUF001", "")
    assert result.remaining.findings == ()


def test_what_a_fix_makes_unused_is_removed_too() -> None:
    text = f"{HEAD}        self.x = 1  # noqa: BUF001\n{PLAIN}  # noqa: BUF002\n"
    after = text.replace("  # noqa: BUF001", "").replace("  # noqa: BUF002", "")
    after = after.replace("self.mask = torch.ones(n)", 'self.register_buffer("mask", torch.ones(n))')
    result = mend({"m.py": text})
    assert (result.problems, mended({"m.py": text}, result)) == ((), {"m.py": after})


def test_a_file_with_problems_has_no_unused_suppressions() -> None:
    report = check({"m.py": "x = 1  # noqa: BUF001\ndef f(:\n"})
    assert (report.findings, len(report.problems)) == ((), 1)


def test_cells_of_a_notebook() -> None:
    cells = [
        "import torch\nfrom torch import nn\n",
        HEAD.partition("\n\n\n")[2] + PLAIN + "  # noqa: BUF001\n",
        "x = 1  # noqa: BUF001\n",
    ]
    (finding,) = check({FILE: notebook(*cells)}).findings
    assert (finding.code, finding.location.cell, finding.location.row) == ("BUF100", 6, 1)
    result = mend({FILE: notebook(*cells)})
    assert result.changes[0].after == "".join(cells)[: -len("  # noqa: BUF001\n")] + "\n"


def test_silence_is_explained() -> None:
    text = f"{HEAD}{PLAIN}  # noqa: BUF001\n"
    said = engine.explain(at("m.py"), "Model", "mask", MemoryWorkspace({"m.py": text}), Settings())
    assert said.startswith("BUF001 [*] 'mask' is a plain tensor")
    assert said.endswith("; suppressed by '# noqa: BUF001' on line 8")


# -- comments for a legacy code base ---------------------------------------------------------------------------------

ADDED = [
    (PLAIN, PLAIN + "  # bufferlint: ignore[BUF001]"),
    (PLAIN + "  # why", PLAIN + "  # why  # bufferlint: ignore[BUF001]"),
    (PLAIN + "  # noqa: E501", PLAIN + "  # noqa: E501  # bufferlint: ignore[BUF001]"),
    (PLAIN + "  # bufferlint: ignore[BUF011] x", PLAIN + "  # bufferlint: ignore[BUF011, BUF001] x"),
    (
        "        self.mask = torch.ones(  # size\n            n,\n        )   ",
        "        self.mask = torch.ones(  # size\n            n,\n        )  # bufferlint: ignore[BUF001]",
    ),
    (
        "        self.mask = \\\n            torch.ones(n); self.other = torch.ones(n)",
        "        self.mask = \\\n            torch.ones(n); self.other = torch.ones(n)  # bufferlint: ignore[BUF001]",
    ),
]


@pytest.mark.parametrize(("body", "after"), ADDED)
@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_comments_are_added(body: str, after: str, end: str) -> None:
    text = (HEAD + body).replace("\n", end or "\n") + end
    workspace = MemoryWorkspace({"m.py": text})
    result = engine.add_ignores(workspace.paths, workspace, Settings(ignore=("BUF100",)))
    (change,) = result.changes
    assert change.after == (HEAD + after).replace("\n", end or "\n") + end
    assert result.remaining.findings == ()
    assert check({"m.py": change.after}, Settings(ignore=("BUF100",))).findings == ()


def test_one_finding_can_be_silenced() -> None:
    text = f"{HEAD}{PLAIN}\n        self.other = torch.ones(n)\n"
    workspace = MemoryWorkspace({"m.py": text})
    finding = check({"m.py": text}).findings[1]
    after = apply_edits(text, engine.ignoring(finding, workspace))
    assert after == f"{text[:-1]}  # bufferlint: ignore[BUF001]\n"


def test_findings_about_comments_get_none() -> None:
    workspace = MemoryWorkspace({"m.py": "x = 1  # noqa: BUF001\n"})
    assert engine.add_ignores(workspace.paths, workspace, Settings()).changes == ()
