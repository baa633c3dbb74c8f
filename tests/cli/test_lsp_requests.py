"""What an editor may ask of the server beside diagnostics: actions by diagnostic, commands, settings, completion."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from lsprotocol import types

from bufferlint.lsp.completion import completions
from tests.cli.conftest import LESSON
from tests.cli.editor import Editor, in_an_event_loop

NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"
FIXED = LESSON.replace(
    "self.mask = torch.triu(torch.ones(n, n), diagonal=1)",
    'self.register_buffer("mask", torch.triu(torch.ones(n, n), diagonal=1))',
)


@pytest.fixture
def model(project: Path) -> Path:
    (project / "model.py").write_text(LESSON)
    return project / "model.py"


@in_an_event_loop
async def test_a_code_leads_to_the_rules_page_once_a_release_has_an_address(model: Path) -> None:
    (model.parent / "bufferlint-9.dist-info").mkdir()  # found before the installed one, like any module beside the code
    metadata = (
        "Metadata-Version: 2.1\nName: bufferlint\nVersion: 9\nProject-URL: Documentation, https://docs.example/b\n"
    )
    (model.parent / "bufferlint-9.dist-info/METADATA").write_text(metadata)
    editor = await Editor.start(model.parent)
    [found] = await editor.diagnostics(editor.open(model))
    assert found.code_description is not None
    assert found.code_description.href == "https://docs.example/b/rules/unregistered-tensor.html"
    await editor.stop()


@in_an_event_loop
async def test_a_quick_fix_is_offered_in_the_indentation_and_for_a_diagnostic(model: Path) -> None:
    editor = await Editor.start(model.parent)
    uri = editor.open(model)
    [found] = await editor.diagnostics(uri)
    start = types.Position(found.range.start.line, 0)
    indentation = types.Diagnostic(types.Range(start, start), "")
    actions = await editor.actions(uri, indentation, ["quickfix"])
    assert actions[0].title == "Register 'mask' as a buffer"
    assert await editor.actions(uri, "import torch", ["quickfix"]) == []
    asked = await editor.actions(uri, "import torch", ["quickfix"], about=[found])
    assert [action.title for action in asked] == [action.title for action in actions]
    stranger = types.Diagnostic(found.range, "other", code="F401", source="ruff")
    assert await editor.actions(uri, "import torch", ["quickfix"], about=[stranger]) == []
    await editor.stop()


@in_an_event_loop
async def test_the_kind_that_notebooks_ask_for_when_they_are_saved(project: Path) -> None:
    shutil.copy(NOTEBOOKS / "magics.ipynb", project)
    editor = await Editor.start(project)
    cells = editor.open_notebook(project / "magics.ipynb")
    cell = next(uri for uri in cells if "nn.Module" in editor.texts[uri])
    [usual] = await editor.actions(cell, "nn.Module", ["source.fixAll"])
    [saved] = await editor.actions(cell, "nn.Module", ["notebook.source.fixAll"])
    assert saved.kind == "notebook.source.fixAll.bufferlint" and usual.kind == "source.fixAll.bufferlint"
    assert saved.edit == usual.edit
    await editor.stop()


@in_an_event_loop
async def test_commands_fix_and_explain_and_never_raise(model: Path) -> None:
    editor = await Editor.start(model.parent)
    uri = editor.open(model)

    async def run(name: str, *arguments: object) -> object:
        return await editor.client.workspace_execute_command_async(types.ExecuteCommandParams(name, list(arguments)))

    assert await run("bufferlint.fixAll", uri) is True
    assert editor.texts[uri] == FIXED, editor.said
    page = await run("bufferlint.explain", "BUF001")
    assert isinstance(page, str) and page.startswith("A tensor kept as a plain attribute")
    wrong: dict[str, tuple[str, list[object]]] = {
        "bufferlint.explain: unknown rule 'BUF0001'; did you mean 'BUF001'?": ("bufferlint.explain", ["BUF0001"]),
        "bufferlint.explain: the argument must be a rule": ("bufferlint.explain", []),
        "bufferlint.fixAll: the first argument must be the URI": ("bufferlint.fixAll", [3]),
        "bufferlint.fixAll: file:///nowhere.py is not open": ("bufferlint.fixAll", ["file:///nowhere.py"]),
        "bufferlint.verify: the second argument must be the name of a class": ("bufferlint.verify", [uri, "a b"]),
    }
    for name, arguments in wrong.values():
        assert await run(name, *arguments) is None
    await editor.until(lambda: len(editor.said) == len(wrong))
    assert all(text.startswith(said) for text, said in zip(editor.said, wrong, strict=True)), editor.said
    assert not any("Traceback" in text for text in editor.said)
    assert await editor.stop() == 0


@in_an_event_loop
async def test_settings_of_the_workspace_hold_over_those_of_the_start(model: Path) -> None:
    (model.parent / "bufferlint.toml").write_text('select = ["BUF001"]\n')
    defaults = {"enable": True, "select": [], "configuration": "", "verify": {"device": None}}
    editor = await Editor.start(model.parent, settings={**defaults, "ignore": ["BUF001"], "colour": "red"})
    await editor.until(lambda: any("unknown setting 'colour'" in said for said in editor.said))
    uri = editor.open(model)
    assert await editor.diagnostics(uri) == []
    editor.settings = defaults
    editor.client.workspace_did_change_configuration(types.DidChangeConfigurationParams(None))
    await editor.until(lambda: editor.latest(uri))
    assert len(editor.said) == 1
    await editor.stop()


@pytest.mark.parametrize(
    ("before", "codes"),
    [
        ("x = 1  # bufferlint: ignore[", 19),
        ("x = 1  # bufferlint: ignore[BUF00", 9),
        ("x = 1  # bufferlint: ignore[BUF001, ", 18),
        ("# bufferlint: ignore-file[buf10", 1),
        ("x = 1  # noqa: ", 19),
        ("x = 1  # noqa: BUF01", 9),
        ("x = 1  # noqa", 0),
        ("x = 1  # bufferlint: ignore[BUF001] and", 0),
        ("noqa: ", 0),
        ("x[", 0),
    ],
)
def test_rules_are_completed_in_suppressions_only(before: str, codes: int) -> None:
    assert len(list(completions(before))) == codes


@in_an_event_loop
async def test_completion_comes_from_the_buffer(model: Path) -> None:
    editor = await Editor.start(model.parent)
    uri = editor.open(model, LESSON + "# bufferlint: ignore-file[BUF00")
    place = editor.position(editor.texts[uri], len(editor.texts[uri]))
    params = types.CompletionParams(types.TextDocumentIdentifier(uri), place)
    found = await editor.client.text_document_completion_async(params)
    assert isinstance(found, list) and found[0].label == "BUF001"
    assert found[0].documentation == "A tensor kept as a plain attribute of a module instead of a buffer."
    await editor.stop()
