"""Runs the constructor of a class for what the interpreter knows of its attributes at the end."""

from __future__ import annotations

import textwrap

from bufferlint.interpreter.events import Event
from bufferlint.interpreter.execution import Execution
from bufferlint.interpreter.state import Instance
from bufferlint.interpreter.values import Arguments, Kind, Value
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, FunctionRef, SelfRef
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at

HEAD = """\
import math
from typing import List, NamedTuple, Union
import numpy as np
import torch
from torch import Tensor, nn
"""
_SELF = Value(frozenset({Kind.MODULE}), reference=SelfRef())
_ANYTHING = Arguments((), {}, open=True)


def ran(code: str, name: str = "Net") -> tuple[dict[str, Value], tuple[Event, ...]]:
    """What each attribute of ``Net`` holds once it is built, and the events of its construction."""
    path = at("m.py")
    reader = SyntaxReader(MemoryWorkspace({"m.py": Source(path, HEAD + textwrap.dedent(code))}))
    names = Names(reader)
    hierarchy = Hierarchy(reader, names, ())
    outline = names.outline(path)
    assert outline is not None
    ref = ClassRef(path, next(header for header in outline.classes if header.qualname == name))
    execution = Execution(reader, names, hierarchy, frozenset())
    lineage = hierarchy.lineage(ref)
    execution.begin(lineage, Instance({}, frozenset({False}), lineage))
    found = lineage.find("__init__")
    assert isinstance(found, FunctionRef)
    execution.run(found, _ANYTHING, _SELF)
    assert execution.instance is not None
    return {attr: slot.value for attr, slot in execution.instance.slots.items()}, execution.log.events()


def built(body: str, parameters: str = "", before: str = "") -> dict[str, Value]:
    """What the attributes hold of a module whose ``__init__`` has the body."""
    lines = textwrap.indent(textwrap.dedent(body).strip("\n"), "        ")
    head = f"{textwrap.dedent(before)}\nclass Net(nn.Module):\n    def __init__(self, {parameters}):\n"
    return ran(f"{head}        super().__init__()\n{lines}\n")[0]


def kinds(body: str, parameters: str = "", before: str = "") -> set[Kind]:
    """The kinds of the attribute ``x``."""
    return set(built(body, parameters, before)["x"].kinds)
