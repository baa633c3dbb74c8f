"""Where values of a JSON text lie, checked against what ``json`` reads there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bufferlint.project_files import json_text
from bufferlint.text.span import Span

DOCUMENT = {
    "": [],
    'quo"te\\': {"a": [1, -2.5e3, True, None, {}], "b": {"c": {"d": []}}},
    "brackets in text": ["]", "}", '"', "[{", "\\", "\\\\", "a,b:c"],
    "unicode": "é“\U0001f600\u2028\t\n",
    "outputs": [{"data": {"image/png": "iVBOR" * 50}}],
}


def _read(text: str, span: Span) -> Any:
    """The value at a span, read through our spans alone."""
    if text[span.start] == "{":
        return {key: _read(text, member) for key, member in json_text.members(text, span).items()}
    if text[span.start] == "[":
        return [_read(text, item) for item in json_text.items(text, span)]
    return json.loads(text[span.start : span.end])


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("indent", [None, 0, 1, "\t"])
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": "), (" ,\r\n ", " : ")])
def test_every_value_is_found(indent: int | str | None, separators: tuple[str, str], ascii_only: bool) -> None:
    text = "\n " + json.dumps(DOCUMENT, indent=indent, separators=separators, ensure_ascii=ascii_only) + " \n"
    assert _read(text, json_text.top(text)) == DOCUMENT


def test_of_two_members_with_one_name_the_last_counts() -> None:
    text = '{"a": 1, "b": 2, "a": [3]}'
    assert _read(text, json_text.top(text)) == json.loads(text)


def test_depth_does_not_matter() -> None:
    text = '{"deep": ' + "[" * 50_000 + "]" * 50_000 + ', "after": 1}'
    members = json_text.members(text, json_text.top(text))
    assert text[members["after"].start : members["after"].end] == "1"


@pytest.mark.parametrize("literal", ['"abc"', '""', r'"a\n\u00e9\ud83d\ude00\\\"z"', '"é\U0001f600"', r'"\ud83dx"'])
def test_characters_of_a_string_are_found_in_its_literal(literal: str) -> None:
    value = json.loads(literal)
    starts = json_text.character_starts(literal, Span(0, len(literal)))
    assert starts[-1] == len(literal) - 1
    pieces = [literal[starts[at] : starts[at + 1]] for at in range(len(value))]
    assert [json.loads(f'"{piece}"') for piece in pieces] == list(value)
