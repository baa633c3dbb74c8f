"""Tables of two versions of torch are told apart name by name."""

from __future__ import annotations

from pathlib import Path

from bufferlint.torch_model import table
from tests.torch_table import differences

OLD = 'FUNCTIONS = """\\\nT torch = ones zeros old\n"""\nFIELDS = """\\\ntorch.svd = U S V\n"""\n'
NEW = 'FUNCTIONS = """\\\nT torch = ones\n new\nN torch = zeros\n"""\nFIELDS = """\\\ntorch.svd = U S Vh\n"""\n'


def test_names_that_come_go_and_change_are_listed() -> None:
    assert differences(OLD, NEW) == [
        "+ FUNCTIONS torch.new: T",
        "- FUNCTIONS torch.old: T",
        "~ FUNCTIONS torch.zeros: T -> N",
        "~ FIELDS torch.svd: U S V -> U S Vh",
    ]


def test_a_table_does_not_differ_from_itself() -> None:
    text = Path(table.__file__).read_text(encoding="utf-8")
    assert differences(text, text) == []
