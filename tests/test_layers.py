"""The import law: which room may import which, and what a run of the linter never loads."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "bufferlint"
FILES = sorted(path for path in PACKAGE.rglob("*.py"))

LAW: dict[str, set[str]] = {
    "bufferlint": {"bufferlint.runtime"},
    "bufferlint.__main__": {"bufferlint.cli"},
    "bufferlint.text": set(),
    "bufferlint.settings": set(),
    "bufferlint.finding": {"bufferlint.text"},
    "bufferlint.ir": {"bufferlint.text"},
    "bufferlint.syntax": {"bufferlint.incremental.dependencies", "bufferlint.ir", "bufferlint.text"},
    "bufferlint.torch_model": set(),
    "bufferlint.resolution": {"bufferlint.ir", "bufferlint.text", "bufferlint.torch_model"},
    "bufferlint.screening": {"bufferlint.ir", "bufferlint.resolution", "bufferlint.torch_model"},
    "bufferlint.prefilter": {
        "bufferlint.ir",
        "bufferlint.resolution",
        "bufferlint.screening.needs",
        "bufferlint.text",
        "bufferlint.torch_model",
    },
    "bufferlint.interpreter": {
        "bufferlint.ir",
        "bufferlint.resolution",
        "bufferlint.text",
        "bufferlint.torch_model",
    },
    "bufferlint.model": {
        "bufferlint.interpreter",
        "bufferlint.ir",
        "bufferlint.resolution",
        "bufferlint.prefilter",
        "bufferlint.screening",
        "bufferlint.text",
        "bufferlint.torch_model",
    },
    "bufferlint.fixes": {
        "bufferlint.finding",
        "bufferlint.interpreter",
        "bufferlint.ir",
        "bufferlint.model",
        "bufferlint.resolution.references",
        "bufferlint.settings",
        "bufferlint.syntax.reader",
        "bufferlint.text",
    },
    "bufferlint.rules": {
        "bufferlint.finding",
        "bufferlint.fixes",
        "bufferlint.interpreter",
        "bufferlint.ir",
        "bufferlint.model",
        "bufferlint.screening.needs",
        "bufferlint.settings",
        "bufferlint.text",
    },
    "bufferlint.suppression": {
        "bufferlint.finding",
        "bufferlint.ir",
        "bufferlint.rules",
        "bufferlint.text",
    },
    "bufferlint.baseline": {"bufferlint.finding", "bufferlint.settings", "bufferlint.text"},
    "bufferlint.incremental": {"bufferlint.ir", "bufferlint.model", "bufferlint.syntax", "bufferlint.text"},
    "bufferlint.related_places": {"bufferlint.finding", "bufferlint.model", "bufferlint.text"},
    "bufferlint.analysis": {
        "bufferlint",
        "bufferlint.baseline",
        "bufferlint.finding",
        "bufferlint.incremental",
        "bufferlint.ir",
        "bufferlint.model",
        "bufferlint.related_places",
        "bufferlint.rules",
        "bufferlint.screening.needs",
        "bufferlint.settings",
        "bufferlint.suppression",
        "bufferlint.syntax",
        "bufferlint.text",
    },
    "bufferlint.engine": {
        "bufferlint.analysis",
        "bufferlint.finding",
        "bufferlint.fixes",
        "bufferlint.incremental",
        "bufferlint.settings",
        "bufferlint.suppression",
        "bufferlint.syntax",
        "bufferlint.text",
    },
    "bufferlint.verify": {"bufferlint.finding", "bufferlint.settings", "bufferlint.text"},
    "bufferlint.verify.worker": {"bufferlint.verify.contract"},
    "bufferlint.runtime": {
        "bufferlint.cli.audit_findings",
        "bufferlint.report.audit",
        "bufferlint.settings",
        "bufferlint.verify.contract",
        "bufferlint.verify.worker",
    },
    "bufferlint.testing": {"bufferlint.report.audit", "bufferlint.runtime", "bufferlint.verify.worker"},
    "bufferlint.pytest_plugin": {"bufferlint.testing"},
    "bufferlint.project_files": {
        "bufferlint",
        "bufferlint.analysis",
        "bufferlint.engine",
        "bufferlint.finding",
        "bufferlint.incremental",
        "bufferlint.report",
        "bufferlint.rules",
        "bufferlint.settings",
        "bufferlint.syntax",
        "bufferlint.text",
        "bufferlint.cli",
        "bufferlint.verify.contract",
        "bufferlint.verify.plan",
    },
    "bufferlint.report": {
        "bufferlint",
        "bufferlint.cli",
        "bufferlint.engine",
        "bufferlint.finding",
        "bufferlint.project_files",
        "bufferlint.rules",
        "bufferlint.text",
        "bufferlint.verify.contract",
        "bufferlint.verify.plan",
    },
    "bufferlint.editors": set(),
    "bufferlint.cli": {
        "bufferlint",
        "bufferlint.baseline",
        "bufferlint.editors",
        "bufferlint.engine",
        "bufferlint.finding",
        "bufferlint.incremental",
        "bufferlint.lsp",
        "bufferlint.project_files",
        "bufferlint.report",
        "bufferlint.rules",
        "bufferlint.settings",
        "bufferlint.syntax",
        "bufferlint.text",
        "bufferlint.verify.contract",
        "bufferlint.verify.launch",
        "bufferlint.verify.plan",
        "bufferlint.verify.pool",
        "bufferlint.verify.record",
    },
    "bufferlint.lsp": {
        "bufferlint",
        "bufferlint.cli",
        "bufferlint.engine",
        "bufferlint.finding",
        "bufferlint.project_files",
        "bufferlint.report.rule_page",
        "bufferlint.report.view",
        "bufferlint.rules",
        "bufferlint.settings",
        "bufferlint.text",
    },
}
"""What each room may import besides itself. A name stands for what lies below it too, `bufferlint` for itself alone."""

CLOSED = {"bufferlint.rules": "bufferlint.rules._"}
"""Rooms whose files may not import each other, but for those with this prefix."""

THIRD_PARTY: dict[str, set[str]] = {
    "bufferlint.syntax": {"libcst"},
    "bufferlint.cli": {"click", "tomli"},
    "bufferlint.project_files": {"click", "tomli"},
    "bufferlint.report": {"click"},
    "bufferlint.lsp": {"pygls", "lsprotocol"},
    "bufferlint.verify.worker": {"torch", "pytest"},
    "bufferlint.runtime": {"torch"},
    "bufferlint.testing": {"torch"},
    "bufferlint.pytest_plugin": {"pytest"},
}

NEVER_LOADED = ("torch", "numpy", "pygls", "lsprotocol", "bufferlint.verify.worker", "bufferlint.runtime")
MODEL = """\
import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)
"""
RUN = """\
import json, runpy, sys
sys.argv = ["bufferlint", *sys.argv[1:]]
try:
    runpy.run_module("bufferlint", run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code
print("\\n" + json.dumps([code, sorted(sys.modules)]))
"""


def test_the_law_has_a_line_for_every_room() -> None:
    rooms = {_room(module) for module in map(_module, FILES)}
    assert rooms == set(LAW)
    for module in map(_module, FILES):
        assert _room(module) != "bufferlint" or module == "bufferlint", f"{module} lies in no room"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_keep_the_law(path: Path) -> None:
    module = _module(path)
    room = _room(module)
    own, foreign = set[str](), set[str]()
    for line, name in imports(path):
        top = name.partition(".")[0]
        if top == "bufferlint" and not _allowed(module, room, name):
            own.add(f"line {line}: {name}")
        elif top not in {"bufferlint", *sys.stdlib_module_names, *THIRD_PARTY.get(room, ())}:
            foreign.add(f"line {line}: {name}")
    assert own == set(), f"{room} may import {sorted(LAW[room])}"
    assert foreign == set(), f"{room} may import {sorted(THIRD_PARTY.get(room, ()))} from outside"


def test_the_reader_of_imports_sees_them_all(tmp_path: Path) -> None:
    code = """\
import a.b
from . import near
from ..text import span
from bufferlint.text import edits
def f():
    import late
    if x:
        from bufferlint.syntax.reader import SyntaxReader
        import_module(f"bufferlint.cli.commands.{name}")
        importlib.import_module("torch")
        __import__("click")
"""
    path = tmp_path / "x.py"
    path.write_text(code)
    assert [name for _, name in imports(path, "bufferlint.rules.x")] == [
        "a.b",
        "bufferlint.rules.near",
        "bufferlint.text.span",
        "bufferlint.text.edits",
        "late",
        "bufferlint.syntax.reader.SyntaxReader",
        "bufferlint.cli.commands",
        "torch",
        "click",
    ]
    assert not _allowed("bufferlint.rules.a", "bufferlint.rules", "bufferlint.rules.b")
    assert not _allowed("bufferlint.rules.a", "bufferlint.rules", "bufferlint.syntax.reader")
    assert not _allowed("bufferlint.interpreter.a", "bufferlint.interpreter", "bufferlint.syntax.reader.SyntaxReader")
    assert not _allowed("bufferlint.verify.plan", "bufferlint.verify", "bufferlint.verify.worker.catch")
    assert _allowed("bufferlint.rules.a", "bufferlint.rules", "bufferlint.fixes.obligations.withheld")
    assert _allowed("bufferlint.cli.main", "bufferlint.cli", "bufferlint.__version__")


@pytest.mark.parametrize("command", [("check",), ("fix",), ("fix", "--apply"), ("rule", "--all"), ("--help",)])
def test_a_run_loads_neither_torch_nor_the_worker(command: tuple[str, ...], tmp_path: Path) -> None:
    assert importlib.util.find_spec("torch"), "without torch there is nothing to show"
    (tmp_path / "model.py").write_text(MODEL)
    paths = ["."] if command[0] in ("check", "fix") else []

    code, modules = _loaded([*command, *paths], tmp_path)

    assert code == (1 if command in (("check",), ("fix",)) else 0)
    assert [name for name in modules if _is_below(name, NEVER_LOADED)] == []
    assert "libcst" in modules or command[0] not in ("check", "fix")


def test_help_and_version_load_nothing_heavy(tmp_path: Path) -> None:
    for option in ("--help", "--version"):
        _, modules = _loaded([option], tmp_path)
        assert [name for name in modules if _is_below(name, ("libcst", "bufferlint.engine", "bufferlint.rules"))] == []


def test_importing_the_package_does_no_work() -> None:
    code = "import sys; known = set(sys.modules); import bufferlint; print(sorted(set(sys.modules) - known))"
    assert _run(code, [], PACKAGE.parent) == "['bufferlint']\n"


def imports(path: Path, module: str | None = None) -> Iterator[tuple[int, str]]:
    """Each import of a file with its line, inside functions too, relative ones made absolute. ``from a import b`` is
    ``a.b``; of a name that is computed (``import_module(f"a.b.{c}")``) the part that is written counts."""
    package = (module or _module(path)).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                base = ".".join([*package[: len(package) - level + 1], *([source] if source else [])])
                base = base if level else source or ""
                yield from ((node.lineno, f"{base}.{alias.name}") for alias in names)
            case ast.Call(func=func, args=[first, *_]) if ast.unparse(func).split(".")[-1] in _IMPORTERS:
                written = _beginning(first)
                if written:
                    yield node.lineno, written


_IMPORTERS = ("import_module", "__import__")


def _beginning(argument: ast.expr) -> str:
    """The part of a computed module name that is written out."""
    if isinstance(argument, ast.JoinedStr) and argument.values:
        return _beginning(argument.values[0]).rstrip(".")
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""


def _allowed(module: str, room: str, name: str) -> bool:
    if room in CLOSED and name.startswith(f"{room}.") and module != room:
        return name.startswith(CLOSED[room])
    if _room(name) == room:
        return True
    return any(_is_below(name, (other,)) if other != "bufferlint" else _is_of_top(name) for other in LAW[room])


def _is_of_top(name: str) -> bool:
    """Whether a name is the package or a plain name in its ``__init__.py``."""
    return _room(name) == "bufferlint"


def _room(module: str) -> str:
    """The room of a module, or of a name in it: the longest one of the law that it lies below."""
    return max((room for room in LAW if _is_below(module, (room,))), key=len)


def _is_below(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)


def _module(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _loaded(arguments: list[str], folder: Path) -> tuple[int, list[str]]:
    """Exit code of the command in a fresh interpreter, and the modules it loaded."""
    code, modules = json.loads(_run(RUN, arguments, folder).splitlines()[-1])
    return int(code or 0), list(modules)


def _run(code: str, arguments: list[str], folder: Path) -> str:
    """What code prints in a fresh interpreter that finds the package."""
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=True).stdout
