"""``bufferlint server``: the language server, on stdin and stdout."""

from __future__ import annotations

import gc

import click

from bufferlint.cli.commands.sections import Sectioned

_RARELY = (200_000, 50, 1000)
"""When Python looks for garbage in cycles: between two keystrokes there is no time for it."""


@click.command(cls=Sectioned)
def server() -> int:
    """Run the language server: findings while you type, fixes as code actions.

    Editors start this by themselves, with their language client set to run `bufferlint server`; it speaks the
    Language Server Protocol on stdin and stdout. It needs the extra `server`: pip install 'bufferlint[server]'.

    \b
    What an editor runs:
      bufferlint server        waits for an editor's messages on stdin

    \b
    It offers:
      diagnostics      of what the buffer holds, saved or not, and of notebooks' cells
      quick fixes      the fix, the fix with the other persistence, a comment that silences the finding
      source.fixAll    all safe fixes of a file, also as source.fixAll.bufferlint
      hover            the rule's page

    Configuration is read from the files that the command line reads.

    \b
    Example:
      bufferlint server       what an editor is told to start
    """
    from bufferlint.cli.errors import UsageError
    from bufferlint.project_files.signals import end_at_once_on_termination

    try:
        from bufferlint.lsp.server import serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError(f"the language server needs {error.name}: pip install 'bufferlint[server]'") from error
    gc.set_threshold(*_RARELY)
    end_at_once_on_termination()
    serve()
    return 0
