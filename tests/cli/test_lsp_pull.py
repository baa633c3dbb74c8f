"""The server with an editor that asks for diagnostics and edits, and shows progress and related information."""

from __future__ import annotations

import asyncio
import shutil
import sys
from pathlib import Path

from lsprotocol import types

from tests.cli.conftest import LESSON
from tests.cli.editor import Editor, in_an_event_loop

NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"
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

    def forward(self, x):
        return x * self.mask

    def extra_repr(self):
        return str(self.mask.shape)
"""
SLOW = """
import sys, time
from bufferlint.lsp import analyses
usual = analyses.check
def slow(document, project, buffers):
    time.sleep(1.5)
    return usual(document, project, buffers)
analyses.check = slow
sys.argv = ["bufferlint", "server"]
from bufferlint.cli.main import main
main()
"""
"""A server whose analysis of some files takes as long as that of a large project."""


@in_an_event_loop
async def test_what_is_pulled_is_not_published(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    editor = await Editor.start(project, pulling=True)
    assert isinstance(editor.capabilities.diagnostic_provider, types.DiagnosticOptions)
    uri = editor.open(project / "model.py")

    first = await editor.pull(uri)
    assert isinstance(first, types.RelatedFullDocumentDiagnosticReport)
    assert [each.code for each in first.items] == ["BUF001"]
    same = await editor.pull(uri, first.result_id)
    assert (same.kind, same.result_id) == (types.DocumentDiagnosticReportKind.Unchanged.value, first.result_id)

    editor.replace(uri, "import torch", "# a line more\nimport torch")
    [moved] = await editor.pulled(uri)
    assert moved.range.start.line == first.items[0].range.start.line + 1
    for _ in range(20):  # only the last of these is analysed
        editor.edit(uri, [editor.edit_at(uri, 0, 0, "#\n")])
    asked = [asyncio.ensure_future(editor.pulled(uri)) for _ in range(5)]
    assert {each.range.start.line for found in await asyncio.gather(*asked) for each in found} == {
        moved.range.start.line + 20
    }
    assert editor.published == {}
    assert await editor.stop() == 0


@in_an_event_loop
async def test_an_editor_that_cannot_be_told_to_pull_again_is_published_to(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    editor = await Editor.start(project)
    assert editor.capabilities.diagnostic_provider is None
    uri = editor.open(project / "model.py")
    assert len(await editor.diagnostics(uri)) == 1
    await editor.stop()


@in_an_event_loop
async def test_other_buffers_and_the_configuration_count_when_it_pulls(project: Path) -> None:
    (project / "base.py").write_text(BASE)
    (project / "derived.py").write_text(DERIVED)
    editor = await Editor.start(project, pulling=True)
    derived, base = editor.open(project / "derived.py"), editor.open(project / "base.py")
    assert len(await editor.pulled(derived)) == 1
    editor.replace(base, "torch.zeros(2)", "2")
    assert await editor.pulled(derived) == []
    editor.replace(base, "return 2", "return torch.zeros(2)")
    assert len(await editor.pulled(derived)) == 1

    (project / "bufferlint.toml").write_text('ignore = ["BUF001"]\n')
    told = editor.told_to_pull
    event = types.FileEvent((project / "bufferlint.toml").as_uri(), types.FileChangeType.Created)
    editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
    await editor.until(lambda: editor.told_to_pull > told)
    assert await editor.pulled(derived) == []
    await editor.stop()


@in_an_event_loop
async def test_cells_are_published_to_an_editor_that_pulls_files(project: Path) -> None:
    shutil.copy(NOTEBOOKS / "magics.ipynb", project)
    editor = await Editor.start(project, pulling=True)
    cells = editor.open_notebook(project / "magics.ipynb")
    cell = next(uri for uri in cells if "nn.Module" in editor.texts[uri])
    assert len(await editor.diagnostics(cell)) == 1
    assert await editor.pulled(cell) == []
    await editor.stop()


@in_an_event_loop
async def test_related_information_names_where_the_tensor_is_made_and_used(project: Path) -> None:
    (project / "base.py").write_text(BASE)
    (project / "derived.py").write_text(DERIVED)
    editor = await Editor.start(project, pulling=True)
    uri = editor.open(project / "derived.py")
    base = (project / "base.py").as_uri()
    editor.texts[base] = BASE

    [found] = await editor.pulled(uri)

    related = [
        (each.location.uri, editor.covered(each.location.uri, each.location.range), each.message)
        for each in found.related_information or ()
    ]
    assert related == [
        (base, "torch.zeros(2)", "the tensor is made here: torch.zeros(2)"),
        (uri, "self.mask", "'mask' is used here, in forward"),
        (uri, "self.mask", "'mask' is used here, in extra_repr"),
    ]
    (project / "model.py").write_text(LESSON)
    [found] = await editor.pulled(editor.open(project / "model.py"))
    assert [each.message for each in found.related_information or ()] == ["'mask' is used here, in forward"]
    await editor.stop()


@in_an_event_loop
async def test_the_edit_of_fix_all_is_made_when_it_is_chosen(project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    editor = await Editor.start(project, pulling=True)
    uri = editor.open(project / "model.py")
    [offered] = await editor.actions(uri, "import", ["source.fixAll"])
    assert offered.edit is None
    chosen = await editor.client.code_action_resolve_async(offered)
    assert 'self.register_buffer("mask"' in editor.applied(chosen)[uri]

    editor.replace(uri, "self.mask = torch", "mask = torch")
    assert await editor.actions(uri, "import", ["source.fixAll"]) == []
    late = await editor.client.code_action_resolve_async(offered)
    assert late.edit is None
    await editor.until(lambda: editor.said)
    assert editor.said == ["bufferlint: 'Fix all (bufferlint)' has nothing to change any more; ask again"]
    strange = types.CodeAction("of another server", data=3)
    assert (await editor.client.code_action_resolve_async(strange)).edit is None
    assert await editor.stop() == 0


@in_an_event_loop
async def test_progress_is_shown_of_what_takes_long(project: Path) -> None:
    (project / "slow.py").write_text(LESSON)
    editor = await Editor.start(project, command=(sys.executable, "-c", SLOW), pulling=True)
    assert len(await editor.pulled(editor.open(project / "slow.py"))) == 1
    await editor.until(lambda: len(editor.progress) == 2)
    [begun, ended] = editor.progress
    assert begun[1:] == ("begin", "slow.py")
    assert (ended[0], ended[1]) == (begun[0], "end")
    await editor.stop()
