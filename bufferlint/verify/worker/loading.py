"""Imports a given text in place of a file; everything else the file imports comes from disk as usual."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import linecache
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from torch import nn

from bufferlint.verify.contract import Subject
from bufferlint.verify.worker import notebook
from bufferlint.verify.worker.catch import Raised
from bufferlint.verify.worker.observations import Failure


class NotThere(LookupError):
    """The text has no class of that name that could be built; the message says what it has."""


def find_class(subject: Subject, text: str) -> type[nn.Module]:
    """The class, from the text. Raises `NotThere`, or whatever importing the text raises."""
    sys.path[:0] = [folder for folder in subject.search if folder not in sys.path]
    name = subject.module
    if name in sys.modules:
        if "." in name:
            raise NotThere(f"the module {name} is in use by the verifier itself, so its text cannot be exchanged")
        name = f"{name}_"
    sys.meta_path.insert(0, _Finder(name, subject, text))
    lines = text.splitlines(keepends=True)
    linecache.cache[subject.path] = (len(text), None, lines, subject.path)
    module = importlib.import_module(subject.home or name)
    found: object = module
    if "<locals>" in subject.class_name:
        raise NotThere(f"{subject.class_name} is defined inside a function, where only that function can build it")
    for part in subject.class_name.split("."):
        if not hasattr(found, part):
            raise NotThere(f"{subject.path} defines no class {subject.class_name}{_instead(module, part)}")
        found = getattr(found, part)
    if not (isinstance(found, type) and issubclass(found, nn.Module)):
        raise NotThere(f"{subject.class_name} of {subject.path} is not a subclass of torch.nn.Module")
    return found


def explain(error: Raised, subject: Subject) -> Failure:
    """Returns why the class could not be had, and what to do next."""
    where = f"{subject.path}:{error.line}" if error.line else subject.path
    if error.out_of_memory:
        return Failure(f"importing {where} ran into the memory limit", "raise 'memory' in the recipe")
    if isinstance(error.error, NotThere):
        return Failure(str(error.error.args[0]), "check the name after '::', and that the class can be built by name")
    if isinstance(error.error, ImportError):
        cause = f"importing {where} failed: {error.message}"
        return Failure(cause, f"install what is missing for {sys.executable}, or pass another interpreter as --python")
    if isinstance(error.error, SyntaxError):
        return Failure(f"{where} is not valid Python: {error.message}", "correct the file, then run verify again")
    cause = f"importing {where} raised {error.type}: {error.message}"
    return Failure(cause, "make the file importable: what it does as a script belongs under if __name__ == '__main__':")


class _Finder:
    """Hands the subject's file, under whatever name it is imported, to a loader that has the text."""

    def __init__(self, name: str, subject: Subject, text: str) -> None:
        self._name, self._subject, self._text = name, subject, text
        file = Path(subject.path)
        self._last = file.parent.name if file.name == "__init__.py" else file.stem

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != self._name and name.rpartition(".")[2] != self._last:
            return None
        spec = None if self._subject.notebook else PathFinder.find_spec(name, path)
        if spec is None or spec.origin is None or not _same_file(spec.origin, self._subject.path):
            if name != self._name:
                return None
            spec = importlib.util.spec_from_file_location(name, self._subject.path, loader=self._loader(name))
        else:
            spec.loader = self._loader(name)
        return spec

    def _loader(self, name: str) -> SourceFileLoader:
        kind = _NotebookLoader if self._subject.notebook else _TextLoader
        return kind(name, self._subject, self._text)


class _TextLoader(SourceFileLoader):
    def __init__(self, name: str, subject: Subject, text: str) -> None:
        super().__init__(name, subject.path)
        self.subject, self.text = subject, text

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = compile(self.text, self.path, "exec", dont_inherit=True)
        return code

    def get_source(self, fullname: str) -> str:
        return self.text


class _NotebookLoader(_TextLoader):
    def exec_module(self, module: ModuleType) -> None:
        notebook.execute(self.text, self.path, self.subject.class_name.split(".")[0], module)


def _same_file(one: str, other: str) -> bool:
    return Path(one).resolve() == Path(other).resolve()


def _instead(module: ModuleType, name: str) -> str:
    failed = getattr(module, notebook.SKIPPED, ())
    classes = [each for each, value in vars(module).items() if isinstance(value, type) and issubclass(value, nn.Module)]
    nearest = difflib.get_close_matches(name, classes, 1)
    hint = f"; did you mean {nearest[0]}?" if nearest else ""
    return hint + "".join(f"; {each}" for each in failed)
