"""A class's ancestors come in the order in which Python has them, also of very many bases."""

from __future__ import annotations

import random
import time

import pytest

from bufferlint.engine import analyse
from bufferlint.ir.definitions import Outline
from bufferlint.resolution import hierarchy
from bufferlint.resolution.hierarchy import Hierarchy
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef
from bufferlint.settings import Settings
from bufferlint.syntax.reader import SyntaxReader
from bufferlint.text.source import Source
from tests.memory import MemoryWorkspace, at
from tests.test_growth import chain


def orders(text: str) -> dict[str, list[str]]:
    """The ancestors of each class of a file, the class itself first, as far as they stand in it."""
    reader = SyntaxReader(MemoryWorkspace({"m.py": text}))
    hierarchy = Hierarchy(reader, Names(reader), ())
    outline = reader.outline(at("m.py"))
    assert isinstance(outline, Outline)
    refs = [ClassRef(at("m.py"), header) for header in outline.classes]
    return {ref.header.qualname: [each.header.qualname for each in hierarchy.lineage(ref).classes] for ref in refs}


@pytest.mark.parametrize("seed", range(5))
def test_ancestors_come_in_pythons_order(seed: int) -> None:
    chance = random.Random(seed)
    made: dict[str, type] = {}
    lines = []
    for number in range(60):
        bases = chance.sample(sorted(made), chance.randint(0, min(4, len(made))))
        try:
            made[f"C{number}"] = type(f"C{number}", tuple(made[base] for base in bases), {})
        except TypeError:  # Python finds no order
            continue
        lines.append(f"class C{number}({', '.join(bases)}): pass\n")
    expected = {name: [each.__name__ for each in kind.__mro__[:-1]] for name, kind in made.items()}
    assert orders("".join(lines)) == expected and len(made) > 20


def test_bases_that_python_refuses_are_all_there() -> None:
    found = orders("class A: pass\nclass B(A): pass\nclass C(A, B): pass\nclass D(A, A): pass\nclass E(E): pass\n")
    assert set(found["C"]) == {"A", "B", "C"} and found["D"] == ["D", "A"] and found["E"] == ["E"]


def test_thousands_of_bases_are_no_matter() -> None:
    names = [f"X{number}" for number in range(5000)]
    text = "".join(f"class {name}: pass\n" for name in names) + f"class N({', '.join(names)}): pass\n"
    began = time.process_time()
    assert orders(text)["N"] == ["N", *names]
    assert time.process_time() - began < 20, "with a look at every tail for each base it takes minutes"


def test_a_chain_is_followed_however_its_classes_are_ordered() -> None:
    count = 600
    classes = [f"class C{number}(C{number + 1}): pass\n" for number in range(count)] + [f"class C{count}: pass\n"]
    assert len(orders("".join(classes))["C0"]) == count + 1
    assert len(orders("".join(reversed(classes)))["C0"]) == count + 1


def test_a_circle_of_classes_ends() -> None:
    count = 3000
    found = orders("".join(f"class C{number}(C{(number + 1) % count}): pass\n" for number in range(count)))
    assert all(name in order for name, order in found.items())


def test_too_many_ancestors_in_all_are_a_problem_that_names_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hierarchy, "_MOST_ANCESTORS", 200)
    text = chain(40)

    report = analyse([at("m.py")], MemoryWorkspace({"m.py": Source(at("m.py"), text)}), Settings())

    (problem,) = report.problems
    assert problem.cause == (
        "its classes inherit from more than 200 classes in all: N18 is left out, and what else is too much"
    )
    assert problem.location is not None and text.splitlines()[problem.location.row - 1].startswith("class N18")
    assert len(report.findings) == 18
