"""What ``fix`` did, for programs: the findings that it fixed and left, and the state_dict keys that came with them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bufferlint.finding import Finding, Problem
from bufferlint.report.json import VERSION, finding_fields, problem_fields
from bufferlint.report.view import View
from bufferlint.text.escaping import json_without_commands

ClassKey = tuple[str, str]
Places = Mapping[ClassKey, Sequence[tuple[ClassKey, str]]]
"""For each class the models, by file and name, that hold it, with the prefix of its keys in their state_dict."""


def render(
    fixed: Sequence[Finding],
    left: Sequence[Finding],
    problems: Sequence[Problem],
    places: Places,
    view: View,
    *,
    patch: str | None,
) -> str:
    """``patch`` is None where the files were written; a patch that is not text in UTF-8 has escapes in it."""
    document = {
        "version": VERSION,
        "written": patch is None,
        "fixed": [finding_fields(finding, view) for finding in fixed],
        "left": [finding_fields(finding, view) for finding in left],
        "added_keys": list(_keys(fixed, places, view)),
        "problems": [problem_fields(problem, view) for problem in problems],
        "patch": patch,
    }
    return json_without_commands(json.dumps(document, indent=2) + "\n")


def _keys(fixed: Sequence[Finding], places: Places, view: View) -> list[dict[str, Any]]:
    added = {
        (finding.path, finding.class_name, key): None
        for finding in fixed
        if finding.fix
        for key in finding.fix.adds_keys
    }
    return [
        {
            "filename": view.exact_path(path),
            "class": class_name,
            "key": key,
            "paths": [
                {"model": f"{view.exact_path(file)}::{model}", "path": prefix + key}
                for (file, model), prefix in places.get((path, class_name), ())
            ],
        }
        for path, class_name, key in added
    ]
