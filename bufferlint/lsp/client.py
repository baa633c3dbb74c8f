"""The editor at the other end: what it can take, and what is said to it without being asked."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Sequence
from concurrent.futures import Future

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from bufferlint import __version__
from bufferlint.finding import Problem
from bufferlint.lsp.client_settings import ClientSettings
from bufferlint.lsp.documents import Document
from bufferlint.lsp.progress import Progress
from bufferlint.text.escaping import visible, visible_lines

_log = logging.getLogger(__name__)


class Client:
    """Asks the editor, and tells it diagnostics and messages. What is shown to a person is made printable."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._said: set[object] = set()
        self.progress = Progress(server)

    # -- what it can take ----------------------------------------------------------------------------------------

    @property
    def takes_versions(self) -> bool:
        """Does it take edits that name the version of the document they are for?"""
        workspace = self._server.client_capabilities.workspace
        edit = workspace.workspace_edit if workspace else None
        return bool(edit and edit.document_changes)

    @property
    def pulls(self) -> bool:
        """Does it ask for diagnostics, and again when it is told that those of all files may have changed?"""
        capabilities = self._server.client_capabilities
        asks = capabilities.text_document and capabilities.text_document.diagnostic
        again = capabilities.workspace and capabilities.workspace.diagnostics
        return bool(asks and again and again.refresh_support)

    @property
    def resolves_edits(self) -> bool:
        """Does it ask for the edit of a code action once somebody chooses it?"""
        document = self._server.client_capabilities.text_document
        action = document.code_action if document else None
        properties = action.resolve_support.properties if action and action.resolve_support else ()
        return bool(action and action.data_support and "edit" in properties)

    @property
    def shows_related(self) -> bool:
        """Does it show the related information of a diagnostic?"""
        document = self._server.client_capabilities.text_document
        published = document.publish_diagnostics if document else None
        return bool(published and published.related_information)

    # -- what it is asked ----------------------------------------------------------------------------------------

    async def settings(self, folders: Sequence[str] = ()) -> Sequence[object]:
        """The section ``bufferlint`` of its settings, then that of each folder; empty when it has none."""
        workspace = self._server.client_capabilities.workspace
        if not (workspace and workspace.configuration):
            return ()
        items = [types.ConfigurationItem(scope, "bufferlint") for scope in (None, *folders)]
        try:
            answers = await self._server.workspace_configuration_async(types.ConfigurationParams(items))
        except JsonRpcException:  # it has no such section
            return ()
        return answers if len(answers) == len(items) and any(each is not None for each in answers) else ()

    async def watch(self, patterns: Sequence[str]) -> None:
        """Have it tell when files that match change on the disk."""
        workspace = self._server.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace else None
        if watched is not None and watched.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in patterns]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("watch", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            await self._server.client_register_capability_async(types.RegistrationParams([registration]))

    async def apply(self, edit: types.WorkspaceEdit, label: str) -> None:
        """Have it make an edit."""
        await self._server.workspace_apply_edit_async(types.ApplyWorkspaceEditParams(edit, label))

    # -- what it is told -----------------------------------------------------------------------------------------

    def publish(self, uri: str, diagnostics: Sequence[types.Diagnostic], version: int | None = None) -> None:
        self._server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics, version))

    def pull_again(self) -> None:
        """Have it ask for the diagnostics of its files again."""
        self._server.workspace_diagnostic_refresh(None)

    def forget_notifications(self) -> None:
        """Let go of what is kept of each notification that was handled: pygls 2.1 does so for good, of each edit."""
        kept: dict[object, Future[object]] = getattr(self._server.protocol, "_request_futures", {})
        for number in [number for number, future in kept.items() if future.done()]:
            del kept[number]

    def warn(self, text: str) -> None:
        self._show(types.MessageType.Warning, text)

    def name_faults(self, settings: ClientSettings) -> None:
        """Show what is wrong with settings, each fault once."""
        for fault in settings.faults:
            if fault not in self._said:
                self._said.add(fault)
                self.warn(f"bufferlint: {fault}")

    def complain(self, problems: tuple[Problem, ...]) -> None:
        """Show what is wrong with a configuration, once."""
        if problems in self._said:
            return
        self._said.add(problems)
        for each in problems:
            place = f"{each.path}:{each.location.row}" if each.location else each.path
            self._show(types.MessageType.Error, f"bufferlint: {place}: {each.cause}; {each.advice}")

    def report_crash(self, document: Document) -> None:
        """Log a failed analysis, as a bug of ours, to stderr and in the editor."""
        _log.exception("the analysis of %s failed", visible(document.path))
        text = f"bufferlint {__version__} failed on {visible(document.path)}: please report this bug.\n"
        text += visible_lines(traceback.format_exc())
        self._server.window_log_message(types.LogMessageParams(types.MessageType.Error, text))

    def _show(self, kind: types.MessageType, text: str) -> None:
        self._server.window_show_message(types.ShowMessageParams(kind, visible(text)))
