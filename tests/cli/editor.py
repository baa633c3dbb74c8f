"""An editor for tests: a real language client that starts `bufferlint server` and keeps buffers of its own."""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.workspace import PositionCodec

SERVER = (sys.executable, "-m", "bufferlint", "server")
PATIENCE = 40.0
"""Seconds to wait for what must come."""

Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument


def in_an_event_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make an asynchronous test one that pytest runs."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


class Editor:
    """Buffers by URI, what the server published for each, and what it logged and showed."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.published: dict[str, list[types.PublishDiagnosticsParams]] = {}
        self.said: list[str] = []
        self.watching: list[str] = []
        self.told_to_pull = 0
        self.progress: list[tuple[types.ProgressToken, str, str | None]] = []
        """What was shown of each piece of work: its token, begin, report or end, and what was at work."""
        self._news = asyncio.Event()
        client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(functools.partial(self._on_diagnostics))
        client.feature(types.WINDOW_LOG_MESSAGE)(functools.partial(self._on_message))
        client.feature(types.WINDOW_SHOW_MESSAGE)(functools.partial(self._on_message))
        client.feature(types.CLIENT_REGISTER_CAPABILITY)(functools.partial(self._on_registration))
        client.feature(types.WORKSPACE_CONFIGURATION)(functools.partial(self._on_configuration))
        client.feature(types.WORKSPACE_APPLY_EDIT)(functools.partial(self._on_edit))
        client.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)(functools.partial(self._on_refresh))
        client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)(lambda _params: None)
        client.feature(types.PROGRESS)(functools.partial(self._on_progress))

    @classmethod
    async def start(
        cls,
        *folders: Path,
        command: Sequence[str] = SERVER,
        versioned: bool = True,
        encodings: Sequence[types.PositionEncodingKind] | None = None,
        options: object = None,
        settings: object = None,
        folder_settings: dict[str, object] | None = None,
        pulling: bool = False,
    ) -> Editor:
        """Start the server; with ``pulling`` as VS Code does, which asks for diagnostics and edits, and shows
        progress and related information."""
        editor = cls(LanguageClient("test", "1"))
        editor.settings = settings
        editor.folder_settings = folder_settings or {}
        await editor.client.start_io(*command, cwd=folders[0])
        capabilities = types.ClientCapabilities(
            workspace=types.WorkspaceClientCapabilities(
                workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=versioned),
                apply_edit=True,
                configuration=settings is not None,
                did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
            ),
            general=types.GeneralClientCapabilities(position_encodings=encodings),
        )
        if pulling:
            assert capabilities.workspace is not None
            capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
            capabilities.window = types.WindowClientCapabilities(work_done_progress=True)
            resolving = types.ClientCodeActionResolveOptions(["edit"])
            capabilities.text_document = types.TextDocumentClientCapabilities(
                diagnostic=types.DiagnosticClientCapabilities(),
                publish_diagnostics=types.PublishDiagnosticsClientCapabilities(related_information=True),
                code_action=types.CodeActionClientCapabilities(data_support=True, resolve_support=resolving),
            )
        named = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders]
        asked = types.InitializeParams(capabilities, workspace_folders=named, initialization_options=options)
        editor.capabilities = (await editor.client.initialize_async(asked)).capabilities
        editor.codec = PositionCodec(editor.capabilities.position_encoding)
        editor.client.initialized(types.InitializedParams())
        return editor

    settings: object = None
    """The section ``bufferlint`` of the editor's settings; None for an editor that has no sections."""
    folder_settings: dict[str, object]
    """The same of single folders, by URI."""
    capabilities: types.ServerCapabilities
    codec: PositionCodec

    async def stop(self) -> int | None:
        """Say goodbye; the server's exit code."""
        await self.client.shutdown_async(None)
        self.client.exit(None)
        server = self.client._server
        assert server is not None
        code = await asyncio.wait_for(server.wait(), PATIENCE)
        await self.client.stop()  # type: ignore[no-untyped-call]
        return code

    # -- what a person does --------------------------------------------------------------------------------------

    def open(self, path: Path, text: str | None = None) -> str:
        """Open a file, with other text than the disk's if given; its URI."""
        uri = path.as_uri()
        self.texts[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, "python", 1, self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def replace(self, uri: str, old: str, new: str) -> None:
        """Replace the first mention of a text, as an edit of just that."""
        start = self.texts[uri].index(old)
        self.edit(uri, [self.edit_at(uri, start, start + len(old), new)])

    def edit_at(self, uri: str, start: int, end: int, new: str) -> types.TextEdit:
        text = self.texts[uri]
        return types.TextEdit(types.Range(self.position(text, start), self.position(text, end)), new)

    def edit(self, uri: str, edits: Sequence[types.TextEdit]) -> None:
        """Change a buffer and tell the server: one change event for each edit, last in the text first."""
        ordered = sorted(enumerate(edits), key=lambda pair: (_key(pair[1].range.start), pair[0]), reverse=True)
        self.texts[uri] = self.edited(self.texts[uri], edits)
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(self.versions[uri], uri)
        changes = [types.TextDocumentContentChangePartial(edit.range, edit.new_text) for _, edit in ordered]
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, changes))

    def open_notebook(self, path: Path) -> list[str]:
        """Open a notebook; the URIs of its code cells, which are all that is sent."""
        cells = [cell for cell in json.loads(path.read_bytes())["cells"] if cell["cell_type"] == "code"]
        uris = [f"notebook-cell:{path.name}#{at}" for at in range(len(cells))]
        texts = ["".join(cell["source"]) for cell in cells]
        self.texts |= dict(zip(uris, texts, strict=True))
        self.versions |= dict.fromkeys((path.as_uri(), *uris), 1)
        listed = [types.NotebookCell(types.NotebookCellKind.Code, uri) for uri in uris]
        document = types.NotebookDocument(path.as_uri(), "jupyter-notebook", 1, listed)
        items = [types.TextDocumentItem(uri, "python", 1, text) for uri, text in zip(uris, texts, strict=True)]
        self.client.notebook_document_did_open(types.DidOpenNotebookDocumentParams(document, items))
        return uris

    def change_notebook(self, path: Path, cells: types.NotebookDocumentCellChanges) -> None:
        self.versions[path.as_uri()] += 1
        identifier = types.VersionedNotebookDocumentIdentifier(self.versions[path.as_uri()], path.as_uri())
        change = types.NotebookDocumentChangeEvent(cells=cells)
        self.client.notebook_document_did_change(types.DidChangeNotebookDocumentParams(identifier, change))

    async def actions(
        self,
        uri: str,
        place: str | types.Diagnostic,
        only: Sequence[str] | None = None,
        about: Sequence[types.Diagnostic] = (),
    ) -> list[types.CodeAction]:
        """The code actions at a text's first mention, or at a diagnostic."""
        if isinstance(place, types.Diagnostic):
            range_ = place.range
        else:
            start = self.texts[uri].index(place)
            range_ = self.edit_at(uri, start, start + len(place), "").range
        context = types.CodeActionContext(list(about), only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(uri), range_, context)
        found = await self.client.text_document_code_action_async(params)
        return [action for action in found or () if isinstance(action, types.CodeAction)]

    def applied(self, action: types.CodeAction) -> dict[str, str]:
        """The buffers that an action changes, as they are afterwards; its edits must be of the present versions."""
        assert action.edit is not None
        if action.edit.changes is not None:
            return {uri: self.edited(self.texts[uri], edits) for uri, edits in action.edit.changes.items()}
        out: dict[str, str] = {}
        for change in action.edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            uri = change.text_document.uri
            assert change.text_document.version == self.versions[uri]
            edits = [edit for edit in change.edits if isinstance(edit, types.TextEdit)]
            out[uri] = self.edited(self.texts[uri], edits)
        return out

    # -- what the server says ------------------------------------------------------------------------------------

    async def diagnostics(self, uri: str, version: int | None = None) -> list[types.Diagnostic]:
        """What is published for the present version of a buffer, or for a given one."""
        wanted = self.versions[uri] if version is None else version
        params = await self.until(lambda: [p for p in self.published.get(uri, ()) if p.version == wanted])
        return list(params[-1].diagnostics)

    async def pull(
        self, uri: str, known: str | None = None
    ) -> types.RelatedFullDocumentDiagnosticReport | types.RelatedUnchangedDocumentDiagnosticReport:
        """The diagnostics that the server gives when it is asked."""
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri), previous_result_id=known)
        return await self.client.text_document_diagnostic_async(params)

    async def pulled(self, uri: str) -> list[types.Diagnostic]:
        report = await self.pull(uri)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
        return list(report.items)

    def latest(self, uri: str) -> list[types.Diagnostic]:
        """What was published last for a buffer."""
        return list(self.published[uri][-1].diagnostics)

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait for something to become true."""

        async def wait() -> Any:
            while not condition():
                assert not [text for text in self.said if text.startswith("Error in server")], self.said
                self._news.clear()
                await self._news.wait()
            return condition()

        return await asyncio.wait_for(wait(), PATIENCE)

    def _on_diagnostics(self, params: types.PublishDiagnosticsParams) -> None:
        self.published.setdefault(params.uri, []).append(params)
        self._news.set()

    def _on_message(self, params: types.LogMessageParams | types.ShowMessageParams) -> None:
        self.said.append(params.message)
        self._news.set()

    def _on_configuration(self, params: types.ConfigurationParams) -> list[object]:
        assert {item.section for item in params.items} == {"bufferlint"}
        return [self.folder_settings.get(item.scope_uri or "", self.settings) for item in params.items]

    def _on_edit(self, params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        for uri, text in self.applied(types.CodeAction("", edit=params.edit)).items():
            self.texts[uri] = text
        self._news.set()
        return types.ApplyWorkspaceEditResult(True)

    def _on_refresh(self, _params: object) -> None:
        self.told_to_pull += 1
        self._news.set()

    def _on_progress(self, params: types.ProgressParams) -> None:
        value = params.value if isinstance(params.value, dict) else vars_of(params.value)
        self.progress.append((params.token, str(value.get("kind")), value.get("message")))
        self._news.set()

    def _on_registration(self, params: types.RegistrationParams) -> None:
        self.watching += [each.method for each in params.registrations]
        self._news.set()

    # -- places --------------------------------------------------------------------------------------------------

    def position(self, text: str, offset: int) -> types.Position:
        before = text[:offset].split("\n")
        return types.Position(len(before) - 1, self.codec.client_num_units(before[-1]))

    def offset(self, text: str, position: types.Position) -> int:
        lines = text.split("\n")
        units, at = 0, 0
        while units < position.character:
            units += self.codec.client_num_units(lines[position.line][at])
            at += 1
        return sum(len(line) + 1 for line in lines[: position.line]) + at

    def covered(self, uri: str, range_: types.Range) -> str:
        """The text of a range."""
        text = self.texts[uri]
        return text[self.offset(text, range_.start) : self.offset(text, range_.end)]

    def edited(self, text: str, edits: Sequence[types.TextEdit]) -> str:
        """A text after edits that all count places in it as it was; insertions at one place stand in their order."""
        places = [(self.offset(text, e.range.start), self.offset(text, e.range.end), e.new_text) for e in edits]
        ordered = sorted(enumerate(places), key=lambda pair: (pair[1][0], pair[0]))
        assert all(a[1][1] <= b[1][0] for a, b in itertools.pairwise(ordered)), "edits overlap"
        for _, (start, end, new) in reversed(ordered):
            text = text[:start] + new + text[end:]
        return text


def vars_of(value: Any) -> dict[str, Any]:
    """The fields of a value of the protocol, however it was read."""
    return dict(value._asdict()) if hasattr(value, "_asdict") else {name: getattr(value, name) for name in dir(value)}


def _key(position: types.Position) -> tuple[int, int]:
    return position.line, position.character
