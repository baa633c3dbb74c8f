"""The fixtures run: what the fixes make constructs alike from the same seed, but that the mended tensors are buffers.

A fixture takes part when it defines ``build()``, which returns a module; with ``use(module)``, which returns a tensor,
what the module computes is compared as well.
"""

from __future__ import annotations

import random
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch import nn

from bufferlint.engine import FixResult
from bufferlint.finding import Finding
from tests.held_tensors import Held, Role, describe, held
from tests.memory import mend, mended
from tests.rule_fixtures import FILE, Case, cases, fixed


def _runnable(kind: str) -> list[Case]:
    return [case for case in cases(kind) if re.search(r"^def build\(\):", case.text, re.MULTILINE)]


REWRITES = [(case, option) for case in _runnable("before") for option in ("", *case.options)]


@pytest.mark.parametrize(("case", "option"), REWRITES, ids=str)
def test_mended_fixtures_run_as_before(case: Case, option: str, monkeypatch: pytest.MonkeyPatch) -> None:
    after_text = case.mended_with(option)[1] if option else case.after or case.text

    before = run(case.text, monkeypatch)
    after = run(after_text, monkeypatch)

    result = fixed(case, option)
    patterns = added(result, before.module)
    made = {name for name in after.held.keys() - before.held if matches(name, patterns)}
    kept = {name: one for name, one in after.held.items() if name not in made}
    assert comparable(kept) == comparable(before.held)
    promised = registrations(result, before.module)
    for name, one in before.held.items():
        assert (name, after.held[name].role) == (name, promised.get(name, one.role))
    known = set(before.module.state_dict())
    persistent = {name.lstrip(".") for name, role in promised.items() if role is Role.PERSISTENT}
    tensors = {name.lstrip(".") for name in before.held}
    hidden = [pattern.lstrip(".") for pattern in patterns if pattern not in promised]
    gained = {key for key in after.module.state_dict() if key not in known and not matches(key, hidden)}
    assert gained == (persistent & tensors) - known
    after.module.load_state_dict(after.module.state_dict())
    assert after.used == before.used


@pytest.mark.parametrize("case", _runnable("clean"), ids=str)
def test_clean_fixtures_construct(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(run(case.text, monkeypatch).module, nn.Module)


@pytest.mark.filterwarnings("ignore")  # TorchScript is deprecated
@pytest.mark.parametrize("case", _runnable("before"), ids=str)
def test_what_torchscript_takes_it_takes_mended(case: Case, tmp_path: Path) -> None:
    safe = mend({FILE: case.text}, replace(case.settings, unsafe_fixes=False))

    before = scripted(case.text, tmp_path / "before.py")
    after = scripted(mended({FILE: case.text}, safe)[FILE], tmp_path / "after.py")

    assert before <= after, before - after


class Run:
    """A fixture executed: its module, what it holds, and what ``use`` computes with it."""

    def __init__(self, module: nn.Module, used: Held | None) -> None:
        self.module = module
        self.held = held(module)
        self.used = used


def run(text: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Execute a fixture's code, from a seed, as the module ``fixture``."""
    namespace = ModuleType("fixture")
    monkeypatch.setitem(sys.modules, "fixture", namespace)
    random.seed(0)
    torch.manual_seed(0)
    exec(compile(text, FILE, "exec", dont_inherit=True), vars(namespace))
    module = namespace.build()
    return Run(module, describe(namespace.use(module)) if hasattr(namespace, "use") else None)


def scripted(text: str, path: Path) -> set[str]:
    """The submodules of a fixture's module, by dotted path, that TorchScript compiles: it reads code from a file."""
    path.write_text(text)
    spec = spec_from_file_location("fixture", path)
    assert spec is not None and spec.loader is not None
    namespace = module_from_spec(spec)
    random.seed(0)
    torch.manual_seed(0)
    spec.loader.exec_module(namespace)
    return {name for name, part in namespace.build().named_modules() if name and compiles(part)}


def compiles(module: nn.Module) -> bool:
    try:
        torch.jit.script(module)
    except Exception:
        return False
    return True


def comparable(tensors: dict[str, Held]) -> dict[str, Held]:
    return {name: replace(one, role=Role.PLAIN) for name, one in tensors.items()}


def registrations(result: FixResult, module: nn.Module) -> dict[str, Role]:
    """The names, dotted from ``module``, of what the fixes registered, in all instances of the fixed classes.

    A finding that says nothing of persistence is of a rule whose fix leaves roles as they are.
    """
    every = [finding for change in result.changes for finding in change.fixed]
    fixed = [finding for finding in every if finding.persistent is not None]
    return {
        f"{prefix}.{_mangled(finding)}": Role.PERSISTENT if finding.persistent else Role.NON_PERSISTENT
        for prefix, part in module.named_modules()
        for finding in _of(type(part), fixed)
    }


def added(result: FixResult, module: nn.Module) -> list[str]:
    """Patterns of the names, dotted from ``module``, under which the fixes register what was hidden: members of
    containers, parameters of distributions, tensors of the class."""
    every = [finding for change in result.changes for finding in change.fixed if finding.fix is not None]
    return [
        f"{prefix}.{key}"
        for prefix, part in module.named_modules()
        for finding in _of(type(part), every)
        for key in (finding.fix.adds_keys if finding.fix else ())
    ]


def matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _of(cls: type, findings: Iterable[Finding]) -> list[Finding]:
    names = {ancestor.__qualname__ for ancestor in cls.__mro__}
    return [finding for finding in findings if finding.class_name in names]


def _mangled(finding: Finding) -> str:
    """The attribute's name as the instance has it."""
    owner = finding.class_name.rpartition(".")[2].lstrip("_")
    private = finding.attribute.startswith("__") and not finding.attribute.endswith("__")
    return f"_{owner}{finding.attribute}" if private else finding.attribute
