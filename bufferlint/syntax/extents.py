"""Where headers, statements and bodies end, told from brackets, indentation and quotes.

Of texts that end in a line feed. Ends are starts of lines; 0 says that an end is in doubt.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

_LONGEST = 20_000
"""Characters of a body that is passed over: what is wrong with longer ones is told whether or not they are read."""
_PLAIN_HEAD = re.compile(r"""[^()#'"\\]*\)(?:[ \t]*->[^:#'"()\\\n]*)?:[ \t\r]*(?:\#[^\n]*)?\n""")
"""The rest of a header without brackets or texts in it."""
_PARTS = re.compile(r"""([(\[{])|([)\]}])|(:)|\#[^\n]*|"[^"\\\n]*"|'[^'\\\n]*'|(["'\\])""")
REST = re.compile(r"[ \t\r]*(?:#[^\n]*)?\n")
"""Nothing more on a line."""
STRING = re.compile(
    r'[rRuU]?(?:"""[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*"""' + r"|'''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*''')", re.DOTALL
)
_DOCSTRING = re.compile(rf"(?:[ \t\r]*(?:#[^\n]*)?\n)*[ \t]*{STRING.pattern}", re.DOTALL)
_BRANCH = re.compile(r"(?:else|elif|except|finally)\b")
_WORDS = tuple(re.compile(rf"{word}\b") for word in ("def", "class", "import"))
_BEGINS_STATEMENT = re.compile(r"(?:\A|[:;])[ \t]*(?:async[ \t]+|from\b.*)?\Z")
_DECORATOR = re.compile(r"^[ \t]*@", re.MULTILINE)
_UNSEEN = re.compile(r"^[ \t]*(?:match\b|except[ \t]*\*)|TYPE_CHECKING", re.MULTILINE)
"""What an outline tells nothing of the inside of, or otherwise than elsewhere."""


def head_end(text: str, at: int) -> int:
    """The end of a header, ``at`` lying behind its opening bracket. In doubt when the body is on its last line."""
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
            rest = REST.match(text, part.end())
            return rest.end() if rest else 0
        elif part[4]:
            return 0
    return 0


def statement_end(text: str, start: int, width: int, with_branches: bool = False) -> int:
    """The next line that is indented no deeper and may begin a statement, lines between three quotes left out."""
    dedent, at, counted, doubles, singles = _dedent(width), start, start, 0, 0
    while found := dedent.search(text, at):
        at = found.start() + 1
        doubles += text.count('"""', counted, at)
        singles += text.count("'''", counted, at)
        counted = at
        is_branch = with_branches and found.end() - 1 - at == width and _BRANCH.match(text, found.end() - 1)
        if not is_branch and not doubles % 2 and not singles % 2:
            return at
    doubles += text.count('"""', counted)
    singles += text.count("'''", counted)
    return 0 if doubles % 2 or singles % 2 else len(text)


def body_end(text: str, start: int, width: int) -> tuple[int, Sequence[int] | None]:
    """The end of the last line of a function's body that has statements, and the lines in it, by their first
    characters, that an outline tells of; None when those are in doubt, for strings of several lines, say."""
    found = _dedent(width).search(text, start - 1)
    code = text[start : found.start() if found else len(text)].rstrip()
    docstring = None
    if '"""' in code or "'''" in code:
        docstring = _DOCSTRING.match(code)
        if docstring is None:
            code = text[start : statement_end(text, start - 1, width)].rstrip()
            docstring = _DOCSTRING.match(code)
    while (last := code[code.rfind("\n") + 1 :].lstrip())[:1] == "#":
        code = code[: len(code) - len(last)].rstrip()
    rest = docstring.end() if docstring else 0
    if not last or last[-1] == "\\" or len(code) > _LONGEST or len(code) < rest:
        return 0, None
    if code.find('"""', rest) >= 0 or code.find("'''", rest) >= 0:
        return 0, None
    end = text.index("\n", start + len(code)) + 1
    if "def" in code or "class" in code or "import" in code:
        return end, _definitions(code, start, rest)
    return end, ()


def _definitions(code: str, start: int, rest: int) -> Sequence[int] | None:
    found: list[int] = []
    for word in _WORDS:
        for at in (each.start() for each in word.finditer(code, rest)):
            line = max(code.rfind("\n", 0, at) + 1, rest)
            before = code[line:at].lstrip(" \t")
            if not before:
                found.append(start + at)
            elif _BEGINS_STATEMENT.search(before):
                if not before.startswith(("async", "from")):
                    return None
                found.append(start + at - len(before))
            elif "\\\n" in code or "\\\r" in code:
                return None
    if found and (_UNSEEN.search(code, rest) or "\\\n" in code or "\\\r" in code):
        return None
    if found:
        found += [start + each.end() - 1 for each in _DECORATOR.finditer(code, rest)]
    return sorted(found)


@cache
def _dedent(width: int) -> re.Pattern[str]:
    """A line that is indented no deeper, blank ones, comments and closing brackets left out."""
    return re.compile(rf"\n[ \t]{{0,{width}}}[^ \t\r\n#)\]}}]")
