"""Progress in the editor, of work that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from bufferlint.text.escaping import visible

_PATIENCE = 1.0
"""Seconds of work after which it is shown."""


class Progress:
    """Shows what is being worked on from a second on; work within work is shown as one."""

    def __init__(self, server: LanguageServer) -> None:
        self._server = server
        self._numbers = count(1)
        self._depth = 0
        self._name = ""
        self._token = ""
        self._is_shown = False
        self._beginning: asyncio.Future[None] | None = None

    @contextmanager
    def working(self, name: str) -> Iterator[None]:
        """``name`` is shown beside the progress, until other work gives another."""
        self._name = visible(name)
        if self._is_shown:
            report = types.WorkDoneProgressReport(message=self._name)
            self._server.work_done_progress.report(self._token, report)
        elif self._depth == 0 and self._is_taken:
            self._token = f"bufferlint-{next(self._numbers)}"
            self._beginning = asyncio.ensure_future(self._begin(self._token))
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0:
                self._end()

    @property
    def _is_taken(self) -> bool:
        window = self._server.client_capabilities.window
        return bool(window and window.work_done_progress)

    async def _begin(self, token: str) -> None:
        await asyncio.sleep(_PATIENCE)
        try:
            await self._server.work_done_progress.create_async(token)
        except JsonRpcException:  # the editor wants none
            return
        begun = types.WorkDoneProgressBegin("bufferlint: checking", message=self._name)
        self._server.work_done_progress.begin(token, begun)
        self._is_shown = True

    def _end(self) -> None:
        if self._beginning is not None:
            self._beginning.cancel()
        if self._is_shown:
            self._server.work_done_progress.end(self._token, types.WorkDoneProgressEnd())
        self._beginning, self._is_shown = None, False
