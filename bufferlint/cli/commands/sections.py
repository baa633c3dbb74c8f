"""Help whose options and commands stand in sections, as there are too many for one list."""

from __future__ import annotations

from collections.abc import Sequence

import click

OPTIONS: dict[str, Sequence[str]] = {
    "What to do": (
        "apply", "fixing", "verify", "watch", "add_ignore", "write_baseline", "prune_baseline", "show_files",
        "show_settings", "explain_silence", "explain_fix", "every", "schema", "tests", "against", "renames",
    ),
    "Rule selection": (
        "select", "extend_select", "ignore", "per_file_ignores", "extend_per_file_ignores", "fixable", "unfixable",
        "baseline",
    ),
    "File selection": (
        "exclude", "extend_exclude", "force_exclude", "respect_gitignore", "diff_base", "stdin_filename",
    ),
    "What counts as a tensor or a module": ("module_bases", "tensor_factories"),
    "How fixes are written": (
        "unsafe_fixes", "persistent", "load_old_checkpoints", "clean_up", "style", "min_torch", "target_version",
        "allow_dirty",
    ),
    "How a class is run": (
        "init", "inputs", "variables", "most", "seed", "device", "timeout", "python", "compiled", "distributed",
    ),
    "Output": (
        "output_format", "form", "output_file", "output", "page", "statistics", "show_fixes", "exit_zero",
        "exit_non_zero_on_fix", "quiet", "silent", "verbose", "color", "timings",
    ),
    "Speed": ("jobs", "no_cache", "cache_dir"),
    "Configuration": ("config", "isolated"),
}  # fmt: skip
"""The options of each section, by parameter; those of no section come last."""

COMMANDS: dict[str, Sequence[str]] = {
    "Find and fix": ("check", "fix"),
    "Run your code": ("verify", "audit"),
    "Look up": ("rule", "config", "help", "version"),
    "Set up": ("server", "editor", "clean"),
}
"""The commands of each section."""


class Sectioned(click.Command):
    """A command whose help has its options in sections."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        left = list(self.get_params(ctx))
        for title, names in (*OPTIONS.items(), ("Options", ())):
            own = [each for each in left if each.name in names] if names else left
            left = [each for each in left if each not in own]
            rows = [row for each in own if (row := each.get_help_record(ctx)) is not None]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def write_commands(ctx: click.Context, group: click.Group, formatter: click.HelpFormatter) -> None:
    """The list of commands at the end of a group's help."""
    room = formatter.width - 6 - max(map(len, group.list_commands(ctx)))
    for title, names in COMMANDS.items():
        commands = ((name, group.get_command(ctx, name)) for name in names)
        with formatter.section(title):
            formatter.write_dl([(name, each.get_short_help_str(room)) for name, each in commands if each is not None])
