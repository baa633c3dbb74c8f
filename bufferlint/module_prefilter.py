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
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, GlobalRef, Reference
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Named

_STARTS = frozenset({"__init__", "__post_init__", "__attrs_post_init__"})
_STRING = re.compile(r"\"\"\"[\s\S]*?\"\"\"|'''[\s\S]*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|\#[^\n]*")
_CHAIN = re.compile(r"(?<![.\w])([^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*)(\s*\()?")
_ASSIGNED = re.compile(r"([^=()\[\]{}:]+)(?::[^=]+)?=(?!=)\s*(.*)", re.DOTALL)
_FILLED = re.compile(
    r"([\w. \t]+?)\s*(?:\[.*?\]\s*=(?!=)|\+=|\.\s*(?:append|extend|insert|add|update)\s*\()(.*)", re.DOTALL
)
_MAY_FILL = re.compile(r"\]\s*=|\+=|\.\s*(?:append|extend|insert|add|update)\s*\(")
_SUBMODULE = re.compile(r"\w+[ \t]*\.[ \t]*(\w+)[ \t]*=[ \t]*([\w.]*[A-Z]\w*)\(")
"""An attribute that is assigned what a class gives: of most statements of most constructors there is no more to say."""
_LOOP = re.compile(r"(?:async\s+)?for\s+(.+?)\s+in\s+(.*)", re.DOTALL)
_RETURN = re.compile(r"return\b\s*(.*)", re.DOTALL)
_GROUP = re.compile(
    r"[\[({]|(?:list|tuple|dict|set|sorted|OrderedDict|(?:collections\s*\.\s*)?OrderedDict)\s*\(|(?:functools\s*\.\s*)?partial\s*\("
)
_WORD_OR_BRACKET = re.compile(r"[()\[\]{}]|\b(?:if|else|or|and)\b")
_MAY_KEEP = re.compile(
    r"""(?x) (?:=|\bor\b|\band\b|\belse\b)\s*
        (?:[\[({]|(?:list|tuple|dict|sorted|set)\s*\(|(?:functools\s*\.\s*)?partial\b)
    | \.\s*\w+\s*=\s*(?:self\s*\.\s*)?[a-z_]\w*\s*\( | \breturn\b | ,"""
)
"""Code without any of these keeps no container: no group in a value, no result of a function, no return, no tuple."""
_CALLS_A_RESULT = re.compile(r"[\])]\s*\(")
_MARK = re.compile(r"[()\[\]{}\n;]")
_NAME = re.compile(r"[^\W\d]\w*\Z")
_ON_INSTANCE = re.compile(r"(?:self|cls)\b")
_AFTER_SUPER = re.compile(r"\bsuper\s*\([^()]*\)\s*\.\s*(\w+)")
_DEFINED = re.compile(r"\bdef\s+(\w+)")
_BASES_KEPT = 64
_DEEPEST = 20
"""Brackets, and calls of functions of the project, that are looked into; what lies deeper may be anything."""
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
        """What the base of a class that is judged by itself reaches, its own base first: chains are long."""
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
        text = _STRING.sub(_without_words, code)
        chains = dict.fromkeys(_CHAIN.findall(text))
        on_self = ("".join(chain.split()).split(".") for chain, _ in chains if _ON_INSTANCE.match(chain))
        words = frozenset(word for chain in on_self for word in chain[1:]) | frozenset(_AFTER_SUPER.findall(text))
        if not _MAY_KEEP.search(code):
            return _Kept(words=words)
        called = {"".join(chain.split()) for chain, opening in chains if opening and not keyword.iskeyword(chain)}
        nested = called.intersection(_DEFINED.findall(text))  # what they call stands in this code too
        makers = frozenset(chain for chain in called - nested if self._makes_modules(path, chain))
        makers |= nested if makers or _CALLS_A_RESULT.search(text) else frozenset()
        classes = frozenset(chain for chain in makers if self._is_module_class(path, chain))
        statements = list(_statements(_STRING.sub(_blank, code)))
        piece = _Piece(makers, classes)
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
        are_given = not makers.isdisjoint(_parameters(text, name.end() if name else 0))
        return _Kept(piece.stores, returns, plain, filled, words, found, results, made_by, are_given)

    def _functions(self, path: str, chain: str) -> Iterator[FunctionRef]:
        """The functions of the project that a name may stand for; those of a module-level dict are in its values."""
        found = self._root(path, chain.partition(".")[0])
        if isinstance(found, FunctionRef):
            yield found
        if isinstance(found, GlobalRef):
            code = self._reader.code(found.path, found.name.span)
            named = (self._root(found.path, "".join(each.split())) for each, _ in _CHAIN.findall(code))
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
        whole = _STRING.sub(_without_words, code)
        text, nested = _DEFINED.sub("", whole), frozenset(_DEFINED.findall(whole))
        if _CALLS_A_RESULT.search(text):
            return True
        for written, opening in dict.fromkeys(_CHAIN.findall(text)):
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


class _Piece:
    """What the statements of one piece of code do with what ``makers`` give."""

    def __init__(self, makers: frozenset[str], classes: frozenset[str]) -> None:
        self._makers = makers
        self._classes = classes
        self._made: set[str] = set()
        self._groups: set[str] = set()
        self.stores = self.returns = False
        self.plain: set[str] = set()
        self.filled: set[str] = set()
        self.results: set[str] = set()
        """Calls whose result an attribute is assigned, or the code returns."""
        self.aliases: dict[str, set[str]] = {}
        """Locals, with the names in what they are assigned: each may be another name of a function."""

    @property
    def called(self) -> set[str]:
        """The names of what gives the results, and those that they may stand for."""
        found, pending = set(self.results), [*self.results]
        while pending:
            of = pending.pop()
            more = self.aliases.get(of, set()) - found
            found |= more
            pending += more
        return found

    def grows(self, statements: list[str]) -> bool:
        """Go over the statements; False once nothing new is learned."""
        before = len(self._made) + len(self._groups)
        for statement in statements:
            self._statement(statement)
        return not self.stores and len(self._made) + len(self._groups) > before

    def _statement(self, statement: str) -> None:
        simple = _SUBMODULE.match(statement)
        if simple and _closing(statement, simple.end(2)) == len(statement) - 1 and not _GROUP.match(simple[2] + "("):
            self.results.add(simple[2])
            self.plain.update([simple[1]] if simple[2] not in self._classes else [])
            return
        loop, returned = _LOOP.match(statement), _RETURN.match(statement)
        if loop:
            if self._is_made(loop[2]):
                self._made.update(_CHAIN.findall(loop[1])[at][0] for at in range(len(_CHAIN.findall(loop[1]))))
            return
        if returned:
            for each in _alternatives(returned[1]):
                self.returns = self.returns or self._is_group(each)
                chain = _CHAIN.match(each)
                self.results.update(["".join(chain[1].split())] if chain and chain[2] else [])
            return
        filled = _FILLED.match(statement) if _MAY_FILL.search(statement) else None
        assigned = _ASSIGNED.match(statement) if "=" in statement else None
        if filled and (not assigned or "[" in filled[0] or self._is_made(filled[2])):
            self._filled(filled[1].strip(), filled[2])
        if assigned:
            self._assigned(assigned[1].strip(), assigned[2])

    def _filled(self, target: str, value: str) -> None:
        if self._is_made(value):
            self._made.add(target)
            self._groups.add(target)
            self.filled.update([target.rpartition(".")[2].strip()] if "." in target else [])

    def _assigned(self, target: str, value: str) -> None:
        names = [name.strip(" *()") for name in target.split(",")]
        own = [name.rpartition(".")[2].strip() for name in names if name.count(".") == 1]
        for each in _alternatives(value):
            is_group = self._is_group(each)
            self._of_one(own, len(names) > 1, each, is_group)
            local = [name for name in names if "." not in name]
            if is_group or self._is_made(each):
                self._made.update(local)
                self._groups.update(local if is_group else ())
            for name in local:
                self.aliases.setdefault(name, set()).update("".join(chain.split()) for chain, _ in _CHAIN.findall(each))

    def _of_one(self, own: list[str], is_unpacked: bool, value: str, is_group: bool) -> None:
        """Attributes ``own`` are assigned a value, or what it is unpacked to."""
        if not own:
            return
        chain = _CHAIN.match(value)
        is_call = bool(chain and chain[2]) and self._is_one_call(value)
        name = "".join(chain[1].split()) if chain and chain[2] else ""
        self.results.update([name] if name else [])
        self.stores = self.stores or is_group or (is_unpacked and not is_call and self._is_made(value))
        if not (is_call and name in self._classes):
            self.plain.update(own)

    def _is_group(self, value: str) -> bool:
        """Is it a container for which modules may be made?"""
        if _NAME.match(value):
            return value in self._groups and value in self._made
        written = bool(_GROUP.match(value)) or "[" in value or "," in _outside_brackets(value)
        return written and self._is_made(value) and not self._is_one_call(value)

    def _is_one_call(self, value: str) -> bool:
        """Is it one call of a maker, whatever its arguments are: ``nn.Sequential(*[...])``?"""
        chain = _CHAIN.match(value)
        if not chain or not chain[2] or _GROUP.match(value):
            return False
        return not _outside_brackets(value)[len(chain[1].strip()) :].strip(" ().") and "".join(chain[1].split()) != ""

    def _is_made(self, value: str) -> bool:
        return any(
            (called and "".join(chain.split()) in self._makers) or chain.partition(".")[0].strip() in self._made
            for chain, called in _CHAIN.findall(value)
        )


def _together(parts: Iterable[frozenset[str]], known: frozenset[str]) -> frozenset[str]:
    """The words of all parts and those known before; these themselves where there is none besides."""
    more = set[str]().union(*parts)
    return known if more <= known else known | more


def _parameters(code: str, start: int) -> set[str]:
    """The names in the parameters of a function whose name ends at ``start``."""
    depth = 0
    for mark in _MARK.finditer(code, start):
        depth += (mark[0] in "([{") - (mark[0] in ")]}")
        if depth == 0 and mark[0] == ")":
            return {chain for chain, _ in _CHAIN.findall(code, start, mark.start())}
    return set()


def _without_words(found: re.Match[str]) -> str:
    """Leaves out comments and strings, which are words for people; what an f-string calls is code."""
    is_formatted = found.string[found.start() - 1 : found.start()] in ("f", "F") and found.start() > 0
    return found[0] if is_formatted else _blank(found)


def _blank(found: re.Match[str]) -> str:
    return "" if found[0].startswith("#") else '""'


def _statements(code: str) -> Iterator[str]:
    """The logical lines of a text without strings and comments; a line's ``if ...:`` before a statement left out."""
    depth, start = 0, 0
    for mark in _MARK.finditer(code):
        letter = mark[0]
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
        elif depth <= 0:
            yield from _simple(code[start : mark.start()].strip())
            start = mark.end()
    yield from _simple(code[start:].strip())


_COMPOUND = re.compile(r"(?:if|elif|else|while|with|try|finally|except|case)\b")


def _simple(line: str) -> Iterator[str]:
    if not line:
        return
    if _COMPOUND.match(line) and ":" in line:
        outside = 0
        for at, letter in enumerate(line):
            outside += (letter in "([{") - (letter in ")]}")
            if letter == ":" and outside == 0:
                line = line[at + 1 :].strip()
                break
    if line:
        yield line


def _alternatives(value: str) -> Iterator[str]:
    """The values that an expression may have: ``a`` and ``b`` of ``a if c else b`` and of ``a or b``; ``c`` is among
    them too."""
    pending = [(value, 0)]
    while pending:
        whole, depth = pending.pop()
        each = whole.strip()
        if depth == _DEEPEST:
            yield each
        elif each.startswith("(") and _closing(each) == len(each) - 1 and "," not in _outside_brackets(each[1:-1]):
            pending.append((each[1:-1], depth + 1))
        else:
            places = list(_top_level_words(each))
            starts, ends = [0, *(end for _, end in places)], [*(start for start, _ in places), len(each)]
            pieces = [each[start:end] for start, end in zip(starts, ends, strict=True)]
            if len(pieces) == 1:
                yield each
            else:
                pending += [(piece, depth + 1) for piece in pieces]


def _top_level_words(value: str) -> Iterator[tuple[int, int]]:
    """The places of the keywords of an expression that stand in no brackets."""
    depth = 0
    for found in _WORD_OR_BRACKET.finditer(value):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0 and found[0].isalpha():
            yield found.span()


def _closing(value: str, start: int = 0) -> int:
    """The place of the bracket that closes the first one from ``start`` on."""
    depth = 0
    for found in _MARK.finditer(value, start):
        depth += (found[0] in "([{") - (found[0] in ")]}")
        if depth == 0:
            return found.start()
    return -1


def _outside_brackets(value: str) -> str:
    """A text with what stands in brackets left out."""
    out, depth = [], 0
    for letter in value:
        depth -= letter in ")]}"
        if depth == 0:
            out.append(letter)
        depth += letter in "([{"
    return "".join(out)
