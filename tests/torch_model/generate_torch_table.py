"""Writes bufferlint/torch_model/table.py from the installed torch; to be run with ``python -m`` from the top."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Iterable
from pathlib import Path

import torch

from tests.torch_model.torch_catalogue import Thing, namespaces, things
from tests.torch_model.torch_factories import factories, named_members
from tests.torch_model.torch_module_attributes import module_attributes, module_names
from tests.torch_model.torch_results import Results, function_overloads, method_overloads, property_results
from tests.torch_model.torch_storage import PROPERTIES, function_storage, method_storage

TABLE = Path(__file__).parents[2] / "bufferlint" / "torch_model" / "table.py"
_WIDTH = 120
_HEADER = '''"""What torch's names mean. Generated from torch {version} by tests/torch_model/generate_torch_table.py.

Not to be edited: change the generator and run it again. Each table is a text of records ``key = value``; a line that
begins with a blank continues the record above it. ``torch_model.api`` is the way in.
"""

TORCH_VERSION = "{version}"
DIGEST = "{digest}"
"""SHA-256 of what follows, so that a change by hand shows."""
'''
_SECTIONS = {
    "FUNCTIONS": "result, namespace = functions with that result whatever the arguments; * is unknown.",
    "OVERLOADED_FUNCTIONS": "function = overloads, each ``parameters;result``.",
    "METHODS": "result = methods of Tensor with that result whatever the arguments.",
    "OVERLOADED_METHODS": "method of Tensor = overloads.",
    "PROPERTIES": "result = attributes of Tensor that are no methods.",
    "CLASSES_AND_CONSTANTS": "kind, namespace = names of that kind.",
    "NAMESPACES": "Python modules whose names the tables hold.",
    "ALIASES": "namespace, canonical namespace = names that the two share.",
    "FUNCTION_STORAGE": "storage, namespace = functions whose tensors lie there.",
    "METHOD_STORAGE": "storage = methods of Tensor whose tensors lie there.",
    "PROPERTY_STORAGE": "storage = attributes of Tensor.",
    "FACTORIES": "namespace = functions that make a tensor out of no other.",
    "FIELDS": "function = names of the members of the tuple that it returns.",
    "MODULE_NAMES": "The names that nn.Module defines.",
    "MODULE_ATTRIBUTES": "module class = class level | parameters | buffers | modules | plain attributes.",
}

Records = dict[str, Iterable[str]]


def table_text() -> str:
    """The whole table for the installed torch, as the text of a Python module."""
    body = "".join(section(title, records, _SECTIONS[title]) for title, records in tables(things()).items())
    digest = hashlib.sha256(body.encode()).hexdigest()
    return _HEADER.format(version=torch.__version__.partition("+")[0], digest=digest) + body


def digest_of(table: str) -> str:
    """The digest of a table's sections as they stand, whatever its header claims."""
    return hashlib.sha256(table[table.index("\nFUNCTIONS = ") :].encode()).hexdigest()


def section(title: str, records: Records, note: str) -> str:
    """One table as source text; ``note`` says what its keys and words are."""
    lines = [line for key, words in records.items() for line in _record(key, words)]
    return "\n".join([f'\n{title} = """\\', *lines, '"""', f'"""{note[0].upper()}{note[1:]}"""', ""])


def _record(key: str, words: Iterable[str]) -> list[str]:
    text = f"{key} = {' '.join(words)}".rstrip()
    return textwrap.wrap(text, _WIDTH, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False)


def tables(catalogue: list[Thing]) -> dict[str, Records]:
    """The records of each section, by its title."""
    functions = {thing.names[0]: thing.value for thing in catalogue if thing.kind == "FUNCTION"}
    results = {name: function_overloads(name, value) for name, value in functions.items()}
    methods = method_overloads()
    rest = [thing for thing in catalogue if thing.kind != "FUNCTION"]
    return {
        "FUNCTIONS": _by_namespace((_uniform(overloads), name) for name, overloads in results.items()),
        "OVERLOADED_FUNCTIONS": _overloaded(results),
        "METHODS": _grouped((_uniform(overloads), name) for name, overloads in methods.items()),
        "OVERLOADED_METHODS": _overloaded(methods),
        "PROPERTIES": _grouped((code, name) for name, code in property_results().items()),
        "CLASSES_AND_CONSTANTS": _by_namespace((thing.kind, thing.names[0]) for thing in rest),
        "NAMESPACES": {"all": namespaces()},
        "ALIASES": _by_namespace(
            (alias.rpartition(".")[0], thing.names[0]) for thing in catalogue for alias in thing.names[1:]
        ),
        "FUNCTION_STORAGE": _by_namespace(
            (kind, name) for kind, names in function_storage(functions, results).items() for name in names
        ),
        "METHOD_STORAGE": dict(sorted(method_storage(methods).items())),
        "PROPERTY_STORAGE": {kind: names.split() for kind, names in PROPERTIES.items()},
        "FACTORIES": _by_last_name(factories(functions, results)),
        "FIELDS": named_members(functions),
        "MODULE_NAMES": {"all": module_names()},
        "MODULE_ATTRIBUTES": {
            name: " | ".join(" ".join(names) for names in attributes).split()
            for name, attributes in module_attributes(catalogue).items()
        },
    }


def _uniform(overloads: list[str]) -> str:
    """The one result of all overloads, * when there is no overload; nothing when they differ."""
    results = {text.rpartition(";")[2] for text in overloads} or {"*"}
    return results.pop() if len(results) == 1 else ""


def _overloaded(results: Results) -> Records:
    return {name: overloads for name, overloads in results.items() if not _uniform(overloads)}


def _grouped(pairs: Iterable[tuple[str, str]]) -> Records:
    groups: dict[str, list[str]] = {}
    for group, name in pairs:
        if group:
            groups.setdefault(group, []).append(name)
    return {group: sorted(names) for group, names in sorted(groups.items())}


def _by_namespace(pairs: Iterable[tuple[str, str]]) -> Records:
    split = ((group, *name.rpartition(".")) for group, name in pairs if group)
    return _grouped((f"{group} {namespace}", tail) for group, namespace, _, tail in split)


def _by_last_name(names: Iterable[str]) -> Records:
    split = (name.rpartition(".") for name in names)
    return _grouped((namespace, tail) for namespace, _, tail in split)


if __name__ == "__main__":
    TABLE.write_text(table_text(), encoding="utf-8")
