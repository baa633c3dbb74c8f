"""What is wrong with a command line, in one form: ``error: the cause; what to type instead``."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any

import click

from bufferlint.cli.output import deliver, labelled, safe
from bufferlint.project_files.suggestions import alike
from bufferlint.text.escaping import visible

if TYPE_CHECKING:
    from bufferlint.finding import Problem
    from bufferlint.report.view import View

_COMMANDS = {
    **dict.fromkeys(("lint", "run", "scan", "detect", "analyse", "analyze", "report"), "bufferlint check"),
    **dict.fromkeys(("format", "rewrite", "apply", "autofix", "codemod"), "bufferlint fix"),
    **dict.fromkeys(("prove", "compare", "test"), "bufferlint verify"),
    **dict.fromkeys(("explain", "rules", "linter"), "bufferlint rule"),
    **dict.fromkeys(("settings", "options", "configuration"), "bufferlint config"),
    **dict.fromkeys(("lsp", "langserver", "language-server", "serve"), "bufferlint server"),
    **dict.fromkeys(("vscode", "neovim", "helix", "emacs"), "bufferlint editor"),
    **dict.fromkeys(("clear", "purge", "cache"), "bufferlint clean"),
}
"""Words by which other tools call what our commands do."""
_FIXES = ("--fix", "--fix-only", "--write", "--in-place", "--inplace", "--autofix", "--aggressive")
_OPTIONS = {
    **dict.fromkeys(_FIXES, "use `bufferlint fix --apply`"),
    **dict.fromkeys(("--dry-run", "--check"), "use `bufferlint fix`: without --apply it writes nothing"),
    "--add-noqa": "use `bufferlint check --add-ignore`",
    "--format": "use --output-format",
    "--enable": "use --select",
    "--disable": "use --ignore",
    "--show-source": "the format text shows the source: --output-format text",
}
"""Options of other linters, with what to type for them here."""


class UsageError(click.ClickException):
    """Nothing can be done with what was asked: said on stderr, a line for each cause, exit code 2."""

    exit_code = 2

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(map(visible, lines)))
        context = click.get_current_context(silent=True)
        self.color = context.color if context else None

    @classmethod
    def of(cls, problems: Sequence[Problem], view: View) -> UsageError:
        return cls(*map(view.problem, problems))

    def show(self, file: IO[Any] | None = None) -> None:
        text = "".join(f"{labelled('error', line)}\n" for line in self.message.splitlines())
        if file is None:
            deliver(safe(text), err=True, nl=False, color=self.color)
        else:
            file.write(text)


def explained(error: click.UsageError, command: str | None, known: Mapping[str, Iterable[str]]) -> UsageError:
    """Returns what click found wrong with the words after a command, in our form; ``known`` are the options of each
    command."""
    path = f"bufferlint {command}" if command else "bufferlint"
    if isinstance(error, click.NoSuchOption):
        return UsageError(f"unknown option '{error.option_name}'; {_meant(error.option_name, command, known)}")
    if isinstance(error, click.BadParameter) and not isinstance(error, click.MissingParameter):
        hint = error.param_hint or (error.param.get_error_hint(error.ctx) if error.param and error.ctx else "")
        named = (hint if isinstance(hint, str) else " / ".join(hint)).replace("'", "")
        return UsageError(f"{named}: {error.message.rstrip('.')}")
    said = " ".join(error.format_message().split()).rstrip(".")
    return UsageError(f"{said[:1].lower()}{said[1:]}; `{path} --help` says what it takes")


def unknown_command(word: str, commands: Sequence[str]) -> UsageError:
    """A first word that is no command: a slip, another tool's word, or paths without ``check``."""
    close = alike(word, commands)
    if word.lower() in _COMMANDS:
        advice = f"use `{_COMMANDS[word.lower()]}`"
    elif close:
        advice = f"did you mean `bufferlint {close}`?"
    elif os.path.lexists(word) or word.endswith((".py", ".ipynb")):
        advice = f"to check it, use `bufferlint check {word}`"
    else:
        advice = f"one of: {', '.join(commands)}"
    return UsageError(f"unknown command '{word}'; {advice}")


def _meant(option: str, command: str | None, known: Mapping[str, Iterable[str]]) -> str:
    """Returns what to type for an option that a command does not have: one like it, or the same of another command."""
    if option in _OPTIONS:
        return _OPTIONS[option]
    close = _slip(option, known.get(command or "", ()))
    if close:
        return f"did you mean '{close}'?"
    others = [other for other, options in known.items() if option in options]
    if others:
        return "it is an option of " + " and ".join(f"`bufferlint {other}`" for other in others[:3])
    for other, options in known.items():
        close = _slip(option, options)
        if close:
            return f"did you mean `bufferlint {other} {close}`?"
    return f"`{f'bufferlint {command}' if command else 'bufferlint'} --help` lists the options"


def _slip(option: str, options: Iterable[str]) -> str | None:
    """The long option that one is a slip of."""
    close = alike(option.lstrip("-"), (name[2:] for name in options if name.startswith("--")))
    return f"--{close}" if close else None
