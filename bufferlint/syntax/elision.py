"""A file without the bodies of its functions, for which Python's parser needs a fraction of the time.

Lines keep their numbers. What is cut is told by indentation; where that may deceive, in strings and continued lines,
the body stays. A file that does not parse for a cut too many is for the caller to parse whole. Bodies of extreme length
stay too: what is wrong with them is told whether or not anybody reads them.
"""

from __future__ import annotations

import re
from functools import cache

_LONGEST = 20_000
"""Characters of a body that is cut."""
_HEADS = re.compile(r"def[ \t]+\w+[ \t]*\(")
_PLAIN_HEAD = re.compile(r"""[^()#'"\\]*\)(?:[ \t]*->[^:#'"()\\\n]*)?:[ \t]*(?:\#[^\n]*)?\n""")
"""The rest of a header without brackets or texts in it."""
_PARTS = re.compile(r"""([(\[{])|([)\]}])|(:)|\#[^\n]*|"[^"\\\n]*"|'[^'\\\n]*'|(["'\\])""")
_REST = re.compile(r"[ \t]*(?:#[^\n]*)?\n")
_DEFINES = re.compile(
    r"def[ \t]+\w+[ \t]*[(\[\\]|class[ \t]+\w+[ \t]*[(:\[\\]|import[ \t\\]+\w"
    r"|from[ \t]*[.\w]+[ \t]*(?:\\\n[ \t]*)?import\b"
)
"""What an outline tells of the inside of a function, if it begins a statement."""


def skeleton(text: str) -> str | None:
    """The text with the functions' bodies taken out; None when that could not be done or would change nothing."""
    text = text.replace("\r\n", "\n")
    if "\r" in text or "\f" in text:
        return None
    kept: list[str] = []
    done = at = 0
    while head := _HEADS.search(text, at):
        at = head.end()
        indent = _before(text, head.start()).removesuffix("async ")
        start = _end_of_head(text, at) if not indent.strip(" \t") else 0
        if not start:
            continue
        at = start
        end = _end_of_body(text, start, len(indent))
        body = text[start:end]
        if not 0 < end - start < _LONGEST or body.count('"""') % 2 or body.count("'''") % 2 or _defines(body):
            continue
        kept += (text[done:start], "\n" * body.count("\n"), indent, " 0")
        done = at = end
    return "".join((*kept, text[done:])) if done else None


def _before(text: str, at: int) -> str:
    """Returns what a line holds before an offset."""
    return text[text.rfind("\n", 0, at) + 1 : at]


def _defines(body: str) -> bool:
    if "def " not in body and "class " not in body and "import" not in body:
        return False
    before = (_before(body, found.start()).removesuffix("async ").rstrip() for found in _DEFINES.finditer(body))
    return any(not each or each[-1] in ":;" for each in before)


def _end_of_head(text: str, at: int) -> int:
    """Returns where the line behind a header begins, ``at`` lying behind its opening bracket; 0 when the body is on its
    last line or the end is hard to tell."""
    plain = _PLAIN_HEAD.match(text, at)
    if plain:
        return plain.end()
    depth = 1
    for part in _PARTS.finditer(text, at):
        if part[1]:
            depth += 1
        elif part[2]:
            depth -= 1
        elif part[3] and depth == 0:
            rest = _REST.match(text, part.end())
            return rest.end() if rest else 0
        elif part[4]:
            return 0
    return 0


def _end_of_body(text: str, start: int, width: int) -> int:
    """The end of the last line of a body that has statements, without its line feed; 0 of one that has none or that
    goes on elsewhere."""
    dedent = _dedent(width).search(text, start - 1)
    end = dedent.start() if dedent else len(text)
    while end > start:
        begin = text.rfind("\n", 0, end) + 1
        line = text[begin:end].strip()
        if line and line[0] != "#":
            return 0 if line[-1] == "\\" else end
        end = begin - 1
    return 0


@cache
def _dedent(width: int) -> re.Pattern[str]:
    """A line that is indented no deeper, blank ones, comments and closing brackets left out."""
    return re.compile(rf"\n[ \t]{{0,{width}}}[^ \t\n#)\]}}]")
