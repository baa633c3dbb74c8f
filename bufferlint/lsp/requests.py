"""What an editor asks of the server: diagnostics, code actions and their edits, hovers, completion, commands."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from lsprotocol import types

from bufferlint.lsp import commands
from bufferlint.lsp.actions import Actions
from bufferlint.lsp.analyses import Analyses
from bufferlint.lsp.checked import Checked
from bufferlint.lsp.client import Client
from bufferlint.lsp.completion import completions
from bufferlint.lsp.diagnostics import at, diagnostics, hover
from bufferlint.lsp.positions import Positions


class Requests:
    """Answers from the analysis of what is shown now. ``positions`` are set once editor and server have met."""

    def __init__(self, analyses: Analyses, client: Client) -> None:
        self.positions = Positions()
        self._analyses = analyses
        self._client = client

    async def diagnostics(self, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
        """The diagnostics of a file; those of a notebook's cells are published, so that none are asked for."""
        uri = params.text_document.uri
        checked = await self._checked(uri)
        buffer = checked.document.buffers[0] if checked else None
        found: list[types.Diagnostic] = []
        if checked is not None and buffer is not None and checked.document.uri == uri == buffer.uri:
            found = diagnostics(checked, self.positions, related=self._client.shows_related)[buffer]
        result = hashlib.sha256(repr(found).encode()).hexdigest()[:16]
        if result == params.previous_result_id:
            return types.RelatedUnchangedDocumentDiagnosticReport(result)
        return types.RelatedFullDocumentDiagnosticReport(found, result_id=result)

    async def _checked(self, uri: str) -> Checked | None:
        """The analysis of a file; None as well when it fails, which is reported."""
        document = self._analyses.document(uri)
        try:
            return await self._analyses.current(uri)
        except Exception:  # an analysis that fails must not end the editor's asking
            if document is not None:
                self._client.report_crash(document)
            return None

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        uri, only = params.text_document.uri, params.context.only
        checked = await self._analyses.current(uri)
        if checked is None:
            return []
        kinds = None if only is None else [getattr(kind, "value", kind) for kind in only]
        actions = self._actions(checked, self._client.resolves_edits)
        return await self._analyses.aside(
            lambda: list(actions.of(uri, params.range, kinds, params.context.diagnostics))
        )

    async def resolve(self, action: types.CodeAction) -> types.CodeAction:
        """Give a code action its edit; it stays without when the file has changed so that it has none any more."""
        try:
            checked = await self._analyses.current(commands.uri_of([action.data]))
        except commands.WrongArguments:  # it is none of ours
            return action
        if checked is not None:
            actions = self._actions(checked)
            action.edit = await self._analyses.aside(lambda: actions.resolved(action))
        if action.edit is None:
            self._client.warn(f"bufferlint: '{action.title}' has nothing to change any more; ask again")
        return action

    async def hover(self, params: types.HoverParams) -> types.Hover | None:
        uri, here = params.text_document.uri, types.Range(params.position, params.position)
        checked = await self._analyses.current(uri)
        found = list(at(checked, uri, here, self.positions)) if checked else []
        if not found:
            return None
        text = hover([finding for finding, _, _ in found])
        _, buffer, span = found[0]
        content = types.MarkupContent(types.MarkupKind.Markdown, text)
        return types.Hover(content, self.positions.range(buffer.source, span))

    def completion(self, params: types.CompletionParams) -> list[types.CompletionItem]:
        buffer = self._analyses.buffer(params.text_document.uri)
        if buffer is None or params.position.line >= buffer.source.line_count():
            return []
        start = buffer.source.offset(params.position.line + 1)
        return list(completions(buffer.source.text[start : self.positions.offset(buffer.source, params.position)]))

    async def command(self, name: str, arguments: Sequence[object]) -> object:
        """Run a command; what is wrong with its arguments is shown, and the answer is None. To fix all answers whether
        there was something to fix."""
        try:
            if name == commands.EXPLAIN:
                return commands.explain(arguments)
            uri = commands.uri_of(arguments)
            checked = await self._analyses.current(uri)
            if checked is None:
                raise commands.WrongArguments(f"{uri} is not open, or its configuration cannot be read")
            if name == commands.VERIFY:
                return await commands.verify(checked.document.path, commands.class_of(arguments))
            edit = await self._analyses.aside(self._actions(checked).fix_all)
            if edit is not None:
                await self._client.apply(edit, "Fix all (bufferlint)")
            return edit is not None
        except commands.WrongArguments as error:
            self._client.warn(f"{name}: {error}")
        return None

    def _actions(self, checked: Checked, later: bool = False) -> Actions:
        return Actions(checked, self.positions, self._client.takes_versions, later)
