"""The server: what an editor tells of its documents and settings, and who answers what it asks."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from bufferlint import __version__
from bufferlint.lsp import commands, documents
from bufferlint.lsp.actions import KINDS
from bufferlint.lsp.analyses import Analyses
from bufferlint.lsp.checked import Checked
from bufferlint.lsp.client import Client
from bufferlint.lsp.client_settings import ClientSettings, client_settings, overlaid, without_defaults
from bufferlint.lsp.completion import TRIGGERS
from bufferlint.lsp.diagnostics import SOURCE, diagnostics
from bufferlint.lsp.documents import Document
from bufferlint.lsp.positions import Positions
from bufferlint.lsp.requests import Requests
from bufferlint.project_files.projects import Projects

_WATCHED = ("**/*.py", "**/*.ipynb", "**/pyproject.toml", "**/bufferlint.toml")
_COLLECTIONS = (50_000, 20, 100)
"""An analysis makes many small objects and hardly any garbage that only the collector finds: at Python's usual
thresholds, looking for it takes a tenth of the time after an edit and more."""
_NOTEBOOKS = types.NotebookDocumentSyncOptions(
    [
        types.NotebookDocumentFilterWithCells(
            [types.NotebookCellLanguage("python")], types.NotebookDocumentFilterNotebookType("jupyter-notebook")
        )
    ]
)
_PULLED = types.DiagnosticOptions(inter_file_dependencies=True, workspace_diagnostics=False, identifier=SOURCE)


class Server:
    """One editor's session. Diagnostics are published after each change, except for those of files that the editor
    pulls."""

    def __init__(self) -> None:
        self.language_server = LanguageServer("bufferlint", __version__, notebook_document_sync=_NOTEBOOKS)
        self._client = Client(self.language_server)
        self._analyses = Analyses(self._client, self._show)
        self._requests = Requests(self._analyses, self._client)
        self._settings = ClientSettings()
        self._made: list[ClientSettings] = []
        self._folders: list[str] = []
        """The URIs of the folders that the editor has open."""
        self._register()

    def _register(self) -> None:
        handlers: dict[str, Callable[..., object]] = {
            types.INITIALIZE: self._initialize,
            types.INITIALIZED: self._initialized,
            types.TEXT_DOCUMENT_DID_OPEN: self._did_open,
            types.TEXT_DOCUMENT_DID_CHANGE: self._did_change,
            types.TEXT_DOCUMENT_DID_SAVE: self._surroundings_changed,
            types.TEXT_DOCUMENT_DID_CLOSE: self._did_close,
            types.NOTEBOOK_DOCUMENT_DID_OPEN: self._did_open_notebook,
            types.NOTEBOOK_DOCUMENT_DID_CHANGE: self._did_change_notebook,
            types.NOTEBOOK_DOCUMENT_DID_SAVE: self._surroundings_changed,
            types.NOTEBOOK_DOCUMENT_DID_CLOSE: self._did_close_notebook,
            types.WORKSPACE_DID_CHANGE_WATCHED_FILES: self._surroundings_changed,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self._settings_changed,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._folders_changed,
            types.TEXT_DOCUMENT_CODE_ACTION: self._requests.code_actions,
            types.CODE_ACTION_RESOLVE: self._requests.resolve,
            types.TEXT_DOCUMENT_HOVER: self._requests.hover,
            types.TEXT_DOCUMENT_COMPLETION: self._requests.completion,
        }
        options: dict[str, object] = {
            types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(KINDS, resolve_provider=True),
            types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=list(TRIGGERS)),
        }
        for name, handler in handlers.items():
            self._feature(name, handler, options.get(name))
        for name in commands.NAMES:
            self.language_server.command(name)(self._runner(name))

    def _feature(self, name: str, handler: Callable[..., object], options: object = None) -> None:
        # pygls notes things on a handler, which a bound method does not allow
        self.language_server.feature(name, options)(partial(handler))

    def _runner(self, name: str) -> Callable[..., Awaitable[object]]:
        """Returns what runs a command; pygls counts the parameters of a handler, so that it takes any number."""

        async def run(*arguments: str) -> object:  # anything may come; `object` would make pygls pass itself first
            return await self._requests.command(name, arguments)

        return run

    # -- the session ---------------------------------------------------------------------------------------------

    def _initialize(self, params: types.InitializeParams) -> None:
        self._folders = [folder.uri for folder in params.workspace_folders or ()] or [params.root_uri or ""]
        self._settings = client_settings(params.initialization_options, to_fs_path(self._folders[0]))
        self._made = [self._settings]
        self._analyses.projects = Projects(self._settings.given, self._settings.configuration)
        encoding = self.language_server.workspace.position_encoding or types.PositionEncodingKind.Utf16
        self._requests.positions = Positions(types.PositionEncodingKind(encoding).value)
        if self._client.pulls:  # others may pull what is offered, and show what is published beside it
            self._feature(types.TEXT_DOCUMENT_DIAGNOSTIC, self._requests.diagnostics, _PULLED)

    async def _initialized(self, _params: types.InitializedParams) -> None:
        self._client.name_faults(self._settings)
        if await self._ask_for_settings():  # files may have been opened before the answer
            self._surroundings_changed(None)
        await self._client.watch(_WATCHED)

    async def _settings_changed(self, params: types.DidChangeConfigurationParams) -> None:
        await self._ask_for_settings()
        self._surroundings_changed(params)

    async def _folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        gone = {folder.uri for folder in params.event.removed}
        added = [folder.uri for folder in params.event.added]
        self._folders = [uri for uri in self._folders if uri not in gone] + added
        await self._ask_for_settings()
        self._surroundings_changed(params)

    async def _ask_for_settings(self) -> bool:
        """Take what the editor has in its section ``bufferlint``, over what it said when it started; of several folders
        each has its own. Returns whether anything is other than before."""
        folders = self._folders if len(self._folders) > 1 else []
        answers = await self._client.settings(folders)
        if not answers:
            return False
        asked = zip(answers, (*self._folders[:1], *folders), strict=True)
        made = [self._overlaid(answer, uri) for answer, uri in asked]
        if made == self._made:
            return False
        self._made = made
        first, *others = made
        within = {
            documents.path_of(uri): Projects(each.given, each.configuration)
            for uri, each in zip(folders, others, strict=True)
        }
        self._analyses.projects = Projects(first.given, first.configuration, within)
        return True

    def _overlaid(self, answer: object, folder: str) -> ClientSettings:
        made = client_settings(without_defaults(answer), to_fs_path(folder))
        self._client.name_faults(made)
        return overlaid(self._settings, made)

    def _surroundings_changed(self, _params: object) -> None:
        self._analyses.outdate()
        self._check(self._analyses.documents)
        if self._client.pulls:
            self._client.pull_again()

    # -- documents -----------------------------------------------------------------------------------------------

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = documents.text_document(params.text_document)
        if document is not None:
            self._check(self._analyses.take(document))

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self._analyses.documents.get(params.text_document.uri)
        if document is not None:
            version, changes = params.text_document.version, params.content_changes
            changed = documents.changed_text(document, version, changes, self._requests.positions)
            self._check(self._analyses.take(changed))

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._closed(params.text_document.uri)

    def _did_open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        document = documents.notebook_document(params.notebook_document, params.cell_text_documents)
        self._check(self._analyses.take(document))

    def _did_change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        document = self._analyses.documents.get(params.notebook_document.uri)
        if document is not None:
            version = params.notebook_document.version
            changed = documents.changed_notebook(document, version, params.change, self._requests.positions)
            self._forget(set(document.buffers) - set(changed.buffers), {buffer.uri for buffer in changed.buffers})
            self._check(self._analyses.take(changed))

    def _did_close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        self._closed(params.notebook_document.uri)

    def _closed(self, uri: str) -> None:
        document, concerned = self._analyses.close(uri)
        if document is not None:
            self._forget(document.buffers, set())
            self._check(concerned)

    def _forget(self, buffers: Iterable[documents.Buffer], kept: set[str]) -> None:
        """Take back the diagnostics of buffers that are gone."""
        for buffer in buffers:
            if buffer.uri not in kept:
                self._client.publish(buffer.uri, [])

    # -- diagnostics ---------------------------------------------------------------------------------------------

    def _check(self, uris: Iterable[str]) -> None:
        """Check documents and publish what is found; the editor asks for those that it pulls."""
        known = self._analyses.documents
        self._client.forget_notifications()
        self._analyses.ask([uri for uri in uris if uri in known and not self._is_pulled(known[uri])])

    def _is_pulled(self, document: Document) -> bool:
        return self._client.pulls and [buffer.uri for buffer in document.buffers] == [document.uri]

    def _show(self, document: Document, checked: Checked | None) -> None:
        if self._is_pulled(document):
            return
        found: dict[documents.Buffer, list[types.Diagnostic]] = {buffer: [] for buffer in document.buffers}
        if checked is not None:
            found = diagnostics(checked, self._requests.positions, related=self._client.shows_related)
        for buffer, each in found.items():
            self._client.publish(buffer.uri, each, buffer.version)


def serve() -> None:
    """Talk to an editor on stdin and stdout until it says goodbye."""
    gc.set_threshold(*_COLLECTIONS)
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:  # pygls closes what it writes to
        Server().language_server.start_io(stdout=output)
