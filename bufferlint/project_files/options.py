"""Everything that a configuration file may say, as one table: validation, the command line's options, `bufferlint
config`, the JSON schema for editors and the table in the README come from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from bufferlint.project_files.versions import is_requirement

DEFAULT_EXCLUDE = (
    ".*/",
    "__pycache__/",
    "__pypackages__/",
    "_build/",
    "buck-out/",
    "build/",
    "dist/",
    "node_modules/",
    "site-packages/",
    "venv/",
)


class Kind(Enum):
    """What an option's value is; the text says it to a person who wrote something else."""

    STRINGS = "a list of strings"
    FLAG = "true or false"
    TEXT = "a string"
    NUMBER = "a number"
    CHOICE = "one of"
    VERSION = 'a version such as "2.5"'
    LISTS = "a table of lists of strings"
    REQUIREMENT = 'a version such as ">=0.1"'


FORMATS = ("text", "concise", "json", "json-lines", "github", "gitlab", "sarif", "junit", "rdjson", "azure")
PYTHONS = tuple(f"py3{minor}" for minor in range(8, 16))
_VERSION = re.compile(r"[1-9]\d*\.\d+")


@dataclass(frozen=True, slots=True)
class Option:
    """One key of the configuration, with the values it takes and what it is when nobody says.

    ``metavar`` is how the command line names a value; ``only`` are the commands that take the option; all do when there
    are none.
    """

    key: str
    kind: Kind
    default: object
    help: str
    choices: tuple[bool | str, ...] = ()
    metavar: str = ""
    only: tuple[str, ...] = ()
    file_only: bool = False
    """Returns whether it is a key of configuration files that no command takes."""

    @property
    def expected(self) -> str:
        """Tells what a value must be, in words and as TOML writes it."""
        if self.kind is not Kind.CHOICE:
            return str(self.kind.value)
        return "one of " + ", ".join(
            f'"{choice}"' if isinstance(choice, str) else str(choice).lower() for choice in self.choices
        )

    def takes(self, value: object) -> bool:
        if self.kind is Kind.STRINGS:
            return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
        if self.kind is Kind.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        if self.kind is Kind.CHOICE:
            return any(value is choice or (isinstance(choice, str) and value == choice) for choice in self.choices)
        if self.kind is Kind.VERSION:
            return isinstance(value, str) and _VERSION.fullmatch(value) is not None
        if self.kind is Kind.REQUIREMENT:
            return isinstance(value, str) and is_requirement(value)
        if self.kind is Kind.LISTS:
            strings = Option("", Kind.STRINGS, (), "")
            return isinstance(value, dict) and all(strings.takes(item) for item in value.values())
        return isinstance(value, bool if self.kind is Kind.FLAG else str)


_SEARCH = ("check", "fix")

OPTIONS = (
    Option(
        "extend",
        Kind.TEXT,
        None,
        "A configuration file to start from: what this file sets holds over it, extend-* keys add to it.",
        file_only=True,
    ),
    Option(
        "required-version",
        Kind.REQUIREMENT,
        None,
        "The version of bufferlint that the project needs; another one refuses to run.",
        file_only=True,
    ),
    Option("select", Kind.STRINGS, (), "Rules to run: codes, code prefixes or names.", metavar="RULE,..."),
    Option("extend-select", Kind.STRINGS, (), "Rules to run as well as the selected ones.", metavar="RULE,..."),
    Option("ignore", Kind.STRINGS, (), "Rules not to run: codes, code prefixes or names.", metavar="RULE,..."),
    Option(
        "per-file-ignores",
        Kind.LISTS,
        {},
        "Rules not to run in files that a pattern matches.",
        metavar="PATTERN:RULE,...",
    ),
    Option(
        "extend-per-file-ignores",
        Kind.LISTS,
        {},
        "Rules not to run in files that a pattern matches, as well as those of per-file-ignores.",
        metavar="PATTERN:RULE,...",
    ),
    Option(
        "fixable",
        Kind.STRINGS,
        ("ALL",),
        "Rules whose fixes may be made: codes, code prefixes or names.",
        metavar="RULE,...",
    ),
    Option("unfixable", Kind.STRINGS, (), "Rules whose fixes are not made.", metavar="RULE,..."),
    Option(
        "exclude",
        Kind.STRINGS,
        DEFAULT_EXCLUDE,
        "Patterns of files and folders to leave out, instead of the usual.",
        metavar="PATTERN",
    ),
    Option(
        "extend-exclude", Kind.STRINGS, (), "Patterns of files and folders to leave out as well.", metavar="PATTERN"
    ),
    Option("force-exclude", Kind.FLAG, False, "Leave out excluded files even if they are named.", only=_SEARCH),
    Option(
        "respect-gitignore",
        Kind.FLAG,
        True,
        "Leave out files that git ignores, unless they are named.",
        only=_SEARCH,
    ),
    Option("baseline", Kind.TEXT, None, "A file of known findings, neither reported nor fixed.", metavar="FILE"),
    Option(
        "persistent",
        Kind.CHOICE,
        True,
        "Whether new buffers join the state_dict; auto: state does, constants do not.",
        (True, False, "auto"),
    ),
    Option(
        "style",
        Kind.CHOICE,
        "register_buffer",
        "How to write a registration; nn.Buffer needs torch 2.5.",
        ("register_buffer", "nn.Buffer"),
    ),
    Option(
        "load-old-checkpoints",
        Kind.FLAG,
        False,
        "Also write what lets checkpoints saved before load with strict=True.",
        only=("fix", "verify"),
    ),
    Option(
        "clean-up",
        Kind.FLAG,
        False,
        "Also remove moves to a device that the registration of a tensor makes redundant.",
        only=("fix", "verify"),
    ),
    Option("unsafe-fixes", Kind.FLAG, False, "Also apply fixes that may change what the code does."),
    Option(
        "min-torch",
        Kind.VERSION,
        None,
        "The oldest torch that fixed code is to run with; what it lacks is not written.",
        metavar="VERSION",
    ),
    Option(
        "target-version",
        Kind.CHOICE,
        None,
        "The oldest Python that fixed code is to run with; from py314 on a class body evaluates no annotations.",
        PYTHONS,
    ),
    Option(
        "module-bases",
        Kind.STRINGS,
        (),
        "Qualified names of classes to take for subclasses of torch.nn.Module.",
        metavar="NAME",
    ),
    Option(
        "tensor-factories", Kind.STRINGS, (), "Qualified names of functions to take to return a tensor.", metavar="NAME"
    ),
    Option("output-format", Kind.CHOICE, "text", "How to print findings.", FORMATS, only=("check",)),
)

VERIFY_OPTIONS = (
    Option(
        "python", Kind.TEXT, None, "The interpreter to run classes under: one with torch and the project's imports."
    ),
    Option("timeout", Kind.NUMBER, 60.0, "Seconds that one side of a class may take."),
    Option("device", Kind.TEXT, None, "The device to move classes to."),
    Option("seed", Kind.NUMBER, 0, "The random seed."),
    Option("memory", Kind.NUMBER, 8192, "MiB of memory that a class may take."),
)


def option(key: str) -> Option:
    return next(each for each in OPTIONS if each.key == key)
