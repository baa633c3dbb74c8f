"""Verdicts as one page of HTML that needs nothing besides: to attach to a review."""

from __future__ import annotations

import html
from collections.abc import Sequence

from bufferlint import __version__
from bufferlint.report.verdict import counted, described, state
from bufferlint.report.verdict_json import Judged
from bufferlint.verify.contract import Check, Outcome

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #1f2328; }
table { border-collapse: collapse; width: 100%; margin: 1em 0 2.5em; }
th, td { border-bottom: 1px solid #d1d9e0; padding: .4em .7em; text-align: left; vertical-align: top; }
small { color: #59636e; overflow-wrap: anywhere; }
b { border-radius: 1em; padding: .05em .6em; font-weight: 600; white-space: nowrap; }
.pass, .proven, .passed { background: #dafbe1; color: #116329; }
.fail, .failed { background: #ffebe9; color: #a40e26; }
.skip, .not { background: #fff8c5; color: #6b5300; }
"""


def render(judged: Sequence[Judged]) -> str:
    """The page, with a table for each class."""
    title = "bufferlint verify"
    parts = "".join(map(_section, judged))
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    body = f"<h1>{title}</h1>{parts}<small>bufferlint {__version__}</small>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body>{body}</body></html>\n'


def _section(judged: Judged) -> str:
    verdict, told = judged.verdict, html.escape
    name = f"{judged.path}::{judged.class_name}" + (f" against {judged.against}" if judged.against else "")
    lines = [described(verdict.recipe or judged.recipe), counted(verdict), verdict.cause or "", verdict.advice or ""]
    said = "".join(f"<p><small>{told(line)}</small></p>" for line in lines if line)
    sides = ("before", "after") if verdict.rewritten else ("as it stands",)
    head = "".join(f"<th>{side}</th>" for side in ("check", *sides))
    rows = "".join(_row(check, verdict.rewritten) for check in verdict.checks)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>" if rows else ""
    return f"<h2>{told(name)} {_badge(state(verdict))}</h2>{said}{table}"


def _row(check: Check, rewritten: bool) -> str:
    cells = [_cell(check.before), *([_cell(check.after)] if rewritten else [])]
    return f"<tr><td>{html.escape(check.title)}</td>{''.join(cells)}</tr>"


def _cell(outcome: Outcome) -> str:
    return f"<td>{_badge(outcome.status.value)}<br><small>{html.escape(outcome.detail)}</small></td>"


def _badge(word: str) -> str:
    return f'<b class="{html.escape(word)}">{html.escape(word)}</b>'
