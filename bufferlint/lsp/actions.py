"""Code actions: the fix of a finding, its other persistence, a comment that silences it, and all safe fixes at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from lsprotocol import types

from bufferlint.finding import Applicability, Finding, Fix
from bufferlint.lsp.checked import BufferEdits, Checked
from bufferlint.lsp.diagnostics import at, diagnostic
from bufferlint.lsp.positions import Positions
from bufferlint.text.escaping import visible

FIX_ALL = "source.fixAll.bufferlint"
FIX_ALL_CELLS = f"notebook.{FIX_ALL}"
"""The same for the setting of a notebook's editor that makes fixes when it is saved."""
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL, FIX_ALL_CELLS)


@dataclass(frozen=True, slots=True)
class Actions:
    """Makes the code actions of one version of a file. ``versioned`` says that the client takes versioned edits,
    ``later`` that it asks for an edit once its action is chosen: then edits that cost an analysis wait."""

    checked: Checked
    positions: Positions
    versioned: bool
    later: bool = False

    def of(
        self, uri: str, range_: types.Range, only: Sequence[str] | None, asked: Sequence[types.Diagnostic] = ()
    ) -> Iterator[types.CodeAction]:
        """The actions for a range and for the diagnostics ``asked`` for, of the kinds that are wanted (all of them when
        ``only`` is None)."""
        if _asked(types.CodeActionKind.QuickFix.value, only):
            yield from self._quick_fixes(uri, range_, asked)
        kind = FIX_ALL_CELLS if only is not None and not _asked(FIX_ALL, only) else FIX_ALL
        if (
            _asked(kind, only)
            and any(map(self._may_fix, self.checked.report.findings))
            and not self.checked.project.excluded
        ):
            action = types.CodeAction("Fix all (bufferlint)", kind=kind)
            if self.later:
                action.data = {"uri": uri}
            else:
                action.edit = self.fix_all()
            if self.later or action.edit is not None:
                yield action

    def _may_fix(self, finding: Finding) -> bool:
        allowed = (Applicability.SAFE, *([Applicability.UNSAFE] if self.checked.project.fixes_unsafe else []))
        return finding.fix is not None and finding.fix.applicability in allowed

    def fix_all(self) -> types.WorkspaceEdit | None:
        """The edits of all fixes that the editor's settings let it make together; None when there are none."""
        return self._edit(self.checked.fixed())

    def resolved(self, action: types.CodeAction) -> types.WorkspaceEdit | None:
        """The edit of an action that was offered without one; None when there is nothing to change any more."""
        return self.fix_all() if action.kind in (FIX_ALL, FIX_ALL_CELLS) else None

    def _quick_fixes(
        self, uri: str, range_: types.Range, asked: Sequence[types.Diagnostic]
    ) -> Iterator[types.CodeAction]:
        for finding, buffer, span in at(self.checked, uri, range_, self.positions, asked, on_lines=True):
            about = [diagnostic(finding, buffer, span, self.positions)]
            other = self.checked.other_persistence(finding)
            for fix in (finding.fix, other.fix if other else None):
                if fix is not None and fix.applicability is not Applicability.DISPLAY:
                    safe = fix.applicability is Applicability.SAFE
                    preferred = safe and fix is finding.fix
                    yield from self._action(_title(fix), self.checked.edited(fix.edits), about, preferred)
            title = f"Ignore {finding.code} here with a comment"
            yield from self._action(title, self.checked.ignoring(finding), about, False)

    def _action(
        self, title: str, edits: Iterable[BufferEdits], about: list[types.Diagnostic], preferred: bool
    ) -> Iterator[types.CodeAction]:
        edit = self._edit(edits)
        if edit is not None:
            kind = types.CodeActionKind.QuickFix
            yield types.CodeAction(title, kind=kind, diagnostics=about, is_preferred=preferred or None, edit=edit)

    def _edit(self, edits: Iterable[BufferEdits]) -> types.WorkspaceEdit | None:
        texts = [
            (buffer, [types.TextEdit(self.positions.range(buffer.source, e.span), e.replacement) for e in changed])
            for buffer, changed in edits
        ]
        if not texts:
            return None
        if not self.versioned:
            return types.WorkspaceEdit(changes={buffer.uri: changed for buffer, changed in texts})
        return types.WorkspaceEdit(
            document_changes=[
                types.TextDocumentEdit(
                    types.OptionalVersionedTextDocumentIdentifier(buffer.uri, buffer.version), changed
                )
                for buffer, changed in texts
            ]
        )


def _title(fix: Fix) -> str:
    if fix.applicability is Applicability.SAFE:
        return visible(fix.message)
    return visible(f"{fix.message} (unsafe: {fix.caveat})" if fix.caveat else f"{fix.message} (unsafe)")


def _asked(kind: str, only: Sequence[str] | None) -> bool:
    """Returns whether a client that asks for some kinds wants this one: kinds are asked for by their beginning."""
    return only is None or any(f"{kind}.".startswith(f"{each}.") for each in only)
