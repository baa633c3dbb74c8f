"""What ``check`` says, without running anything, of the tensors that an audit found in a living model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bufferlint import engine
from bufferlint.finding import Finding
from bufferlint.project_files.files import absolute, project_root
from bufferlint.project_files.workspace import DiskWorkspace
from bufferlint.settings import Settings
from bufferlint.verify.contract import UnregisteredTensor


@dataclass(frozen=True, slots=True)
class Entry:
    """A stray tensor, and what the static check says of its attribute; ``silence`` is why it says nothing."""

    stray: UnregisteredTensor
    findings: tuple[Finding, ...] = ()
    silence: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.code for finding in self.findings))


def audit_findings(unregistered_tensors: Iterable[UnregisteredTensor], settings: Settings) -> tuple[Entry, ...]:
    """The strays with what the static check says of each; every file is read once."""
    files: dict[str, _File] = {}
    return tuple(_entry(stray, settings, files) for stray in unregistered_tensors)


class _File:
    """A file, and what the static check finds in it."""

    def __init__(self, path: str, settings: Settings) -> None:
        self.path = path
        self._settings = settings
        self._workspace = DiskWorkspace(project_root([path]))
        readable = self._workspace.source(path) is not None
        self._findings = engine.analyse([path], self._workspace, settings).findings if readable else ()

    def findings(self, class_name: str, names: tuple[str, ...]) -> tuple[Finding, ...]:
        return tuple(each for each in self._findings if each.class_name == class_name and each.attribute in names)

    def silence(self, class_name: str, names: tuple[str, ...]) -> str:
        """Returns why nothing is said of an attribute; empty when the file, as it is read, has no such class."""
        try:
            said = engine.explain(self.path, class_name, names[-1], self._workspace, self._settings)
        except KeyError:
            return ""
        return said.splitlines()[0] if said else ""


def _entry(stray: UnregisteredTensor, settings: Settings, files: dict[str, _File]) -> Entry:
    places = [(absolute(file), name.replace(".<locals>", "")) for file, name in stray.classes]
    read = [(files.setdefault(path, _File(path, settings)), name) for path, name in places if path.endswith(".py")]
    found = [finding for file, name in read for finding in file.findings(name, stray.names)]
    if found:
        return Entry(stray, tuple(found))
    if not read:
        return Entry(stray, silence="the source of its class is not there to be read")
    said = (file.silence(name, stray.names) for file, name in read)
    return Entry(stray, silence=next((each for each in said if each), "its class is not seen to be a module"))
