"""The server: keeps what is open, checks it after each change, and answers what the editor asks about it."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path

from bufferlint import __version__
from bufferlint.finding import Problem
from bufferlint.lsp import commands, documents
from bufferlint.lsp.actions import KINDS, Actions
from bufferlint.lsp.checked import Checked, check
from bufferlint.lsp.client_settings import ClientSettings, client_settings, overlaid, without_defaults
from bufferlint.lsp.completion import TRIGGERS, completions
from bufferlint.lsp.diagnostics import at, diagnostics, hover
from bufferlint.lsp.documents import Document
from bufferlint.lsp.positions import Positions
from bufferlint.project_files.projects import Projects
from bufferlint.text.escaping import visible, visible_lines

Answer = TypeVar("Answer")

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
_log = logging.getLogger(__name__)


class Server:
    """One editor's session. Analyses run one after the other beside the loop that talks to the editor; of a file that
    changes faster than it can be analysed, the versions in between are passed over."""

    def __init__(self) -> None:
        self.language_server = LanguageServer("bufferlint", __version__, notebook_document_sync=_NOTEBOOKS)
        self._positions = Positions()
        self._documents: dict[str, Document] = {}
        self._checked: dict[str, Checked] = {}
        self._projects = Projects()
        self._settings = ClientSettings()
        self._folder: str | None = None
        self._named: set[str] = set()
        self._complained: set[tuple[Problem, ...]] = set()
        self._waiting: dict[str, None] = {}
        self._drain: asyncio.Task[None] | None = None
        self._worker = ThreadPoolExecutor(1, "analysis")
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
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self._surroundings_changed,
            types.TEXT_DOCUMENT_CODE_ACTION: self._code_actions,
            types.TEXT_DOCUMENT_HOVER: self._hover,
            types.TEXT_DOCUMENT_COMPLETION: self._completion,
        }
        options: dict[str, object] = {
            types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(KINDS),
            types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=list(TRIGGERS)),
        }
        for name, handler in handlers.items():  # pygls notes things on a handler, which a bound method does not allow
            self.language_server.feature(name, options.get(name))(partial(handler))
        for name in commands.NAMES:
            self.language_server.command(name)(self._runner(name))

    def _runner(self, name: str) -> Callable[..., Awaitable[object]]:
        """Returns what runs a command; pygls counts the parameters of a handler, so that it takes any number."""

        async def run(*arguments: str) -> object:  # anything may come; `object` would make pygls pass itself first
            return await self._command(name, arguments)

        return run

    # -- what the editor tells -----------------------------------------------------------------------------------

    def _initialize(self, params: types.InitializeParams) -> None:
        self._folder = _first_folder(params)
        self._settings = client_settings(params.initialization_options, self._folder)
        self._projects = Projects(self._settings.given, self._settings.configuration)
        encoding = self.language_server.workspace.position_encoding or types.PositionEncodingKind.Utf16
        self._positions = Positions(types.PositionEncodingKind(encoding).value)

    async def _initialized(self, _params: types.InitializedParams) -> None:
        self._name_faults(self._settings)
        await self._ask_for_settings()
        workspace = self.language_server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched is not None and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in _WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await self.language_server.client_register_capability_async(types.RegistrationParams([registration]))

    async def _settings_changed(self, params: types.DidChangeConfigurationParams) -> None:
        await self._ask_for_settings()
        self._surroundings_changed(params)

    async def _ask_for_settings(self) -> None:
        """Take what the editor has in its section ``bufferlint``, over what it said when it started."""
        workspace = self.language_server.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return
        asked = types.ConfigurationParams([types.ConfigurationItem(section="bufferlint")])
        try:
            [answer] = await self.language_server.workspace_configuration_async(asked)
        except (JsonRpcException, ValueError):  # it has no such section, or answers with nothing
            return
        made = client_settings(without_defaults(answer), self._folder)
        self._name_faults(made)
        settings = overlaid(self._settings, made)
        self._projects = Projects(settings.given, settings.configuration)

    def _name_faults(self, settings: ClientSettings) -> None:
        """Show what is wrong with settings, each fault once."""
        for fault in settings.faults:
            if fault not in self._named:
                self._named.add(fault)
                self._warn(f"bufferlint: {fault}")

    def _warn(self, text: str) -> None:
        self.language_server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, visible(text)))

    def _did_open(self, params: types.DidOpenTextDocumentParams) -> None:
        document = documents.text_document(params.text_document)
        if document is not None:
            self._turned(document)

    def _did_change(self, params: types.DidChangeTextDocumentParams) -> None:
        document = self._documents.get(params.text_document.uri)
        if document is not None:
            version, changes = params.text_document.version, params.content_changes
            self._turned(documents.changed_text(document, version, changes, self._positions))

    def _did_close(self, params: types.DidCloseTextDocumentParams) -> None:
        self._closed(params.text_document.uri)

    def _did_open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        self._turned(documents.notebook_document(params.notebook_document, params.cell_text_documents))

    def _did_change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        document = self._documents.get(params.notebook_document.uri)
        if document is not None:
            version = params.notebook_document.version
            changed = documents.changed_notebook(document, version, params.change, self._positions)
            self._forget(set(document.buffers) - set(changed.buffers), {buffer.uri for buffer in changed.buffers})
            self._turned(changed)

    def _did_close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        self._closed(params.notebook_document.uri)

    def _surroundings_changed(self, _params: object) -> None:
        self._ask(self._documents)

    def _turned(self, document: Document) -> None:
        """Take a document's new text, check it, and then the others that refer to it."""
        self._documents[document.uri] = document
        self._ask([document.uri, *self._referring_to(document.path)])

    def _closed(self, uri: str) -> None:
        document = self._documents.pop(uri, None)
        self._checked.pop(uri, None)
        if document is not None:
            self._forget(document.buffers, set())
            self._ask(self._referring_to(document.path))

    def _referring_to(self, path: str) -> list[str]:
        """The documents whose last analysis asked for a file."""
        return [uri for uri, checked in self._checked.items() if path in checked.workspace.asked_for]

    def _forget(self, buffers: Iterable[documents.Buffer], kept: set[str]) -> None:
        """Take back the diagnostics of buffers that are gone."""
        for buffer in buffers:
            if buffer.uri not in kept:
                self._publish(types.PublishDiagnosticsParams(buffer.uri, []))

    # -- what the editor asks ------------------------------------------------------------------------------------

    async def _code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, only = params.text_document.uri, params.context.only
        checked = await self._current(uri)
        if checked is None:
            return []
        actions = Actions(checked, self._positions, self._takes_versions())
        kinds = None if only is None else [getattr(kind, "value", kind) for kind in only]
        return await self._aside(lambda: list(actions.of(uri, params.range, kinds, params.context.diagnostics)))

    def _completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        buffer = self._buffer(params.text_document.uri)
        if buffer is None or params.position.line >= buffer.source.line_count():
            return []
        start = buffer.source.offset(params.position.line + 1)
        return list(completions(buffer.source.text[start : self._positions.offset(buffer.source, params.position)]))

    async def _command(self, name: str, arguments: Sequence[object]) -> object:
        """Run a command; what is wrong with its arguments is shown, and the answer is None."""
        try:
            if name == commands.EXPLAIN:
                return commands.explain(arguments)
            uri = commands.uri_of(arguments)
            checked = await self._current(uri)
            if checked is None:
                raise commands.WrongArguments(f"{uri} is not open, or its configuration cannot be read")
            if name == commands.VERIFY:
                return await commands.verify(checked.document.path, commands.class_of(arguments))
            edit = await self._aside(Actions(checked, self._positions, self._takes_versions()).fix_all)
            if edit is not None:
                asked = types.ApplyWorkspaceEditParams(edit, "Fix all (bufferlint)")
                await self.language_server.workspace_apply_edit_async(asked)
        except commands.WrongArguments as error:
            self._warn(f"{name}: {error}")
        return None

    async def _hover(self, params: types.HoverParams) -> types.Hover | None:
        uri, here = params.text_document.uri, types.Range(params.position, params.position)
        checked = await self._current(uri)
        found = list(at(checked, uri, here, self._positions)) if checked else []
        if not found:
            return None
        text = hover([finding for finding, _, _ in found])
        _, buffer, span = found[0]
        content = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(content, self._positions.range(buffer.source, span))

    def _takes_versions(self) -> bool:
        workspace = self.language_server.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return bool(edit and edit.document_changes)

    def _buffer(self, uri: str) -> documents.Buffer | None:
        return next((b for d in self._documents.values() for b in d.buffers if b.uri == uri), None)

    async def _current(self, uri: str) -> Checked | None:
        """The analysis of what a buffer shows now."""
        document = next((d for d in self._documents.values() if uri in (d.uri, *(b.uri for b in d.buffers))), None)
        if document is None:
            return None
        known = self._checked.get(document.uri)
        if known is None or known.document is not document:
            known = await self._check(document)
        return known

    # -- analysis ------------------------------------------------------------------------------------------------

    def _ask(self, uris: Iterable[str]) -> None:
        """Check documents in this order, before those that wait already."""
        self._waiting = dict.fromkeys([*uris, *self._waiting])
        if self._drain is None or self._drain.done():
            self._drain = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        while self._waiting:
            uri = next(iter(self._waiting))
            del self._waiting[uri]
            document = self._documents.get(uri)
            if document is None:
                continue
            try:
                checked = await self._check(document)
            except Exception:  # an analysis that fails must not end the session
                self._report_crash(document)
                checked = None
            if self._documents.get(uri) is document:
                self._show(document, checked)

    async def _check(self, document: Document) -> Checked | None:
        """The analysis of a document; None when its project's configuration cannot be read."""
        buffers = {each.path: each.opened for each in self._documents.values()}

        def analysed() -> Checked | tuple[Problem, ...]:
            project = self._projects.of(document.path)
            return project if isinstance(project, tuple) else check(document, project, buffers)

        found = await self._aside(analysed)
        if not self._checked:
            gc.freeze()  # what is loaded by now stays: the collector need not look at it again after every edit
        if isinstance(found, tuple):
            self._complain(found)
            return None
        if self._documents.get(document.uri) is document:
            self._checked[document.uri] = found
        return found

    async def _aside(self, work: Callable[[], Answer]) -> Answer:
        """Run something in the thread of the analyses."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    # -- what the editor is told ---------------------------------------------------------------------------------

    def _show(self, document: Document, checked: Checked | None) -> None:
        found = diagnostics(checked, self._positions) if checked else {buffer: [] for buffer in document.buffers}
        for buffer, each in found.items():
            self._publish(types.PublishDiagnosticsParams(buffer.uri, each, buffer.version))

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        self.language_server.text_document_publish_diagnostics(params)

    def _report_crash(self, document: Document) -> None:
        """Log a failed analysis, as a bug of ours, to stderr and in the editor."""
        _log.exception("the analysis of %s failed", visible(document.path))
        text = f"bufferlint {__version__} failed on {visible(document.path)}: please report this bug.\n"
        text += visible_lines(traceback.format_exc())
        message = types.LogMessageParams(types.MessageType.Error, text)
        self.language_server.window_log_message(message)

    def _complain(self, problems: tuple[Problem, ...]) -> None:
        """Show what is wrong with a configuration, once."""
        if problems in self._complained:
            return
        self._complained.add(problems)
        for each in problems:
            place = f"{each.path}:{each.location.row}" if each.location else each.path
            text = visible(f"bufferlint: {place}: {each.cause}; {each.advice}")
            self.language_server.window_show_message(types.ShowMessageParams(types.MessageType.Error, text))


def _first_folder(params: types.InitializeParams) -> str | None:
    folders = [folder.uri for folder in params.workspace_folders or ()]
    return to_fs_path(folders[0] if folders else params.root_uri or "")


def serve() -> None:
    """Talk to an editor on stdin and stdout until it says goodbye."""
    gc.set_threshold(*_COLLECTIONS)
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as output:  # pygls closes what it writes to
        Server().language_server.start_io(stdout=output)
