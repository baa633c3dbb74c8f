"""What the linter's process and the worker say to each other: frozen values and their JSON. Standard library only."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

START_SECONDS = 300.0
"""How long an interpreter may take to import torch: minutes on a cold network disk."""

COMPILE_SECONDS = 300.0
"""How long torch.compile may take on one side: the C++ compiler reads all of torch's headers."""

ON_DEMAND = ("compiled", "distributed")
"""The names of the checks that a recipe has to ask for: they take long, or start processes."""


SPREAD = "**"
"""The name under which a recipe has an object, or a mapping, whose fields are constructor arguments."""


WITHOUT_FORWARD = "forward: the class has none"
"""What is said to have been tried for a class that leaves forward to others: there is nothing to give it."""


class Status(Enum):
    """What came of one check on one side."""

    PASS = "pass"
    FAIL = "fail"
    SKIP = "skip"
    """It ran and could not tell; the detail says why."""
    NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Expression:
    """A value that is no literal, as Python source: ``torch.nn.Linear(8, 8)``, ``pkg.config.Config(dim=32)``.

    Names are those of the class's module, builtins, and modules that can be imported.
    """

    source: str


@dataclass(frozen=True, slots=True)
class InputSpec:
    """One argument of forward: a random tensor of a shape, or, when ``shape`` is None, ``value`` itself.

    Floating tensors are normal unless ``low`` and ``high`` are given; integers are ``low`` (included) to ``high``
    (excluded), 0 to 2 by default. ``name`` makes it a keyword argument.
    """

    shape: tuple[int, ...] | None
    dtype: str = "float32"
    low: float | None = None
    high: float | None = None
    value: object = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to build a class and call it. ``init``, ``args`` and input values are Python literals and expressions.

    ``factory`` is a function, as ``pkg.testing:make_model``, that returns the module, or a tuple of the module, the
    arguments of forward and, if need be, its keyword arguments; it stands in for all three. When ``inputs`` is None
    forward is not run. ``timeout`` is in seconds for each side (the text as it stands, the rewritten text); ``memory``
    in MiB that a side may write to on top of what torch itself takes. ``also`` names checks of `ON_DEMAND`.
    """

    init: tuple[tuple[str, object], ...] = ()
    args: tuple[object, ...] = ()
    inputs: tuple[InputSpec, ...] | None = None
    seed: int = 0
    device: str | None = None
    timeout: float = 60.0
    memory: int = 8192
    factory: str | None = None
    also: tuple[str, ...] = ()

    @property
    def calls_forward(self) -> bool:
        """Tells whether it says how; a factory may, which shows when it is called."""
        return self.inputs is not None or self.factory is not None

    @property
    def seconds(self) -> float:
        """Tells what a side may take in all."""
        return self.timeout + (COMPILE_SECONDS if "compiled" in self.also else 0)


@dataclass(frozen=True, slots=True)
class Recorded:
    """How a class of a file was built and called by the project's tests. ``path`` is absolute.

    ``unwritten`` is what of that no recipe can hold; the recipe is then one that says less.
    """

    path: str
    class_name: str
    recipe: Recipe
    unwritten: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """A class of a file as it stands and as rewritten; ``after`` is None when there is nothing to rewrite.

    ``path`` is absolute. ``module`` is the dotted name that the file is imported under once the folders of ``search``
    are on sys.path. For a notebook the texts are the code of its code cells, with magics neutralised.
    ``against`` is where the rewritten text stands when it is a file, or a class, of its own; ``renamed`` are pairs of
    the name that a tensor or a submodule has in the class as it stands, and the one it has there. ``home`` is the
    module that defines the class where the texts are those of another file, of a base say. ``loads_strictly`` is
    whether a checkpoint of the class as it stands has to load into the rewritten one with strict=True.
    """

    path: str
    class_name: str
    before: str
    after: str | None
    module: str
    search: tuple[str, ...] = ()
    notebook: bool = False
    against: Subject | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    home: str = ""
    loads_strictly: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check says of one side, with one line of detail."""

    status: Status
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.status.value}: {self.detail}" if self.detail else self.status.value


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    title: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the run showed. ``cause`` and ``advice`` are set when it could not be done as a whole.

    ``device`` says in words what the class was moved to; ``output`` is what the class printed. ``recipe`` is the one
    that was run when the worker completed the given one; ``tried`` says, a line each, what it tried for that.
    ``rests_on`` are the project's files that were read, each with its `digest`; None when that is not known.
    """

    checks: tuple[Check, ...] = ()
    device: str = ""
    output: str = ""
    cause: str | None = None
    advice: str | None = None
    rewritten: bool = True
    recipe: Recipe | None = None
    tried: tuple[str, ...] = ()
    rests_on: tuple[tuple[str, str], ...] | None = None

    @property
    def not_proven(self) -> bool:
        """The class could not be run at all, which says nothing about the rewrite: neither a pass nor a failure."""
        return self.cause is not None

    @property
    def forward_missing(self) -> bool:
        """Tells whether a recipe was found to build the class, but none to call it."""
        return self.recipe is not None and not self.recipe.calls_forward

    @property
    def judged(self) -> tuple[Outcome, ...]:
        """The outcomes that decide: the rewritten text's, or those of the text as it stands when it is all there is."""
        return tuple(check.after if self.rewritten else check.before for check in self.checks)

    @property
    def passed(self) -> bool:
        """The run could be done and nothing failed; a check that was skipped or not run does not count as failed."""
        return self.cause is None and bool(self.checks) and all(o.status is not Status.FAIL for o in self.judged)

    @property
    def proven(self) -> bool:
        """Every check ran and passed."""
        return self.cause is None and bool(self.checks) and all(o.status is Status.PASS for o in self.judged)

    def rows(self) -> tuple[tuple[str, str, str], ...]:
        """The table without its head: title, as it stands, as rewritten."""
        return tuple((check.title, str(check.before), str(check.after)) for check in self.checks)


@dataclass(frozen=True, slots=True)
class Request:
    """``find`` asks the worker to complete the recipe: arguments that it lacks, and inputs."""

    subject: Subject
    recipe: Recipe
    find: bool = False


@dataclass(frozen=True, slots=True)
class UnregisteredTensor:
    """A tensor that a living model holds without having registered it.

    ``path`` is dotted from the model (``blocks.0.mask``, ``heads[1].bias``), ``owner`` the class of the module that
    holds it, under one of ``names`` (a private name has two); ``classes`` are that class and its ancestors, each with
    its file. ``file`` and ``line`` say where the attribute was assigned, as far as that is known. ``size`` is in bytes.
    """

    path: str
    kind: str
    shape: tuple[int, ...]
    dtype: str
    device: str
    owner: str
    names: tuple[str, ...]
    classes: tuple[tuple[str, str], ...] = ()
    file: str | None = None
    line: int | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class EqualBuffers:
    """Buffers that hold the same values in memory of their own; ``saved`` are the bytes that one for all would save."""

    paths: tuple[str, ...]
    saved: int


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """A function that returns a model, as ``pkg.module:function``; ``search`` are folders for sys.path."""

    factory: str
    search: tuple[str, ...]
    recipe: Recipe


@dataclass(frozen=True, slots=True)
class Inventory:
    """What a model holds unregistered, or the ``cause`` why it could not be built; ``model`` is its class.

    ``limits`` says where the search stopped before the end.
    """

    model: str = ""
    unregistered_tensors: tuple[UnregisteredTensor, ...] = ()
    equal_buffers: tuple[EqualBuffers, ...] = ()
    limits: tuple[str, ...] = ()
    output: str = ""
    cause: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Hello:
    """The worker's first word: it is ready, or ``cause`` says why it can't be."""

    python: str
    torch: str = ""
    cause: str | None = None
    advice: str | None = None


_TYPES: dict[str, type[Any]] = {
    each.__name__: each
    for each in (
        Expression,
        InputSpec,
        Recipe,
        Recorded,
        Subject,
        Outcome,
        Check,
        Verdict,
        Request,
        Hello,
        UnregisteredTensor,
        EqualBuffers,
        AuditRequest,
        Inventory,
    )
}


def dumps(value: object) -> str:
    """One line of JSON from values of this module; tuples and non-text keys survive. TypeError for other values."""
    return json.dumps(_encode(value))


def loads(line: str) -> Any:
    """The value that `dumps` was given. ValueError when the line is something else."""
    return _decode(json.loads(line))


def digest(path: str) -> str:
    """A file's content in short; empty when it cannot be read."""
    made = hashlib.sha256()
    try:
        with Path(path).open("rb") as file:
            while part := file.read(1 << 20):
                made.update(part)
    except OSError:
        return ""
    return made.hexdigest()


def is_literal(value: object) -> bool:
    """Returns whether a recipe takes the value: numbers, text, None, expressions and lists, tuples, dictionaries of
    them."""
    if isinstance(value, dict):
        return all(is_literal(key) and is_literal(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(is_literal(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str | Expression)


def _encode(value: object) -> object:
    if isinstance(value, Status):
        return {"status": value.value}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"type": type(value).__name__, "fields": fields}
    if isinstance(value, dict):
        return {"dict": [[_encode(key), _encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple):
        return {"tuple": [_encode(item) for item in value]}
    if isinstance(value, list):
        return [_encode(item) for item in value]
    if is_literal(value):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be sent to the worker")


def _decode(data: Any) -> Any:
    if isinstance(data, list):
        return [_decode(item) for item in data]
    if not isinstance(data, dict):
        return data
    if "status" in data:
        return Status(data["status"])
    if "tuple" in data:
        return tuple(_decode(item) for item in data["tuple"])
    if "dict" in data:
        return {_decode(key): _decode(item) for key, item in data["dict"]}
    if data.get("type") not in _TYPES:
        raise ValueError("not a message of the verifier")
    return _TYPES[data["type"]](**{name: _decode(item) for name, item in data["fields"].items()})


_BOOTSTRAP = """
import sys
if sys.version_info < (3, 10):
    sys.exit("the verifier needs Python 3.10 or later, this is " + sys.version.split()[0])
sys.path[:] = [entry for entry in sys.path if entry]
import importlib.util, os, runpy
folder = sys.argv.pop(1)
spec = importlib.util.spec_from_file_location(
    "bufferlint", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
)
sys.modules["bufferlint"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(sys.modules["bufferlint"])
runpy.run_module("bufferlint.verify.worker", run_name="__main__", alter_sys=True)
"""


def worker_command(python: str, *arguments: str) -> list[str]:
    """The command that runs the worker under an interpreter where bufferlint is not installed.

    The package is found by its folder; what lies beside that folder stays out of sys.path. A relative path is one from
    where this is called, whatever the folder that the worker then runs in.
    """
    program = os.path.abspath(python) if os.path.dirname(python) else python  # noqa: PTH100, PTH120
    return [program, "-c", _BOOTSTRAP, str(Path(__file__).resolve().parent.parent), *arguments]
