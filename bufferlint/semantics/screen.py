"""May a class have a finding at all? Told from the words of its code, a hundred times faster than running it.

A finding needs a tensor, and a tensor needs a beginning: a name of torch that gives one, a parameter or buffer of a
layer, a helper of the project that has one of these. Code without any is *cold*. What is let through may still be
silent; what is held back certainly is. Every doubt counts as a beginning.
"""

from __future__ import annotations

import ast
import keyword
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property

from bufferlint.facts.definitions import ClassName, FunctionHeader
from bufferlint.facts.reader import Reader
from bufferlint.semantics import torch_api
from bufferlint.semantics.hierarchy import Hierarchy, Lineage
from bufferlint.semantics.names import Names
from bufferlint.semantics.references import ClassRef, External, FunctionRef, GlobalRef, Namespace, Reference
from bufferlint.semantics.torch_api import Named
from bufferlint.text.span import Span

_STARTS = ("__init__", "__post_init__", "__attrs_post_init__")
_PLAIN_METACLASSES = frozenset({"ABCMeta", "abc.ABCMeta", "EnumMeta"})
_COLD = frozenset({Named.MODULE_CLASS, Named.OTHER_CLASS, Named.NUMBER, Named.OTHER})
_GIVES_TENSORS = frozenset({Named.TENSOR_CLASS, Named.PARAMETER_CLASS, Named.BUFFER_CLASS, Named.HOLDER_CLASS})
_NAME = re.compile(r"(?<![\w.])([A-Za-z_]\w*)((?:\s*\.\s*[A-Za-z_]\w*)*)")
_WORD = re.compile(r"[A-Za-z_]\w*")
_COMMENT = re.compile(r"#[^\r\n]*")
_ALWAYS = re.compile(
    r"\.\s*(?:parameters|buffers)\s*\(|register_buffer|__dict__|"
    r"[=(]\s*\w+\s*\.\s*(?:register_parameter|register_module|add_module)\b"
)
"""Beginnings that no name of torch tells of, and what rules about registrations look at."""
_STATEMENT = re.compile(
    r"(?m)^[ \t]*(?:self\.(\w+)[ \t]*(?::[ \t]*[\w.]+[ \t]*)?=[ \t]*)?([A-Za-z_]\w*(?:\.\w+)+|[A-Za-z_]\w*)\("
)
_COPY = re.compile(r"(?m)^[ \t]*\w+\.[\w.\[\]]+\.\w+[ \t]*=[ \t]*[\w.\[\]]+[ \t]*$")
_CONSTRUCTION = re.compile(r"\b([A-Z]\w*)\(")
_IGNORED = frozenset(keyword.kwlist) | {"self"}
_SUPER = re.compile(r"\bsuper\([^()]*\)")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
_SIGNATURE = re.compile(r"\bdef\s+\w+\s*\(")
_ANNOTATED = re.compile(r"\A\s*\w+\s*:[^=\n]*=(?!=)")
_ANNOTATION = re.compile(r":\s*([A-Za-z_][\w.]*)\s*(?=[,)=]|\Z)")
_GROWS = frozenset({"append", "extend", "insert", "add", "update", "clear", "setattr", "delattr", "__setattr__"})


class Screen:
    """Answers for the classes of a project; ``paths`` hold the code whose calls count."""

    def __init__(self, reader: Reader, names: Names, hierarchy: Hierarchy, paths: Sequence[str]) -> None:
        self._reader = reader
        self._names = names
        self._hierarchy = hierarchy
        self._paths = paths
        self._units: dict[tuple[str, Span], bool] = {}
        self._classes: dict[tuple[str, int], bool] = {}
        self._asking: set[tuple[str, int]] = set()
        self._assumed = False
        self._inert: dict[tuple[str, Span], bool] = {}

    def lets_through(self, ref: ClassRef) -> bool:
        """Whether a module class may have a finding."""
        return self._class_is_hot(ref) or any(self._is_hot(p, span, scope) for p, span, scope in self._callers(ref))

    # -- classes -------------------------------------------------------------------------------------------------

    def _class_is_hot(self, ref: ClassRef) -> bool:
        if ref.key not in self._classes:
            self._classes[ref.key] = True  # for those that come back here
            self._asking.add(ref.key)
            self._classes[ref.key] = self._looked_at(self._hierarchy.lineage(ref))
            self._asking.discard(ref.key)
        return self._classes[ref.key]

    def _looked_at(self, lineage: Lineage) -> bool:
        if any(c.header.metaclass not in (None, *_PLAIN_METACLASSES) for c in lineage.classes):
            return True
        if any(torch_api.named(external.name) in _GIVES_TENSORS for external in lineage.externals):
            return True
        for owner in lineage.classes:
            for name in owner.header.names:
                if name.has_value and self._is_hot(owner.path, name.span, owner.header.scope):
                    return True
        stored: set[str] = set()
        texts: list[str] = []
        for owner, method in self._constructing(lineage):
            text, parameters = self._stripped(owner.path, method.span, method.qualname)
            if self._is_hot(owner.path, method.span, method.qualname) and not self._is_inert(owner.path, method.span):
                return True
            stored |= parameters
            texts.append(text)
        if not stored:
            return False
        read = re.compile(rf"\.(?:{'|'.join(map(re.escape, sorted(stored)))})\b")
        return any(read.search(text) for text in texts)

    def _constructing(self, lineage: Lineage) -> list[tuple[ClassRef, FunctionHeader]]:
        """The methods that construction may run: those whose name is a word of one that it runs."""
        by_name: dict[str, list[tuple[ClassRef, FunctionHeader]]] = {}
        for owner in lineage.classes:
            for method in owner.header.methods:
                by_name.setdefault(method.name, []).append((owner, method))
        found: list[tuple[ClassRef, FunctionHeader]] = []
        pending = [name for name in _STARTS if name in by_name]
        seen = set(pending)
        while pending:
            for owner, method in by_name[pending.pop()]:
                found.append((owner, method))
                words = set(_WORD.findall(self._text(owner.path, method.span)))
                new = (words & by_name.keys()) - seen
                seen |= new
                pending += new
        return found

    # -- pieces of code ------------------------------------------------------------------------------------------

    def _text(self, path: str, span: Span) -> str:
        return self._reader.text(path)[span.start : span.end]

    def _is_hot(self, path: str, span: Span, scope: str) -> bool:
        """Whether a function or a statement holds a beginning, or names something that does."""
        key = (path, span)
        if key not in self._units:
            self._units[key] = True  # for those that come back here
            before, self._assumed = self._assumed, False
            text, _ = self._stripped(path, span, scope)
            self._units[key] = (
                bool(_ALWAYS.search(text) or self._by_name.search(text))
                or self._of_layers.search(_STRING.sub("", text)) is not None
                or self._imports_inside(path, scope)
                or any(self._is_beginning(key, scope, first, rest) for first, rest in set(_NAME.findall(text)))
            )
            if self._assumed and not self._units[key]:
                del self._units[key]  # true for the class that asks, not for others
                self._assumed = True
                return False
            self._assumed = before or self._assumed
        return self._units[key]

    @cached_property
    def _of_layers(self) -> re.Pattern[str]:
        """Reading what a layer of torch has for a parameter or a buffer."""
        names = "|".join(map(re.escape, sorted(torch_api.registered_names())))
        return re.compile(rf"\.\s*(?:{names})\b(?!\s*=[^=])")

    @cached_property
    def _by_name(self) -> re.Pattern[str]:
        names = "|".join(map(re.escape, sorted(torch_api.registered_names())))
        return re.compile(rf"\bgetattr\b[^\n]*[\"'](?:{names})[\"']")

    def _imports_inside(self, path: str, scope: str) -> bool:
        """Whether a function within a function imports anything: names are looked up in the outer one only."""
        outline = self._names.outline(path)
        bindings = outline.bindings if outline and scope else ()
        return any(binding.scope.startswith(f"{scope}.<locals>.") for binding in bindings)

    def _without_promises(self, path: str, scope: str, text: str) -> str:
        """The code without annotations of parameters that name a class of the project: nothing is made of it."""
        found = _SIGNATURE.search(text)
        end = _closing(text, found.end()) if found else 0
        if not found or not end:
            return text

        def kept(match: re.Match[str]) -> str:
            meant = self._names.dotted(path, match[1], scope)
            plain = isinstance(meant, ClassRef) and not self._is_tensor_class(meant)
            return "" if plain else match[0]

        return text[: found.end()] + _ANNOTATION.sub(kept, text[found.end() : end]) + text[end:]

    def _is_tensor_class(self, ref: ClassRef) -> bool:
        return any(torch_api.named(e.name) in _GIVES_TENSORS for e in self._hierarchy.lineage(ref).externals)

    def _stripped(self, path: str, span: Span, scope: str) -> tuple[str, set[str]]:
        """The code without comments and without statements that leave a parameter, a layer or nothing behind, whatever
        they are given; and the names of the parameters."""
        text = _COPY.sub("", _SUPER.sub("", _COMMENT.sub("", self._text(path, span))))
        text = self._without_promises(path, scope, _ANNOTATED.sub("", text))
        parameters: set[str] = set()
        out: list[str] = []
        done = 0
        for match in _STATEMENT.finditer(text):
            if match.start() < done:
                continue
            end = _closing(text, match.end())
            inside = text[match.end() : end]
            if (
                not end
                or ":=" in inside
                or re.search(r"\bself\s*[,)]", inside)
                or text[end + 1 :].lstrip(" \t")[:1] not in "\r\n"
            ):
                continue
            kind = self._leaves(path, scope, match[2])
            if kind is Named.FUNCTION and match[1] is None:
                pass  # torch.nn.init.f(...) for its effect
            elif kind in (Named.MODULE_CLASS, Named.PARAMETER_CLASS) and match[1] is not None:
                parameters.update({str(match[1])} if kind is Named.PARAMETER_CLASS else ())
            else:
                continue
            out.append(text[done : match.start()])
            done = end + 1
        return "".join([*out, text[done:]]), parameters

    def _leaves(self, path: str, scope: str, dotted: str) -> Named | None:
        found = self._names.dotted(path, dotted, scope)
        if not isinstance(found, External) or not found.name.startswith("torch."):
            return None
        kind = torch_api.named(found.name)
        return None if kind is Named.FUNCTION and not found.name.startswith("torch.nn.init.") else kind

    def _is_beginning(self, unit: tuple[str, Span], scope: str, first: str, rest: str) -> bool:
        path = unit[0]
        if first in _IGNORED:
            return False
        found = self._names.lookup(path, first, scope)
        attributes = _WORD.findall(rest)
        for at, attribute in enumerate(attributes):
            if isinstance(found, External):
                return self._is_foreign_beginning(found.name, attributes[at:])
            if not isinstance(found, Namespace | ClassRef):
                break
            inner = self._names.member(found, attribute, path)
            if isinstance(found, ClassRef) and inner is None:
                break
            found = inner
        if isinstance(found, External):
            return self._is_foreign_beginning(found.name, [])
        match found:
            case FunctionRef(header=FunctionHeader(span=span)) | GlobalRef(name=ClassName(span=span)):
                if (found.path, span) == unit:
                    return False
            case ClassRef() if found.key in self._asking and found.path == path and found.header.span.contains(unit[1]):
                self._assumed = True  # a class whose construction names the class adds nothing by that
                return False
        return self._is_own_beginning(found)

    def _is_foreign_beginning(self, name: str, attributes: list[str]) -> bool:
        if name.partition(".")[0] != "torch":
            return False
        kind = torch_api.named(name)
        for attribute in attributes:
            if kind in _COLD:
                return False
            name = f"{name}.{attribute}"
            kind = torch_api.named(name)
        return kind not in _COLD

    def _is_own_beginning(self, found: Reference | None) -> bool:
        match found:
            case FunctionRef(path=path, header=header):
                return self._is_hot(path, header.span, header.qualname)
            case GlobalRef(path=path, name=ClassName(span=span)):
                return self._is_hot(path, span, "")
            case ClassRef():
                made = not self._hierarchy.lineage(found).is_module
                return self._is_tensor_class(found) or (made and self._class_is_hot(found))
            case Namespace():
                return True
        return False

    def _is_inert(self, path: str, span: Span) -> bool:
        """Whether a method neither stores anything on an object nor gives anything back."""
        key = (path, span)
        if key not in self._inert:
            text = self._text(path, span)
            try:
                tree = ast.parse("if 1:\n" + text if text[:1] in " \t" else text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self._inert[key] = False
            else:
                does = any(map(_does_something, ast.walk(tree)))
                self._inert[key] = not does and re.search(r"\bdef\s+\w+\s*\(\s*self\b", text) is not None
        return self._inert[key]

    # -- who constructs it ---------------------------------------------------------------------------------------

    def _callers(self, ref: ClassRef) -> Sequence[tuple[str, Span, str]]:
        return self._constructions.get(ref.header.name, ())

    @cached_property
    def _constructions(self) -> dict[str, list[tuple[str, Span, str]]]:
        """The outermost functions and assignments that hold a call of a name that begins with a capital, by name."""
        index: dict[str, list[tuple[str, Span, str]]] = {}
        for path in self._paths:
            places = list(self._places(path))
            starts = [span.start for span, _ in places]
            seen: set[tuple[str, int]] = set()
            for match in _CONSTRUCTION.finditer(self._reader.text(path)):
                at = bisect_right(starts, match.start()) - 1
                if at >= 0 and match.start() < places[at][0].end and (match[1], at) not in seen:
                    seen.add((match[1], at))
                    index.setdefault(match[1], []).append((path, *places[at]))
        return index

    def _places(self, path: str) -> Iterator[tuple[Span, str]]:
        outline = self._names.outline(path)
        if outline is None:
            return
        each = [(m.span, m.qualname) for c in outline.classes for m in c.methods]
        each += [(f.span, f.qualname) for f in outline.functions] + [(g.span, "") for g in outline.globals_]
        end = 0
        for span, scope in sorted(each, key=lambda place: (place[0].start, -place[0].end)):
            if span.end > end:
                yield span, scope
                end = span.end


def _closing(text: str, start: int) -> int:
    """Where the bracket closes that opened before ``start``; 0 when that cannot be told."""
    depth = 1
    for match in _BRACKETS.finditer(text, start):
        if match[0] in "\"'":
            return 0
        depth += 1 if match[0] in "([{" else -1
        if depth == 0:
            return match.start()
    return 0


_BRACKETS = re.compile(r"[()\[\]{}\"']")


def _does_something(node: ast.AST) -> bool:
    match node:
        case ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Yield() | ast.YieldFrom():
            return True
        case ast.Return(value=value):
            return value is not None and not (isinstance(value, ast.Constant) and value.value is None)
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name), args=args, keywords=keywords):
            given = [*args, *(each.value for each in keywords)]
            hands_on = name != "super" and any(isinstance(each, ast.Name) and each.id == "self" for each in given)
            return hands_on or name in _GROWS or name.startswith(("register_", "add_module"))
    return False
