#!/usr/bin/env python3
"""Lead README's links and pictures to the repository, and name it in pyproject.toml, before a release is built.

    python .ci/for_index.py https://host/owner/bufferlint v1.0.0 [https://documentation]

A package index shows README alone: a link within the repository leads nowhere there, and no picture is seen. The third
argument is where the documentation site stands; each finding then has its rule's address in it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURES = (".png", ".svg")
_LINK = re.compile(r"(?<=\]\()([^)#:\s]+)(?=[#)])")


def led(text: str, repository: str, revision: str) -> str:
    """A page with its links to files led to a revision of the repository."""

    def address(match: re.Match[str]) -> str:
        kind = "raw" if match[1].endswith(PICTURES) else "blob"
        return f"{repository}/{kind}/{revision}/{match[1]}"

    return _LINK.sub(address, text)


def with_urls(project: str, repository: str, documentation: str | None) -> str:
    """A pyproject.toml that names the repository, and the documentation where it has an address."""
    urls = [f'Repository = "{repository}"', *([f'Documentation = "{documentation}"'] if documentation else [])]
    return project.replace("[project.scripts]\n", "\n".join(["[project.urls]", *urls, "", "[project.scripts]", ""]))


def main(arguments: list[str]) -> int:
    if len(arguments) not in (2, 3):
        sys.stderr.write(f"{(__doc__ or '').strip()}\n")
        return 2
    repository, revision, *documentation = arguments
    readme, project = ROOT / "README.md", ROOT / "pyproject.toml"
    readme.write_text(led(readme.read_text(encoding="utf-8"), repository, revision), encoding="utf-8")
    named = with_urls(project.read_text(encoding="utf-8"), repository, documentation[0] if documentation else None)
    project.write_text(named, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
