"""A rule's page as Markdown."""

from __future__ import annotations


def markdown(page: str) -> str:
    """A page with its headings and literals, which are Markdown's already, and its code blocks marked as Python."""
    out: list[str] = []
    code = False
    for line in page.strip().splitlines():
        inside = line.startswith("    ") or (code and not line)
        if inside and not code:
            out.append("```python")
        elif code and not inside:
            out[-1:] = ["```", ""] if not out[-1] else [out[-1], "```"]
        code = inside
        out.append(line[4:] if inside else f"{line[:-1]}" if line.endswith("::") else line)
    return "\n".join([*out, *(["```"] if code else [])])
