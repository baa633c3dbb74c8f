"""Skips classes whose construction mentions nothing that can make, hold or hand over a tensor.

A tensor begins somewhere: with a function or class of torch that gives one, a parameter or buffer of a layer, an
annotation, a registration. Code that mentions no such beginning, and reaches by name no code that does, leaves nothing
to report. Names are read off the text, comments and strings included: that may let a class through, never skip one.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from bufferlint.ir.definitions import FunctionHeader
from bufferlint.ir.reader import Reader
from bufferlint.resolution.call_sites import CallSites, Place
from bufferlint.resolution.hierarchy import Hierarchy, Lineage
from bufferlint.resolution.names import Names
from bufferlint.resolution.references import ClassRef, External, FunctionRef, GlobalRef, Namespace, Reference
from bufferlint.text.span import Span
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model import operations
from bufferlint.torch_model.api import Named

_CHAIN = re.compile(r"([^\W\d]\w*(?:[ \t]*\.[ \t]*[^\W\d]\w*)*)([ \t]*\()?")
"""Names joined by dots, and whether they are called."""
_MEMBER = re.compile(r"[\])][ \t]*\.[ \t]*(\w+)")
"""An attribute of what a call or a subscript gives."""
_STORED = re.compile(r"\.[ \t]*(\w+)[ \t]*(?:=(?!=)|[,:)]|\]|$)|[\"'](\w+)[\"']", re.MULTILINE)
"""Attributes that may be set, by their own name or by a string."""
_SETS = re.compile(r"\w[ \t]*\.[ \t]*\w+[ \t]*=(?!=)|\bsetattr\b")
"""A store on an object, or what may be one."""
_IMPORT = re.compile(r"(?m)^[ \t]*(?:import|from)[ \t][^\r\n]*")
_BRACKET = re.compile(r"[()\[\]{}]|\"[^\"\n]*\"|'[^'\n]*'")
_KEYWORDS = frozenset(keyword.kwlist)
_STARTS = ("__init__", "__post_init__", "__attrs_post_init__")
_PLAIN_METACLASSES = frozenset({None, "ABCMeta", "abc.ABCMeta", "EnumMeta"})
_BEGINNINGS = frozenset({
    Named.TENSOR_CLASS, Named.PARAMETER_CLASS, Named.BUFFER_CLASS, Named.HOLDER_CLASS, Named.NAMESPACE,
})  # fmt: skip
"""Names of torch that give a tensor when they are called or annotate one; of a namespace any member may be taken."""
_ATTRIBUTES = torch_api.registered_names() | {
    "register_buffer", "register_parameter", "register_module", "add_module", "parameters", "buffers",
    "named_parameters", "named_buffers", "state_dict",
}  # fmt: skip
"""Attributes that are, give or register a tensor, whatever they are attributes of."""


class _Mentions(NamedTuple):
    """One piece of code: whether a tensor begins in it, ``words`` that may be methods of the instance, and the
    ``definitions`` of the project that it names, each with whether it is called."""

    is_beginning: bool
    words: frozenset[str] = frozenset()
    definitions: tuple[tuple[Reference, bool], ...] = ()
    asked: frozenset[str] = frozenset()
    """Attributes of anything but the instance."""

    def spelled_in(self, methods: Iterable[str]) -> set[str]:
        """The methods that ``getattr`` may find by a name put together from a word: ``f"_make_{kind}"``."""
        if "getattr" not in self.words:
            return set()
        return {name for name in methods if any(name.startswith(w) or name.endswith(w) for w in self.words)}


class _Piece(NamedTuple):
    path: str
    span: Span


_A_BEGINNING = _Mentions(True)
_Methods = dict[str, list[FunctionHeader]]


class Prefilter:
    """Answers for the classes of a project."""

    def __init__(
        self,
        reader: Reader,
        names: Names,
        hierarchy: Hierarchy,
        call_sites: CallSites,
        tensor_factories: frozenset[str],
    ) -> None:
        self._reader = reader
        self._names = names
        self._hierarchy = hierarchy
        self._call_sites = call_sites
        self._factories = tensor_factories
        self._mentions: dict[_Piece, _Mentions] = {}
        self._roots: dict[tuple[str, str], tuple[Reference, ...]] = {}
        self._scopes: dict[str, dict[str, set[str]]] = {}
        self._holding: dict[tuple[str, int], bool] = {}
        self._methods: dict[tuple[str, int], _Methods] = {}
        self._offered: dict[tuple[str, int], frozenset[str]] = {}
        self._handed: dict[tuple[str, int], bool] = {}
        self._asking: set[tuple[str, int]] = set()
        self._met: dict[tuple[str, int], tuple[ClassRef, ...]] = {}

    def may_have_findings(self, ref: ClassRef) -> bool:
        """A class that is skipped certainly has no finding of a rule that needs a tensor or a registered buffer."""
        return self._begins(self._hierarchy.lineage(ref)) or self._is_given_tensors(ref) or self._is_written_on(ref)

    # -- what construction reaches -------------------------------------------------------------------------------

    def _begins(self, lineage: Lineage) -> bool:
        """A tensor may begin in the code that constructing a class runs, or in a base, such as a distribution."""
        if any(self._is_beginning(each.name) for each in lineage.externals) or self._names_holders(lineage):
            return True
        every = any(owner.header.metaclass not in _PLAIN_METACLASSES for owner in lineage.classes)
        pending: list[_Piece] = []
        for owner in lineage.classes:
            by_name = self._by_name(owner)
            pending += [_Piece(owner.path, name.span) for name in owner.header.names]
            for start in by_name if every else _STARTS:
                pending += [_Piece(owner.path, header.span) for header in by_name.get(start, ())]
        return self._reaches(pending, lineage.classes)

    def _names_holders(self, lineage: Lineage) -> bool:
        """A class attribute may name a class of the project whose instances hold tensors; construction may call it."""
        pieces = (_Piece(owner.path, name.span) for owner in lineage.classes for name in owner.header.names)
        named = (definition for piece in pieces for definition, _ in self._mentioned(piece).definitions)
        return any(isinstance(each, ClassRef) and self._instance_begins(each) for each in named)

    def _reaches(self, pending: list[_Piece], classes: Sequence[ClassRef]) -> bool:
        """A tensor may begin in some code, or in what it names: methods of ``classes``, and definitions."""
        seen, words, asked = set(pending), set[str](), set[str]()
        objects: dict[ClassRef, None] = {}
        while pending:
            found = self._mentioned(pending.pop())
            if found.is_beginning:
                return True
            more = set[_Piece]()
            for owner in classes:
                by_name = self._by_name(owner)
                for name in by_name.keys() & (found.words - words) | found.spelled_in(by_name):
                    more.update(_Piece(owner.path, header.span) for header in by_name[name])
            words |= found.words
            asked |= found.asked
            for definition, is_called in found.definitions:
                if isinstance(definition, ClassRef) and is_called and self._instance_begins(definition):
                    return True
                if isinstance(definition, ClassRef):
                    objects[definition] = None
                more.update(self._code_of(definition))
            pending += more - seen
            seen |= more
        return bool(asked) and self._is_asked_for(asked, list(objects))

    def _is_asked_for(self, asked: set[str], objects: list[ClassRef]) -> bool:
        """An attribute or method of an object of the project, or of one that it holds, may give a tensor."""
        seen = set(objects)
        while objects:
            ref = objects.pop()
            if not asked.isdisjoint(self._offers(ref)):
                return True
            classes = self._hierarchy.lineage(ref).classes
            for owner in classes:
                by_name = self._by_name(owner)
                called = [_Piece(owner.path, each.span) for name in by_name.keys() & asked for each in by_name[name]]
                if called and self._offers_by(ref, called, classes):
                    return True
            new = set(self._objects_of(ref)) - seen
            seen |= new
            objects += new
        return False

    def _offers(self, ref: ClassRef) -> frozenset[str]:
        """The attributes under which constructing a class may leave a tensor, more of them rather than fewer."""
        if ref.key not in self._offered:
            self._offered[ref.key] = frozenset()  # one that holds itself
            lineage = self._hierarchy.lineage(ref)
            if self._begins(lineage):
                codes = (self._reader.code(o.path, each.span) for o in lineage.classes for each in o.header.methods)
                names = frozenset(name for code in codes for pair in _STORED.findall(code) for name in pair if name)
                fields = frozenset(name.name for owner in lineage.classes for name in owner.header.names)
                self._offered[ref.key] = names | fields
        return self._offered[ref.key]

    def _offers_by(self, ref: ClassRef, methods: list[_Piece], classes: Sequence[ClassRef]) -> bool:
        if ref.key in self._asking:
            return False  # a method that asks for itself
        self._asking.add(ref.key)
        found = self._reaches(methods, classes)
        self._asking.discard(ref.key)
        return found

    def _objects_of(self, ref: ClassRef) -> tuple[ClassRef, ...]:
        """The classes of the project that a class names where it is constructed."""
        if ref.key not in self._met:
            found: dict[ClassRef, None] = {}
            for owner in self._hierarchy.lineage(ref).classes:
                spans = [name.span for name in owner.header.names]
                spans += [each.span for start in _STARTS for each in self._by_name(owner).get(start, ())]
                for span in spans:
                    for chain, _ in dict.fromkeys(_CHAIN.findall(self._reader.code(owner.path, span))):
                        found.update(dict.fromkeys(self._classes_named(owner.path, chain)))
            self._met[ref.key] = tuple(found)
        return self._met[ref.key]

    def _classes_named(self, path: str, chain: str) -> Iterator[ClassRef]:
        first, *rest = chain.replace(" ", "").replace("\t", "").split(".")
        for meaning in self._root(path, first) if first not in _KEYWORDS else ():
            found = self._member(meaning, rest, path)
            if isinstance(found, ClassRef):
                yield found

    def _code_of(self, definition: Reference) -> Iterator[_Piece]:
        """The code that naming a definition may run, without constructing anything."""
        if isinstance(definition, FunctionRef):
            yield _Piece(definition.path, definition.header.span)
        elif isinstance(definition, GlobalRef):
            yield _Piece(definition.path, definition.name.span)
        elif isinstance(definition, ClassRef) and not self._hierarchy.lineage(definition).is_module:
            for owner in self._hierarchy.lineage(definition).classes:
                yield from (_Piece(owner.path, name.span) for name in owner.header.names)
                yield from (_Piece(owner.path, method.span) for method in owner.header.methods if method.is_property)

    def _instance_begins(self, ref: ClassRef) -> bool:
        """An instance of a class that is no module may hold a tensor."""
        if ref.key not in self._holding:
            self._holding[ref.key] = False  # one that holds itself
            lineage = self._hierarchy.lineage(ref)
            external = any(self._is_beginning(each.name) for each in lineage.externals)
            self._holding[ref.key] = not lineage.is_module and (external or self._begins(lineage))
        return self._holding[ref.key]

    def _by_name(self, owner: ClassRef) -> _Methods:
        if owner.key not in self._methods:
            found: _Methods = {}
            for header in owner.header.methods:
                found.setdefault(header.name, []).append(header)
            self._methods[owner.key] = found
        return self._methods[owner.key]

    # -- who constructs it ---------------------------------------------------------------------------------------

    def _is_given_tensors(self, ref: ClassRef) -> bool:
        """Some code of the project may pass a tensor to the constructor."""
        name = ref.header.name
        return any(self._passes_tensors(place, name) for place in self._call_sites.places(name)) or any(
            self._passes_tensors(place, "cls") for place in self._call_sites.builders(ref)
        )

    def _passes_tensors(self, place: Place, name: str) -> bool:
        span = place.name.span if isinstance(place, GlobalRef) else place.header.span
        code = self._reader.code(place.path, span)
        owner = place.owner if isinstance(place, FunctionRef) else None
        classes = self._hierarchy.lineage(owner).classes if owner is not None else ()
        roots = set[str]().union(*_arguments(code, name)) - _KEYWORDS
        suspicious = any(self._root(place.path, root) or _is_bound(root, code) for root in roots)
        if suspicious and self._reaches([_Piece(place.path, span)], classes):
            return True
        if owner is not None and "self" in roots and self._begins(self._hierarchy.lineage(owner)):
            return True
        hands_on = isinstance(place, FunctionRef) and not roots.isdisjoint(_parameters(code))
        return isinstance(place, FunctionRef) and hands_on and self.may_be_handed_tensors(place)

    def may_be_handed_tensors(self, place: FunctionRef) -> bool:
        """A function may hand on a tensor that it is handed: by who constructs its class, or by its file.

        One that may not is not run again for what it is handed."""
        key = (place.path, place.header.span.start)
        if key not in self._handed:
            self._handed[key] = False  # one that calls itself
            if place.owner is not None:
                self._handed[key] = place.header.name == "__init__" and self._is_given_tensors(place.owner)
            else:
                callers = self._call_sites.holding(place.path, place.header.name)
                others = (caller for caller in callers if caller != place)
                self._handed[key] = any(self._passes_tensors(caller, place.header.name) for caller in others)
        return self._handed[key]

    def _is_written_on(self, ref: ClassRef) -> bool:
        """A function of its file may store a tensor on an instance."""
        for place in self._call_sites.holding(ref.path, ref.header.name):
            span = place.header.span
            sets = place.owner is None and _SETS.search(self._reader.code(place.path, span))
            if sets and self._reaches([_Piece(place.path, span)], ()):
                return True
        return False

    # -- one piece of code ---------------------------------------------------------------------------------------

    def _mentioned(self, piece: _Piece) -> _Mentions:
        if piece not in self._mentions:
            self._mentions[piece] = self._read(piece.path, self._reader.code(*piece))
        return self._mentions[piece]

    def _read(self, path: str, code: str) -> _Mentions:
        words, asked = set[str](), set(_MEMBER.findall(code))
        definitions: dict[tuple[Reference, bool], None] = {}
        for chain, called in dict.fromkeys(_CHAIN.findall(_IMPORT.sub("", code))):
            first, *rest = chain.replace(" ", "").replace("\t", "").split(".")
            words.update(rest, [first])
            asked.update(rest[1:] if first == "self" else rest)
            if not _ATTRIBUTES.isdisjoint(rest):
                return _A_BEGINNING
            if called and (rest or [first])[-1] in operations.TELLING and (first != "self" or len(rest) > 1):
                return _A_BEGINNING  # what has such a method is a tensor
            for meaning in self._root(path, first) if first not in _KEYWORDS else ():
                found = self._member(meaning, rest, path)
                if isinstance(found, Namespace) or (isinstance(found, External) and self._is_beginning(found.name)):
                    return _A_BEGINNING  # of a module any member may be taken
                if isinstance(found, ClassRef | FunctionRef | GlobalRef):
                    definitions[found, bool(called)] = None
        if "getattr" in words:
            asked |= words
        return _Mentions(False, frozenset(words), tuple(definitions), frozenset(asked))

    def _member(self, meaning: Reference, rest: list[str], path: str) -> Reference | None:
        """Returns what a dotted name stands for; of an attribute of an unknown thing in the project, that thing."""
        for attribute in rest:
            inner = self._names.member(meaning, attribute, path)
            if inner is None:
                return None if isinstance(meaning, Namespace) else meaning
            meaning = inner
        return meaning

    def _is_beginning(self, name: str) -> bool:
        if name in self._factories or operations.is_integer_dtype(name):
            return True  # what is cast to an integer dtype is a tensor
        kind = torch_api.named(name) if name.partition(".")[0] == "torch" else None
        return kind in _BEGINNINGS or (kind is Named.FUNCTION and torch_api.may_give_tensor(name))

    def _root(self, path: str, name: str) -> tuple[Reference, ...]:
        """Returns what the first name of a chain may stand for anywhere in a file: functions have imports of their
        own."""
        key = (path, name)
        if key not in self._roots:
            scopes = ("", *sorted(self._scopes_of(path).get(name, ())))
            found = [self._names.lookup(path, name, scope) for scope in scopes]
            if name == "torch" and not any(found):
                found = [External("torch")]  # in the text of an annotation
            self._roots[key] = tuple(dict.fromkeys(each for each in found if each is not None))
        return self._roots[key]

    def _scopes_of(self, path: str) -> dict[str, set[str]]:
        """The functions of a file that import or define a name for themselves, by that name."""
        if path not in self._scopes:
            outline = self._names.outline(path)
            scopes = self._scopes[path] = {}
            for binding in outline.bindings if outline else ():
                if binding.scope:
                    scopes.setdefault(binding.name, set()).add(binding.scope)
            functions = [function.qualname for function in outline.functions] if outline else []
            for qualname in (*functions, *(header.qualname for header in (outline.classes if outline else ()))):
                scope, _, name = qualname.rpartition(".<locals>.")
                if scope:
                    scopes.setdefault(name, set()).add(scope)
        return self._scopes[path]


def _closing(code: str, start: int) -> int:
    """Returns where the bracket closes that was opened just before a place; the end of the code if nowhere."""
    depth = 1
    for bracket in _BRACKET.finditer(code, start):
        depth += (bracket[0] in "([{") - (bracket[0] in ")]}")
        if depth == 0:
            return bracket.start()
    return len(code)


def _arguments(code: str, name: str) -> Iterator[set[str]]:
    """The first names of the chains in the arguments of each call of a name."""
    for call in re.finditer(rf"\b{re.escape(name)}[ \t]*\(", code):
        given = _CHAIN.findall(code, call.end(), _closing(code, call.end()))
        yield {chain.partition(".")[0].strip() for chain, _ in given}


def _parameters(code: str) -> set[str]:
    """The names in the parameters of a function, annotations and defaults among them."""
    start = code.find("(", code.find("def "))
    return {chain for chain, _ in _CHAIN.findall(code, start, _closing(code, start + 1))} if start >= 0 else set()


def _is_bound(root: str, code: str) -> bool:
    """Some code gives a name a value that is no number for certain: it may be a tensor. What has no value there is a
    parameter or a definition; the instance counts as having one."""
    if root == "self":
        return True
    word = rf"(?<![\w.]){re.escape(root)}\b"
    target = rf"(?m)^[^=\n#]*{word}[^=\n(]*=(?!=)|{word}[ \t]*:=|\bas[ \t]+{root}\b"
    loops = re.findall(rf"\bfor\b[^\n:]*?{word}[^\n:]*?\bin\b[ \t]*(\w*)", code)
    return bool(re.search(target, code)) or any(over != "range" for over in loops)
