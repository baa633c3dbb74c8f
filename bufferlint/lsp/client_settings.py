"""Settings made in the editor, which hold over the project's configuration: ``initializationOptions`` of a client, and
its answer to ``workspace/configuration``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bufferlint.project_files.suggestions import nearest, nearest_rule
from bufferlint.rules import is_selector

SELECTING = ("select", "ignore")
OF_THE_CLIENT = ("enable", "path", "interpreter", "trace", "verify")
"""Keys that the client itself acts on."""
UNSAFE = "unsafeFixes"
KNOWN = (*SELECTING, "configuration", UNSAFE)


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """``given`` holds options by the key of the configuration; ``faults`` say what was not taken, and why."""

    given: Mapping[str, object] = field(default_factory=dict)
    configuration: str | None = None
    faults: tuple[str, ...] = ()


def client_settings(options: object, folder: str | None) -> ClientSettings:
    """The settings in ``initializationOptions``, at its top or under ``settings``; paths are relative to a folder."""
    table = _table(options)
    table = _table(table.get("settings", table))
    made = {key: value for key, value in table.items() if value is not None and key not in OF_THE_CLIENT}
    faults = tuple(_faults(made))
    given: dict[str, object] = {key: rules for key in SELECTING if (rules := _selectors(made.get(key))) is not None}
    if isinstance(made.get(UNSAFE), bool):
        given["unsafe-fixes"] = made[UNSAFE]
    file = made.get("configuration")
    return ClientSettings(given, _absolute(file, folder) if isinstance(file, str) and file else None, faults)


def overlaid(first: ClientSettings, second: ClientSettings) -> ClientSettings:
    """Settings with others over them."""
    given = {**first.given, **second.given}
    return ClientSettings(given, second.configuration or first.configuration, (*first.faults, *second.faults))


def without_defaults(options: object) -> object:
    """The settings that somebody made, of an answer to ``workspace/configuration``: empty ones are defaults."""
    return {key: value for key, value in _table(options).items() if value not in (None, "", [], ())}


def _faults(made: Mapping[str, object]) -> Iterator[str]:
    for key, value in made.items():
        if key in SELECTING and _selectors(value) is None:
            wrong = [each for each in value if _selectors([each]) is None] if isinstance(value, (list, tuple)) else []
            yield (
                f"the setting '{key}': unknown rule '{wrong[0]}'; {nearest_rule(str(wrong[0]))}"
                if wrong
                else f"the setting '{key}' must be a list of rules, such as [\"BUF001\"]"
            )
        elif key == "configuration" and not isinstance(value, str):
            yield "the setting 'configuration' must be the path of a file"
        elif key == UNSAFE and not isinstance(value, bool):
            yield f"the setting '{UNSAFE}' must be true or false"
        elif key not in KNOWN:
            yield f"unknown setting '{key}'; {nearest(key, KNOWN)}"


def _selectors(value: object) -> tuple[str, ...] | None:
    """Codes, beginnings of codes and names of rules; None for anything else."""
    if not isinstance(value, (list, tuple)):
        return None
    rules = tuple(each for each in value if isinstance(each, str) and is_selector(each))
    return rules if len(rules) == len(value) else None


def _absolute(file: str, folder: str | None) -> str:
    return (Path(folder or ".") / Path(file).expanduser()).as_posix()


def _table(value: object) -> Mapping[str, object]:
    """A JSON object, which pygls may give as a named tuple."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    return value if isinstance(value, Mapping) else {}
