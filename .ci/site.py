#!/usr/bin/env python3
"""Build the documentation site: README, the pages of bufferlint/docs, and a page for each rule.

python .ci/site.py site            needs bufferlint, and `pip install mkdocs-material`
python .ci/site.py --sources docs  only lay out the Markdown that it is built from
"""

from __future__ import annotations

import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bufferlint.report.rule_page import markdown  # noqa: E402
from bufferlint.rules import catalogue  # noqa: E402

PAGES = {
    "README.md": "index.md",
    "bufferlint/README.md": "how-it-is-built.md",
    ".github/CONTRIBUTING.md": "contributing.md",
    ".github/SECURITY.md": "security.md",
    ".github/CHANGELOG.md": "changes.md",
}
"""Where the pages of the repository that are not in bufferlint/docs stand on the site."""
_LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[#)])")


def lay_out(folder: Path) -> None:
    """Write the Markdown of the site into a folder."""
    pages = {**PAGES, **{f"bufferlint/docs/{each.name}": each.name for each in _chapters()}}
    pages |= {f"fixtures/triage/{each.name}": f"triage/{each.name}" for each in _triage()}
    (folder / "triage").mkdir()
    for source, target in pages.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        (folder / target).write_text(_relinked(text, source, pages, folder), encoding="utf-8")
    (folder / "rules").mkdir()
    for rule in catalogue():
        title = f"# {rule.code} {rule.name}\n\n"
        (folder / "rules" / f"{rule.name}.md").write_text(title + markdown(rule.page) + "\n", encoding="utf-8")
    rows = [f"| [{rule.code}](rules/{rule.name}.md) | `{rule.name}` | {rule.summary} |" for rule in catalogue()]
    table = "\n".join(["| code | name | what it finds |", "|---|---|---|", *rows])
    (folder / "rules.md").write_text(f"# Rules\n\n{table}\n", encoding="utf-8")


def _chapters() -> list[Path]:
    return sorted((ROOT / "bufferlint/docs").glob("*.md"))


def _triage() -> list[Path]:
    """Findings of whole packages, each judged by a reader of the code."""
    return sorted((ROOT / "fixtures/triage").glob("*.md"))


def _relinked(text: str, source: str, pages: dict[str, str], folder: Path) -> str:
    """A page with its links led to the site's pages; pictures and other files are copied beside them."""

    def led(match: re.Match[str]) -> str:
        linked = posixpath.normpath(posixpath.join(posixpath.dirname(source), match[1]))
        if linked in pages:
            return pages[linked]
        name = posixpath.basename(linked)
        if (ROOT / linked).is_file():
            shutil.copy(ROOT / linked, folder / name)
            return name
        return match[1]

    return _LINK.sub(led, text)


def configuration(sources: Path, target: Path) -> str:
    """mkdocs' configuration; JSON is YAML too."""
    chapters = [each.name for each in _chapters()]
    navigation = [
        {"bufferlint": "index.md"},
        {"Guide": chapters},
        {"Rules": ["rules.md", *(f"rules/{rule.name}.md" for rule in catalogue())]},
        {"Findings judged": [f"triage/{each.name}" for each in _triage()]},
        {"Project": list(PAGES.values())[1:]},
    ]
    told = {
        "site_name": "bufferlint",
        "docs_dir": str(sources),
        "site_dir": str(target),
        "theme": {"name": "material", "font": False, "features": ["navigation.sections", "content.code.copy"]},
        "use_directory_urls": False,
        "markdown_extensions": ["tables", "admonition", "pymdownx.superfences", "pymdownx.highlight"],
        "validation": {"links": {"anchors": "warn", "not_found": "warn"}},
        "plugins": ["search"],
        "nav": navigation,
    }
    return json.dumps(told, indent=2)


def build(target: Path) -> int:
    """Build the site; links that lead nowhere are errors."""
    with tempfile.TemporaryDirectory() as made:
        sources = Path(made, "docs")
        sources.mkdir()
        lay_out(sources)
        file = Path(made, "mkdocs.yml")
        file.write_text(configuration(sources, target.resolve()), encoding="utf-8")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "-f", str(file)]
        return subprocess.run(command, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}).returncode


def main(arguments: list[str]) -> int:
    if len(arguments) == 2 and arguments[0] == "--sources":
        folder = Path(arguments[1])
        folder.mkdir(parents=True)
        lay_out(folder)
        return 0
    if len(arguments) != 1 or arguments[0].startswith("-"):
        sys.stderr.write(f"{(__doc__ or '').strip()}\n")
        return 2
    return build(Path(arguments[0]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
