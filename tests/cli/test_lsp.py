"""The language server, through a language client over stdio; its edits are what the command line writes."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from concurrent.futures import Future
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from bufferlint.lsp.diagnostics import UNNECESSARY
from bufferlint.lsp.server import Server
from bufferlint.rules import catalogue
from tests.cli.conftest import LESSON, Invoke
from tests.cli.editor import SERVER, Editor, in_an_event_loop

FIXTURES = Path(__file__).parents[2] / "fixtures"
VALUE = "self.mask = torch.triu(torch.ones(n, n), diagonal=1)"
TWO_LINES = LESSON.replace("diagonal=1)", "diagonal=1\n        )  # 😀 “é”")
TEXTS = {
    "plain": LESSON,
    "crlf": LESSON.replace("\n", "\r\n"),
    "astral": "# 😀\n" + LESSON.replace(VALUE, f"note = '😀'; {VALUE}"),
    "several lines": TWO_LINES,
    "form feed": LESSON.replace("\n\n\n", "\n\x0c\n# \x0b \u2028 \x85\n\n"),
    "no last line end": LESSON.rstrip("\n"),
    "annotated": LESSON.replace("self.mask =", "self.mask: torch.Tensor ="),
}
UNSAFE = LESSON.replace("        self.mask", "        self.given = torch.as_tensor(n)\n        self.mask")
BASE = """\
import torch
from torch import nn


class Base(nn.Module):
    def table(self):
        return torch.zeros(2)
"""
DERIVED = """\
from base import Base


class Derived(Base):
    def __init__(self):
        super().__init__()
        self.mask = self.table()
"""


def codes(diagnostics: list[types.Diagnostic]) -> list[str]:
    return [str(each.code) for each in diagnostics]


def titled(actions: list[types.CodeAction], beginning: str) -> types.CodeAction:
    return next(action for action in actions if action.title.startswith(beginning))


@in_an_event_loop
async def test_a_diagnostic_says_what_where_and_why(project: Path) -> None:
    (project / "model.py").write_text(TEXTS["astral"])
    editor = await Editor.start(project)
    uri = editor.open(project / "model.py")

    [found] = await editor.diagnostics(uri)

    assert editor.covered(uri, found.range) == VALUE
    assert (found.code, found.source, found.severity) == ("BUF001", "bufferlint", types.DiagnosticSeverity.Warning)
    assert found.message.startswith("'mask' is a plain tensor")
    assert found.code_description is None  # as long as the project has no address
    assert found.related_information is None
    assert found.data == {
        "rule": "unregistered-tensor",
        "class": "Attention",
        "attribute": "mask",
        "reason": "tensor: torch.triu(torch.ones(n, n), diagonal=1)",
        "fix": "safe",
        "caveat": None,
        "withheld": None,
    }
    shown = await editor.client.text_document_hover_async(
        types.HoverParams(types.TextDocumentIdentifier(uri), found.range.end)
    )
    assert shown is not None and isinstance(shown.contents, types.MarkupContent)
    assert shown.range == found.range
    assert "Why it is bad\n-------------" in shown.contents.value
    assert "```python\nself.register_buffer(" in shown.contents.value
    elsewhere = types.HoverParams(types.TextDocumentIdentifier(uri), types.Position(0, 0))
    assert await editor.client.text_document_hover_async(elsewhere) is None

    editor.replace(uri, VALUE, "self.mask = None  # bufferlint: ignore[BUF001]")
    [idle] = await editor.diagnostics(uri)
    assert (idle.code, list(idle.tags or ())) == ("BUF100", [types.DiagnosticTag.Unnecessary])
    assert await editor.stop() == 0
    assert {rule.name for rule in catalogue()} >= UNNECESSARY


@in_an_event_loop
async def test_actions_on_the_buffer_give_what_the_command_line_writes(project: Path, invoke: Invoke) -> None:
    commands = {
        "Register 'mask' as a buffer": ("fix", "--apply"),
        "Register 'mask' as a non-persistent buffer": ("fix", "--apply", "--non-persistent"),
        "Ignore BUF001 here": ("check", "--add-ignore"),
        "Fix all": ("fix", "--apply"),
    }
    editor = await Editor.start(project)
    for name, text in TEXTS.items():
        path = project / f"{name.replace(' ', '_')}.py"
        path.write_bytes(text.encode())
        uri = editor.open(path)
        actions = await editor.actions(uri, "self.mask")
        assert len(actions) == len(commands)
        assert [action.is_preferred for action in actions] == [True, None, None, None]
        for action, (title, command) in zip(actions, commands.items(), strict=True):
            assert action.title.startswith(title)
            expected = _written(path, text, command, invoke)
            assert editor.applied(action) == {uri: expected}, (name, title)
            assert expected != text
    await editor.stop()


def _written(path: Path, text: str, command: tuple[str, ...], invoke: Invoke) -> str:
    """What the command line makes of a file, which is then as it was."""
    invoke(*command, str(path))
    written = path.read_bytes().decode()
    path.write_bytes(text.encode())
    return written


@in_an_event_loop
async def test_unsafe_fixes_say_so_and_are_no_part_of_fix_all(project: Path, invoke: Invoke) -> None:
    (project / "bufferlint.toml").write_text("unsafe-fixes = true\n")
    path = project / "model.py"
    path.write_text(UNSAFE)
    editor = await Editor.start(project, versioned=False)
    uri = editor.open(path)

    first, second, *_ = await editor.actions(uri, "self.given")
    assert "(unsafe: the tensor is handed in from outside" in first.title
    assert "as a non-persistent buffer (unsafe: " in second.title
    assert first.is_preferred is None
    assert first.edit is not None and first.edit.document_changes is None
    both = _written(path, UNSAFE, ("fix", "--apply"), invoke)
    [fix_all] = await editor.actions(uri, "import", only=["source.fixAll"])
    assert editor.applied(fix_all)[uri] == _written(path, UNSAFE, ("fix", "--apply", "--no-unsafe-fixes"), invoke)
    assert editor.applied(first)[uri] == both.replace(
        VALUE.replace("self.mask = ", 'self.register_buffer("mask", ') + ")", VALUE
    )
    assert {a.kind for a in await editor.actions(uri, "self.given", only=["quickfix"])} == {"quickfix"}
    assert await editor.actions(uri, "self.given", only=["refactor"]) == []
    await editor.stop()


@in_an_event_loop
async def test_edits_are_followed_as_they_are_typed(project: Path) -> None:
    path = project / "model.py"
    path.write_text("")
    editor = await Editor.start(project, encodings=[types.PositionEncodingKind.Utf8])
    assert editor.capabilities.position_encoding == types.PositionEncodingKind.Utf8
    uri = editor.open(path, TEXTS["astral"])
    [found] = await editor.diagnostics(uri)
    assert editor.covered(uri, found.range) == VALUE

    editor.replace(uri, "self.mask = torch.triu(", "self.mask = torch.triu((")
    [broken] = await editor.diagnostics(uri)
    assert broken.message.startswith("it is not valid Python") and broken.code is None
    assert await editor.actions(uri, "self.mask") == []

    editor.replace(uri, "torch.triu((", "torch.triu(")
    assert codes(await editor.diagnostics(uri)) == ["BUF001"]

    start = editor.texts[uri].index("😀'")
    both = [editor.edit_at(uri, start, start + 1, "é😀"), editor.edit_at(uri, 0, 0, "# 😀é\n")]
    editor.edit(uri, both)
    [found] = await editor.diagnostics(uri)
    assert editor.covered(uri, found.range) == VALUE

    for _ in range(20):
        editor.edit(uri, [editor.edit_at(uri, 0, 0, "#\n")])
    [found] = await editor.diagnostics(uri)
    assert editor.covered(uri, found.range) == VALUE
    versions = [params.version or 0 for params in editor.published[uri]]
    assert versions == sorted(versions)

    editor.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await editor.until(lambda: not editor.latest(uri))
    await editor.stop()


@in_an_event_loop
async def test_unsaved_buffers_are_the_context_of_others(project: Path) -> None:
    (project / "base.py").write_text(BASE)
    (project / "derived.py").write_text(DERIVED)
    editor = await Editor.start(project)
    derived = editor.open(project / "derived.py")
    assert codes(await editor.diagnostics(derived)) == ["BUF001"]

    base = editor.open(project / "base.py")
    editor.replace(base, "torch.zeros(2)", "2")
    await editor.until(lambda: not editor.latest(derived))

    close = types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(base))
    editor.client.text_document_did_close(close)
    await editor.until(lambda: codes(editor.latest(derived)) == ["BUF001"])

    (project / "base.py").write_text(BASE.replace("torch.zeros(2)", "[2]"))
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
    await editor.until(lambda: not editor.latest(derived))
    await editor.stop()


@in_an_event_loop
async def test_each_folder_has_its_configuration_and_changes_to_it_count(project: Path) -> None:
    first, second = project / "first", project / "second"
    for folder in (first, second):
        folder.mkdir()
        (folder / "model.py").write_text(LESSON)
    config = second / "bufferlint.toml"
    config.write_text("persistent = false\n")
    editor = await Editor.start(first, second)
    one, two = editor.open(first / "model.py"), editor.open(second / "model.py")
    assert codes(await editor.diagnostics(one)) == codes(await editor.diagnostics(two)) == ["BUF001"]
    assert (await editor.actions(one, "self.mask"))[0].title == "Register 'mask' as a buffer"
    assert (await editor.actions(two, "self.mask"))[0].title == "Register 'mask' as a non-persistent buffer"
    await editor.until(lambda: "workspace/didChangeWatchedFiles" in editor.watching)

    def changed(text: str) -> None:
        config.write_text(text)
        event = types.FileEvent(config.as_uri(), types.FileChangeType.Changed)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))

    changed('ignore = ["BUF001"]\n')
    await editor.until(lambda: not editor.latest(two))

    changed("ignore = []\npersistant = true\n")
    await editor.until(lambda: editor.said)
    assert editor.said == [
        f"bufferlint: {config.as_posix()}:2: unknown key 'persistant'; did you mean 'persistent'?; "
        "correct the file and run again"
    ]
    assert await editor.actions(two, "self.mask") == []

    config.unlink()
    editor.replace(two, "import torch", "import torch  # edited")
    assert codes(await editor.diagnostics(two)) == ["BUF001"]
    assert codes(editor.latest(one)) == ["BUF001"]
    await editor.stop()


@in_an_event_loop
async def test_a_request_can_be_taken_back(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    editor = await Editor.start(project)
    uri = editor.open(project / "model.py")
    everywhere = types.Range(types.Position(0, 0), types.Position(20, 0))
    params = types.CodeActionParams(types.TextDocumentIdentifier(uri), everywhere, types.CodeActionContext([]))

    asked = editor.client.protocol.send_request_async(types.TEXT_DOCUMENT_CODE_ACTION, params, msg_id="taken-back")
    editor.client.cancel_request(types.CancelParams("taken-back"))

    with pytest.raises(JsonRpcException, match="taken-back"):
        await asyncio.wait_for(asked, 60)
    assert len(await editor.actions(uri, "self.mask")) == 4
    await editor.stop()


@in_an_event_loop
async def test_an_analysis_that_crashes_is_logged_and_the_server_lives(project: Path) -> None:
    planted = """
from dataclasses import replace
from bufferlint import rules
def crash(module, settings):
    if module.name == "Crash":
        raise ZeroDivisionError("planted")
    yield from ()
rule = replace(rules.catalogue()[0], check=crash)
usual = rules.selected
rules.selected = lambda settings: (rule, *usual(settings))
import sys; sys.argv = ["bufferlint", "server"]
from bufferlint.cli.main import main
main()
"""
    (project / "model.py").write_text(LESSON)
    editor = await Editor.start(project, command=(sys.executable, "-c", planted))
    uri = editor.open(project / "model.py")
    assert codes(await editor.diagnostics(uri)) == ["BUF001"]

    editor.replace(uri, "class Attention", "class Crash")
    assert await editor.diagnostics(uri) == []
    assert "ZeroDivisionError: planted" in editor.said[0] and "please report this bug" in editor.said[0]
    with pytest.raises(JsonRpcException, match="planted"):
        await editor.actions(uri, "self.mask")

    editor.replace(uri, "class Crash", "class Attention")
    assert codes(await editor.diagnostics(uri)) == ["BUF001"]
    assert await editor.stop() == 0


@in_an_event_loop
async def test_notebooks_are_checked_and_fixed_by_cell(project: Path, invoke: Invoke) -> None:
    editor = await Editor.start(project)
    for name in ("magics.ipynb", "strings.ipynb"):
        path = project / name
        path.write_bytes((FIXTURES / "notebooks" / name).read_bytes())
        cells = editor.open_notebook(path)
        [cell] = [uri for uri in cells if "self.mask = torch" in editor.texts[uri]]
        [found] = await editor.diagnostics(cell)
        assert editor.covered(cell, found.range).startswith("self.mask = torch")
        assert all([await editor.diagnostics(uri) == [] for uri in cells if uri != cell])

        fix, other, ignore, fix_all = await editor.actions(cell, "self.mask = torch")
        for action, command in (
            (fix, ("fix", "--apply")),
            (other, ("fix", "--apply", "--non-persistent")),
            (ignore, ("check", "--add-ignore")),
            (fix_all, ("fix", "--apply")),
        ):
            before = path.read_bytes()
            invoke(*command, name)
            written = [c for c in json.loads(path.read_bytes())["cells"] if c["cell_type"] == "code"]
            path.write_bytes(before)
            assert editor.applied(action) == {cell: "".join(written[cells.index(cell)]["source"])}

        import_cell = next(uri for uri in cells if "import torch" in editor.texts[uri])
        structure = types.NotebookDocumentCellChangeStructure(
            types.NotebookCellArrayChange(cells.index(import_cell), 1, []),
            did_close=[types.TextDocumentIdentifier(import_cell)],
        )
        editor.change_notebook(path, types.NotebookDocumentCellChanges(structure=structure))
        await _silent(editor, cell)

        editor.texts[import_cell] = "import torch\nfrom torch import nn"
        new = types.NotebookCell(types.NotebookCellKind.Code, import_cell)
        structure = types.NotebookDocumentCellChangeStructure(
            types.NotebookCellArrayChange(0, 0, [new]),
            did_open=[types.TextDocumentItem(import_cell, "python", 1, editor.texts[import_cell])],
        )
        change = types.NotebookDocumentCellContentChanges(
            types.VersionedTextDocumentIdentifier(2, cell),
            [types.TextDocumentContentChangePartial(editor.edit_at(cell, 0, 0, "").range, "# 😀\n")],
        )
        editor.texts[cell] = "# 😀\n" + editor.texts[cell]
        editor.change_notebook(path, types.NotebookDocumentCellChanges(structure, text_content=[change]))
        [found] = await editor.diagnostics(cell, 2)
        assert editor.covered(cell, found.range).startswith("self.mask = torch")
        identifier = types.NotebookDocumentIdentifier(path.as_uri())
        closed = types.DidCloseNotebookDocumentParams(identifier, [types.TextDocumentIdentifier(uri) for uri in cells])
        editor.client.notebook_document_did_close(closed)
        await _silent(editor, cell)
    await editor.stop()


async def _silent(editor: Editor, uri: str) -> None:
    """Wait until nothing is said of a buffer."""
    await editor.until(lambda: not editor.latest(uri))


def test_without_its_library_the_server_says_what_to_install() -> None:
    code = "import sys; sys.modules['pygls'] = None; sys.argv[1:] = ['server']; "
    code += "from bufferlint.cli.main import main; main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'bufferlint[server]'" in done.stderr


def test_an_editor_that_is_gone_ends_the_server() -> None:
    done = subprocess.run(SERVER, input=b"", capture_output=True, timeout=60, check=False)
    assert done.returncode == 0


def test_what_is_kept_of_a_handled_notification_is_let_go() -> None:
    """pygls 2.1 keeps a finished future of each, for as long as the editor runs."""
    server = Server()
    kept = server.language_server.protocol._request_futures
    kept["handled"], kept["at work"] = Future[object](), Future[object]()
    kept["handled"].set_result(None)
    server._check([])
    assert list(kept) == ["at work"]
