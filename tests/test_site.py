"""The sources of the documentation site: every link leads to a page of it, and what is marked as Python is Python."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bufferlint.report.view import View
from bufferlint.rules import catalogue

SITE = Path(__file__).parents[1] / ".ci" / "site.py"
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "docs"
    subprocess.run([sys.executable, str(SITE), "--sources", str(folder)], check=True)
    return folder


def test_links_lead_to_pages_of_the_site(sources: Path) -> None:
    pages = sorted(sources.rglob("*.md"))
    assert len(pages) > len(catalogue()) + 10
    assert [page for page in pages if page.parent.name == "triage"]
    for page in pages:
        for target in _LINK.findall(page.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            assert "://" in target or not path or (page.parent / path).is_file(), (page.name, target)


def test_there_is_a_page_for_each_rule_with_its_examples(sources: Path) -> None:
    for rule in catalogue():
        address = View("", home="https://docs.example/").rule_url(rule.name)
        assert address == f"https://docs.example/rules/{rule.name}.html"  # where mkdocs puts the page
        text = (sources / "rules" / f"{rule.name}.md").read_text(encoding="utf-8")
        assert text.startswith(f"# {rule.code} {rule.name}\n") and rule.summary in text
        blocks = _PYTHON.findall(text)
        assert blocks or rule.check is None, rule.name
        for block in blocks:
            ast.parse(block)


def test_a_wrong_call_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, str(SITE)], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "pip install mkdocs-material" in done.stderr
