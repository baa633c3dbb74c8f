"""Skips classes whose construction keeps no modules in a plain container, told from the statements of its text.

A container is kept where an attribute is assigned a list, tuple, dict or partial call, or a local that is one, and a
module may be made for it: within its brackets, or in what is appended to it. A class that only has submodules assigns
calls (``self.net = nn.Sequential(*layers)``), and is skipped.
"""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bufferlint.ir.reader import Reader
from bufferlint.prefilter.module_statements import (
    CHAIN,
    Statements,
    logical_lines,
    parameters,
    without_strings,
    without_words,
)
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, GlobalRef, Reference
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named

_STARTS = frozenset({"__init__", "__post_init__", "__attrs_post_init__"})
_MAY_KEEP = re.compile(
    r"""(?x) (?:=|\bor\b|\band\b|\belse\b)\s*
        (?:[\[({]|(?:list|tuple|dict|sorted|set)\s*\(|(?:functools\s*\.\s*)?partial\b)
    | \.\s*\w+\s*=\s*(?:self\s*\.\s*)?[a-z_]\w*\s*\( | \breturn\b | ,"""
)
"""Code without any of these keeps no container: no group in a value, no result of a function, no return, no tuple."""
_CALLS_A_RESULT = re.compile(r"[\])]\s*\(")
_ON_INSTANCE = re.compile(r"(?:self|cls)\b")
_AFTER_SUPER = re.compile(r"\bsuper\s*\([^()]*\)\s*\.\s*(\w+)")
_DEFINED = re.compile(r"\bdef\s+(\w+)")
_BASES_KEPT = 64
_DEEPEST = 20
"""Calls of functions of the project that are looked into; what lies deeper may be anything."""
_NONE = frozenset[str]()
_Place = tuple[str, Span]

_OF_CONTAINERS = frozenset(name for kind in (dict, list, set, str) for name in dir(kind))
"""Methods that give back what is in a container, or text: no module that is new."""
_NO_MODULES = frozenset({"builtins", "math", "numpy", "typing", "os", "re", "itertools"})


class _Kept(NamedTuple):
    """One piece of code: does it store a container with modules? ``returns`` are the names of the functions in it,
    itself included, where one returns such a container; ``results`` those whose result it stores, ``functions`` the
    project's among these. ``words`` may be methods of the instance, ``plain`` are attributes that it assigns
    what may be a container, ``filled`` those that it adds modules to."""

    stores: bool = False
    returns: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    functions: tuple[FunctionRef, ...] = ()
    results: frozenset[str] = frozenset()
    made_by: frozenset[str] = frozenset()
    """Names that it calls on the instance, which may give modules."""
    makers_are_given: bool = False
    """It calls what it is handed, which may give modules."""


class _Found:
    """What several pieces of code do together; ``base`` is what those of a base do, which count too."""

    def __init__(self, kept: Iterable[_Kept], base: _Found | None = None) -> None:
        every = tuple(kept)
        self.stores: bool = any(each.stores for each in every) or (base is not None and base.stores)
        self.words: frozenset[str] = _together((each.words for each in every), base.words if base else _NONE)
        self.made_by: frozenset[str] = _together((each.made_by for each in every), base.made_by if base else _NONE)
        self._plain: frozenset[str] = _together((each.plain for each in every), base._plain if base else _NONE)
        self._filled: frozenset[str] = _together((each.filled for each in every), base._filled if base else _NONE)
        self._results: frozenset[str] = _together((each.results for each in every), base._results if base else _NONE)
        self._returns: frozenset[str] = _together((each.returns for each in every), base._returns if base else _NONE)

    def completes(self, other: _Found) -> bool:
        """Returns whether this code adds modules to what the other stores, or stores what the other returns."""
        return not self._filled.isdisjoint(other._plain) or not self._results.isdisjoint(other._returns)


class _Reached:
    """The code that constructing a class may run: what the class adds to its base, and what its base runs."""

    def __init__(self, own: Mapping[_Place, _Kept], methods: frozenset[str], base: _Reached | None) -> None:
        self.own = own
        self.base = base
        self.methods = methods
        """The names of all methods of the class."""
        self.found: _Found = _Found(own.values(), base.found if base is not None else None)
        self.making_what_is_given: tuple[_Kept, ...] = (
            *(base.making_what_is_given if base is not None else ()),
            *(kept for kept in own.values() if kept.makers_are_given),
        )

    def holds(self, place: _Place) -> bool:
        return any(place in each.own for each in self._layers())

    def kept(self) -> Iterator[_Kept]:
        for each in self._layers():
            yield from each.own.values()

    def _layers(self) -> Iterator[_Reached]:
        each: _Reached | None = self
        while each is not None:
            yield each
            each = each.base


class ModulePrefilter:
    """Answers for the classes of a project."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy) -> None:
        self._reader = reader
        self._names = names
        self._hierarchy = hierarchy
        self._kept: dict[_Place, _Kept] = {}
        self._bases: dict[tuple[str, int], _Reached] = {}
        """What the bases asked about last reach; most classes share theirs."""
        self._methods: dict[tuple[str, int], dict[str, tuple[_Place, ...]]] = {}
        self._roots: dict[tuple[str, str], Reference | None] = {}
        self._making: dict[_Place, bool] = {}
        self._depth = 0

    def may_keep_modules(self, ref: ClassRef) -> bool:
        """A class that is skipped certainly leaves no module in a plain container that its base alone does not leave.

        What construction runs of a base is judged where the base is asked about. It counts here once more where the
        class has a say in what is made: by a name of its own that the code calls on the instance, or by what it hands
        over.
        """
        lineage = self._hierarchy.lineage(ref)
        base = self._reached_by_base(lineage)
        reached = self._reached(lineage, base)
        again: tuple[_Kept, ...] = ()
        if base is not None:
            own = self._defined(lineage)
            again = base.making_what_is_given
            if not own.isdisjoint(base.found.made_by):
                again += tuple(kept for kept in base.kept() if not own.isdisjoint(kept.made_by))
        every, new = reached.found, _Found((*reached.own.values(), *again))
        return new.stores or new.completes(every) or every.completes(new)

    def _defined(self, lineage: Lineage) -> frozenset[str]:
        """The names that a class gives, and those of its ancestors that nobody asks about alone."""
        base = self._hierarchy.asked_alone(lineage)
        above = base.keys if base is not None else frozenset[tuple[str, int]]()
        layer = [owner.header for owner in lineage.classes if owner.key not in above]
        own = {method.name for header in layer for method in header.methods}
        return frozenset(own | {name.name for header in layer for name in header.names or ()})

    def _reached_by_base(self, lineage: Lineage) -> _Reached | None:
        """Returns what the base of a class that is judged by itself reaches, its own base first: chains are long."""
        unknown: list[Lineage] = []
        found: _Reached | None = None
        above = self._hierarchy.asked_alone(lineage)
        while above is not None:
            found = self._bases.get(above.classes[0].key)
            if found is not None:
                break
            unknown.append(above)
            above = self._hierarchy.asked_alone(above)
        for each in reversed(unknown):
            found = self._reached(each, found)
            self._bases = dict([*self._bases.items(), (each.classes[0].key, found)][-_BASES_KEPT:])
        return found

    def _reached(self, lineage: Lineage, base: _Reached | None) -> _Reached:
        """The code that construction may run, where what a base runs is known."""
        every = any(owner.header.metaclass for owner in lineage.classes)
        above = self._hierarchy.asked_alone(lineage)
        new = lineage.classes
        if base is not None and above is not None:
            if every and not any(owner.header.metaclass for owner in above.classes):
                base = None  # a metaclass may call any method, of the base too
            else:
                new = tuple(owner for owner in lineage.classes if owner.key not in above.keys)
        words = base.found.words if base is not None else _NONE
        methods = set[_Place]()
        named = _together((frozenset(self._places(each)) for each in new), base.methods if base else _NONE)
        for owner in new:
            places = self._places(owner)
            names = places.keys() if every else places.keys() & words | places.keys() & _STARTS
            methods.update(place for name in names for place in places[name])
        own: dict[_Place, _Kept] = {}
        pending, seen = set(methods), set(methods)
        while pending:
            place = pending.pop()
            if base is not None and base.holds(place):
                continue
            kept = own[place] = self._of(*place, place in methods)  # the verdict on a class can be found again
            more = {(function.path, function.header.span) for function in kept.functions}
            called = (kept.words & named) - words
            for owner in lineage.classes if called else ():
                places = self._places(owner)
                methods.update(place for name in places.keys() & called for place in places[name])
            words |= called
            more |= methods
            pending |= more - seen
            seen |= more
        return _Reached(own, named, base)

    def _places(self, owner: ClassRef) -> dict[str, tuple[_Place, ...]]:
        if owner.key not in self._methods:
            found: dict[str, tuple[_Place, ...]] = {}
            for header in owner.header.methods:
                found[header.name] = (*found.get(header.name, ()), (owner.path, header.span))
            self._methods[owner.key] = found
        return self._methods[owner.key]

    def _of(self, path: str, span: Span, judging: bool) -> _Kept:
        if (path, span) not in self._kept:
            self._kept[path, span] = self._read(path, self._reader.code(path, span, judging))
        return self._kept[path, span]

    def _read(self, path: str, code: str) -> _Kept:
        text = without_words(code)
        chains = dict.fromkeys(CHAIN.findall(text))
        on_self = ("".join(chain.split()).split(".") for chain, _ in chains if _ON_INSTANCE.match(chain))
        words = frozenset(word for chain in on_self for word in chain[1:]) | frozenset(_AFTER_SUPER.findall(text))
        if not _MAY_KEEP.search(code):
            return _Kept(words=words)
        called = {"".join(chain.split()) for chain, opening in chains if opening and not keyword.iskeyword(chain)}
        nested = called.intersection(_DEFINED.findall(text))  # what they call stands in this code too
        makers = frozenset(chain for chain in called - nested if self._makes_modules(path, chain))
        makers |= nested if makers or _CALLS_A_RESULT.search(text) else frozenset()
        classes = frozenset(chain for chain in makers if self._is_module_class(path, chain))
        statements = list(logical_lines(without_strings(code)))
        piece = Statements(makers, classes)
        while piece.grows(statements):
            pass
        called = piece.called
        found = tuple(dict.fromkeys(each for chain in sorted(called) for each in self._functions(path, chain)))
        results = frozenset(chain.rpartition(".")[2] for chain in called)
        results |= {function.header.name for function in found}
        name = _DEFINED.search(text)
        returns = frozenset(_DEFINED.findall(text) if piece.returns else ())
        plain, filled = frozenset(piece.plain), frozenset(piece.filled)
        made_by = frozenset(chain.rpartition(".")[2] for chain in makers if _ON_INSTANCE.match(chain))
        are_given = not makers.isdisjoint(parameters(text, name.end() if name else 0))
        return _Kept(piece.stores, returns, plain, filled, words, found, results, made_by, are_given)

    def _functions(self, path: str, chain: str) -> Iterator[FunctionRef]:
        """The functions of the project that a name may stand for; those of a module-level dict are in its values."""
        found = self._root(path, chain.partition(".")[0])
        if isinstance(found, FunctionRef):
            yield found
        if isinstance(found, GlobalRef):
            code = self._reader.code(found.path, found.name.span)
            named = (self._root(found.path, "".join(each.split())) for each, _ in CHAIN.findall(code))
            yield from (each for each in named if isinstance(each, FunctionRef))

    def _is_module_class(self, path: str, chain: str) -> bool:
        found = self._meaning(path, chain)
        if isinstance(found, ClassRef):
            return bool(self._hierarchy.lineage(found).is_module)
        return isinstance(found, External) and torch_api.named(found.name) is Named.MODULE_CLASS

    def _meaning(self, path: str, chain: str) -> Reference | None:
        first, *rest = chain.split(".")
        found = self._root(path, first)
        for attribute in rest:
            found = self._names.member(found, attribute, path) if found is not None else None
        return found

    def _makes_modules(self, path: str, chain: str) -> bool:
        """May calling a name give a module? Classes, functions of the project, methods, locals."""
        first, *rest = chain.split(".")
        if first in ("self", "cls", "super"):
            return (len(rest) == 1 and rest[0] not in torch_api.module_names()) or first == "super"
        found = self._meaning(path, chain)
        if isinstance(found, External):
            kind = torch_api.named(found.name)
            known = kind in (Named.MODULE_CLASS, Named.PARAMETER_CLASS) or not found.name.startswith("torch.")
            return known and found.name.partition(".")[0] not in _NO_MODULES
        if isinstance(found, ClassRef):
            return self._hierarchy.lineage(found).is_module is not False
        if isinstance(found, FunctionRef):
            return self._function_makes(found)
        return not rest and not hasattr(builtins, first) and first not in _OF_CONTAINERS

    def _function_makes(self, function: FunctionRef) -> bool:
        """May a function of the project give a module that is new? One that calls nothing that does gives none."""
        key = (function.path, function.header.span)
        if key not in self._making and self._depth < _DEEPEST:
            self._making[key] = True  # one that calls itself, until more is known
            self._depth += 1
            self._making[key] = self._code_makes(function.path, self._reader.code(*key))
            self._depth -= 1
        return self._making.get(key, True)

    def _code_makes(self, path: str, code: str) -> bool:
        whole = without_words(code)
        text, nested = _DEFINED.sub("", whole), frozenset(_DEFINED.findall(whole))
        if _CALLS_A_RESULT.search(text):
            return True
        for written, opening in dict.fromkeys(CHAIN.findall(text)):
            chain = "".join(written.split())
            name = chain.partition(".")[0]
            found = self._root(path, name) if not keyword.iskeyword(name) else None
            is_called = opening and not keyword.iskeyword(chain) and chain not in nested
            if isinstance(found, GlobalRef) or (is_called and self._makes_modules(path, chain)):
                return True
        return False

    def _root(self, path: str, name: str) -> Reference | None:
        if (path, name) not in self._roots:
            plain = name != "super" and not name.startswith("__")  # no file binds those: no edit is to count for them
            self._roots[path, name] = self._names.lookup(path, name) if plain else None
        return self._roots[path, name]


def _together(parts: Iterable[frozenset[str]], known: frozenset[str]) -> frozenset[str]:
    """The words of all parts and those known before; these themselves where there is none besides."""
    more = set[str]().union(*parts)
    return known if more <= known else known | more
