"""Settings that an editor makes hold over the project's configuration, and a wrong one is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from lsprotocol import types

from bufferlint.lsp.client_settings import ClientSettings, client_settings
from tests.cli.conftest import LESSON
from tests.cli.editor import Editor, in_an_event_loop


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (None, ClientSettings()),
        ({}, ClientSettings()),
        ({"settings": {"select": None, "ignore": None, "verify": {}}}, ClientSettings()),
        ({"settings": {"select": ["BUF001"]}}, ClientSettings({"select": ("BUF001",)})),
        ({"ignore": ["pinned-device"]}, ClientSettings({"ignore": ("pinned-device",)})),
        ({"configuration": "ruled.toml"}, ClientSettings(configuration="/project/ruled.toml")),
        ({"unsafeFixes": True}, ClientSettings({"unsafe-fixes": True})),
        ({"configuration": "/etc/ruled.toml"}, ClientSettings(configuration="/etc/ruled.toml")),
    ],
)
def test_what_is_set_is_given(options: object, expected: ClientSettings) -> None:
    assert client_settings(options, "/project") == expected


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"selct": ["BUF001"]}, "unknown setting 'selct'; did you mean 'select'?"),
        ({"select": ["BUF0001"]}, "the setting 'select': unknown rule 'BUF0001'; did you mean 'BUF001'?"),
        ({"ignore": "BUF001"}, "the setting 'ignore' must be a list of rules"),
        ({"unsafeFixes": "yes"}, "the setting 'unsafeFixes' must be true or false"),
        ({"configuration": 3}, "the setting 'configuration' must be the path of a file"),
    ],
)
def test_what_is_wrong_is_named_and_left_out(options: object, fault: str) -> None:
    made = client_settings(options, None)
    [said] = made.faults
    assert said.startswith(fault)
    assert not made.given and made.configuration is None


@in_an_event_loop
async def test_a_rule_that_is_ignored_in_the_editor_is_not_reported(project: Path) -> None:
    path = project / "model.py"
    path.write_text(LESSON)
    editor = await Editor.start(project, options={"settings": {"ignore": ["BUF001"], "colour": "red"}})
    assert await editor.diagnostics(editor.open(path)) == []
    assert any("unknown setting 'colour'" in said for said in editor.said)
    await editor.stop()


@in_an_event_loop
async def test_a_configuration_that_is_named_is_read_instead_of_the_nearest(project: Path) -> None:
    path = project / "model.py"
    path.write_text(LESSON)
    (project / "bufferlint.toml").write_text('ignore = ["BUF001"]\n')
    (project / "other.toml").write_text("[tool.bufferlint]\n")
    editor = await Editor.start(project, options={"configuration": "other.toml"})
    assert [each.code for each in await editor.diagnostics(editor.open(path))] == ["BUF001"]
    await editor.stop()


@in_an_event_loop
async def test_each_folder_of_a_workspace_has_settings_of_its_own(project: Path) -> None:
    folders = [project / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        (folder / "model.py").write_text(LESSON)
    (folders[1] / "silent.toml").write_text('[tool.bufferlint]\nignore = ["BUF001"]\n')
    own: dict[str, object] = {folders[1].as_uri(): {"configuration": "silent.toml"}}
    editor = await Editor.start(*folders, settings={"enable": True}, folder_settings=own)
    first, second = (editor.open(folder / "model.py") for folder in folders)
    await editor.until(lambda: second in editor.published and not editor.latest(second))
    assert [each.code for each in await editor.diagnostics(first)] == ["BUF001"]

    gone = types.WorkspaceFoldersChangeEvent([], [types.WorkspaceFolder(folders[1].as_uri(), "two")])
    editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(gone))
    await editor.until(lambda: editor.latest(second))
    await editor.stop()


@in_an_event_loop
async def test_fix_all_makes_unsafe_fixes_once_the_editor_allows_them(project: Path) -> None:
    path = project / "model.py"
    path.write_text(LESSON.replace("        self.mask = ", "        self.mask = torch.as_tensor(n)  # "))
    for allowed in (False, True):
        editor = await Editor.start(project, options={"unsafeFixes": allowed})
        uri = editor.open(path)
        assert [each.code for each in await editor.diagnostics(uri)] == ["BUF001"]
        offered = await editor.actions(uri, "import", only=["source.fixAll"])
        assert [("register_buffer" in editor.applied(each)[uri]) for each in offered] == [True] * allowed
        await editor.stop()
