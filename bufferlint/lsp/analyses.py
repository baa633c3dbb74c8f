"""The open documents and their analyses, of which the newest of each document counts."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import TypeVar

from bufferlint.finding import Problem
from bufferlint.lsp.checked import Checked, check
from bufferlint.lsp.client import Client
from bufferlint.lsp.documents import Buffer, Document
from bufferlint.project_files.projects import Projects

Answer = TypeVar("Answer")


class Analyses:
    """Analyses run one after the other beside the loop that talks to the editor; of a document that changes faster than
    it can be analysed, the versions in between are passed over. ``show`` is called with each analysis that was asked
    for by `ask`, or with None when there could be none."""

    def __init__(self, client: Client, show: Callable[[Document, Checked | None], None]) -> None:
        self.documents: dict[str, Document] = {}
        self.projects = Projects()
        self._client = client
        self._show = show
        self._checked: dict[str, Checked] = {}
        self._running: dict[str, tuple[int, asyncio.Future[Checked | None]]] = {}
        self._changes = self._surroundings_changed = 0
        self._changed: dict[str, int] = {}
        """The number of the last change of each file that is or was open."""
        self._waiting: dict[str, None] = {}
        self._drain: asyncio.Task[None] | None = None
        self._frozen = False
        self._worker = ThreadPoolExecutor(1, "analysis")

    def take(self, document: Document) -> list[str]:
        """Keep a document's new text; the documents that the change of it concerns, itself first."""
        self.documents[document.uri] = document
        self._checked.pop(document.uri, None)
        return [document.uri, *self._outdated_by(document.path)]

    def close(self, uri: str) -> tuple[Document | None, list[str]]:
        """Forget a document; it, if it was open, and the documents that this concerns."""
        document = self.documents.pop(uri, None)
        self._checked.pop(uri, None)
        return document, self._outdated_by(document.path) if document else []

    def outdate(self) -> None:
        """Let all be analysed anew: something besides the documents has changed."""
        self._changes += 1
        self._surroundings_changed = self._changes
        self._checked.clear()

    def _outdated_by(self, path: str) -> list[str]:
        """Note that a file has changed; the documents whose last analysis asked for it, which no longer counts."""
        self._changes += 1
        self._changed[path] = self._changes
        found = [uri for uri, checked in self._checked.items() if path in checked.workspace.asked_for]
        for uri in found:
            del self._checked[uri]
        return found

    def document(self, uri: str) -> Document | None:
        """The open document that is, or has a buffer, under a URI."""
        return next((d for d in self.documents.values() if uri in (d.uri, *(b.uri for b in d.buffers))), None)

    def buffer(self, uri: str) -> Buffer | None:
        return next((b for d in self.documents.values() for b in d.buffers if b.uri == uri), None)

    def ask(self, uris: Iterable[str]) -> None:
        """Check documents in this order, before those that wait already."""
        self._waiting = dict.fromkeys([*uris, *self._waiting])
        if self._waiting and (self._drain is None or self._drain.done()):
            self._drain = asyncio.ensure_future(self._work())

    async def current(self, uri: str) -> Checked | None:
        """The analysis of what a buffer shows now; None when it is not open, or its configuration cannot be read."""
        while (document := self.document(uri)) is not None:
            known = self._checked.get(document.uri)
            if known is not None and known.document is document:
                return known
            checked = await self._check(document)
            if self.document(uri) is document:
                return checked
        return None

    async def aside(self, work: Callable[[], Answer]) -> Answer:
        """Run something in the thread of the analyses."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)

    async def _work(self) -> None:
        with self._client.progress.working("open files"):
            while self._waiting:
                uri = next(iter(self._waiting))
                del self._waiting[uri]
                document = self.documents.get(uri)
                if document is None:
                    continue
                try:
                    checked = await self._check(document)
                except Exception:  # an analysis that fails must not end the session
                    self._client.report_crash(document)
                    checked = None
                if self.documents.get(uri) is document:
                    self._show(document, checked)

    def _check(self, document: Document) -> Awaitable[Checked | None]:
        """The analysis of a document, which whoever asks meanwhile waits for as well."""
        started, running = self._running.get(document.uri, (-1, None))
        if running is None or running.done() or started != self._changes:
            running = asyncio.ensure_future(self._analysed(document))
            self._running[document.uri] = self._changes, running
        return asyncio.shield(running)  # who takes a request back does not end the others' analysis

    async def _analysed(self, document: Document) -> Checked | None:
        started = self._changes
        buffers = {each.path: each.opened for each in self.documents.values()}

        def analysed() -> Checked | tuple[Problem, ...]:
            if self.documents.get(document.uri) is not document:
                return ()  # a newer version waits
            project = self.projects.of(document.path)
            return project if isinstance(project, tuple) else check(document, project, buffers)

        with self._client.progress.working(PurePath(document.path).name):
            found = await self.aside(analysed)
        if not self._frozen:
            self._frozen = True
            gc.freeze()  # what is loaded by now stays: the collector need not look at it again after every edit
        if isinstance(found, tuple):
            self._client.complain(found)
            return None
        if self.documents.get(document.uri) is document:
            if self._has_changed_since(started, found):
                self.ask([document.uri])
            else:
                self._checked[document.uri] = found
        return found

    def _has_changed_since(self, started: int, checked: Checked) -> bool:
        """Has something changed that an analysis asked for, since it was started?"""
        if started == self._changes:
            return False
        asked_for = checked.workspace.asked_for
        return self._surroundings_changed > started or any(
            number > started and path in asked_for for path, number in self._changed.items()
        )
