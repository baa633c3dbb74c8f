"""Functions that set attributes of an object by names that they are handed: only through them a string becomes one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property

from bufferlint.ir.expressions import Constant, Expression, Name
from bufferlint.ir.usage import CallSite, Usage, dict_holder, is_name
from bufferlint.model.queries import Queries
from bufferlint.resolution.context import Context
from bufferlint.resolution.references import FunctionRef

_WORDS = ("setattr", "delattr", "__setattr__", "__delattr__", "__dict__", "vars")
_BY_NAME = frozenset({"setattr", "delattr", "__setattr__", "__delattr__"})
_WITH_A_NAME = _BY_NAME | {
    "register_buffer", "register_parameter", "register_module", "add_module", "getattr_static", "__getattribute__",
    "object",
}  # fmt: skip
"""Calls that set, register or look past nn.Module for an attribute by a string; ``mock.patch.object`` among them."""
_MAKERS = frozenset({"__init__", "__new__", "__post_init__"})


class NameSetters:
    """Answers for a project, by the names of its functions; a class goes by its own name for its constructor.

    A caller of a setter is one too if it hands on its own keywords.
    """

    def __init__(self, queries: Queries, context: Context) -> None:
        self._queries = queries
        self._context = context

    def are_reached(self, usage: Usage, place: FunctionRef | None) -> bool:
        """May some code turn a string of its own into an attribute of an object other than its instance?"""
        own = own_receiver(usage, place)
        if any(not is_name(each, own) for each in _dict_holders(usage)):
            return True
        return any(site.callee in self._names or _names_attribute(site, own) for site in usage.calls)

    @cached_property
    def _names(self) -> frozenset[str]:
        setters = (place for place, usage in self._holding(_WORDS) if _sets_by_name(usage, place))
        found = {_called_by(place) for place in setters} - {""}
        pending = sorted(found)
        while pending:
            word = pending.pop()
            for name in self._handing_on_to(word, found):
                found.add(name)
                pending.append(name)
        return frozenset(found)

    def _holding(self, words: tuple[str, ...]) -> Iterator[tuple[FunctionRef, Usage]]:
        """The functions of the project that hold one of some words, with what they do."""
        for word in words:
            for path in self._context.mentioning(word):
                for place in self._queries.holders(path, word)[0]:
                    usage = self._queries.usage(path, place.header)
                    if usage is not None:
                        yield place, usage

    @cached_property
    def _handing(self) -> Mapping[str, Mapping[str, Sequence[tuple[int, str, bool]]]]:
        """The places of the project that may call a name with all keywords of some function: by name, then by file."""
        found: dict[str, dict[str, Sequence[tuple[int, str, bool]]]] = {}
        for path in self._context.files:
            for name, places in self._queries.reader.handing_on_keywords(path).items():
                found.setdefault(name, {})[path] = places
        return found

    def _handing_on_to(self, word: str, known: Set[str]) -> set[str]:
        """The names of the functions of the project, but for those ``known``, that hand all of their keywords to what a
        name calls."""
        self._queries.reader.looked_for_word(word)
        found = set[str]()
        for path, handed in self._handing.get(word, {}).items():
            for place in self._queries.holders(path, word)[0]:
                name, span = _called_by(place), place.header.span
                calls = {(keywords, certain) for at, keywords, certain in handed if span.start <= at < span.end}
                if name and name not in known and any(self._hands_on(place, word, *call) for call in calls):
                    found.add(name)
        return found

    def _hands_on(self, place: FunctionRef, word: str, keywords: str, is_certain: bool) -> bool:
        """Does a function hand on the keywords that it is given, by a name, to what another name calls?"""
        if not self._queries.reader.may_take(place.path, place.header, keywords):
            return False
        if is_certain:
            return True
        usage = self._queries.usage(place.path, place.header)
        return usage is not None and any(_hands_on_keywords(site, usage) for site in usage.called(word))


def own_receiver(usage: Usage, place: FunctionRef | None) -> str:
    """The name of the instance in a method; empty in other code."""
    plain = place is not None and place.owner is not None and place.header.name not in ("__new__", "__init_subclass__")
    unbound = {"staticmethod", "classmethod"}.intersection(place.header.decorators) if place is not None else ()
    return usage.receiver if plain and not unbound else ""


def _called_by(place: FunctionRef) -> str:
    """The name by which a function is called; empty for one that operators and statements call."""
    name = place.header.name
    if name in _MAKERS and place.owner is not None:
        return place.owner.header.name
    return "" if name.startswith("__") else name


def _sets_by_name(usage: Usage, place: FunctionRef) -> bool:
    """Does it set attributes of something else than its instance by names that it computes?"""
    own = own_receiver(usage, place)
    if any(not is_name(each, own) for each in _dict_holders(usage)):
        return True
    return any(
        _names_attribute(site, own) and not any(isinstance(arg.value, Constant) for arg in site.call.args[1:2])
        for site in usage.calls
        if site.callee in _BY_NAME
    )


def _names_attribute(site: CallSite, own: str) -> bool:
    """Returns whether it is ``setattr(other, name, ...)`` or the like, of something else than the instance."""
    if site.callee not in _WITH_A_NAME:
        return False
    bound = site.receiver is not None and not is_name(site.receiver, "object", "builtins", "nn", "inspect")
    held = site.receiver if bound else site.call.args[0].value if site.call.args else None
    return not is_name(held, own)


def _dict_holders(usage: Usage) -> Iterator[Expression]:
    found: list[Expression | None] = [dict_holder(read.expression) for read in usage.reads.get("__dict__", ())]
    found += [dict_holder(site.call) for site in usage.called("vars")]
    yield from (each for each in found if each is not None)


def _hands_on_keywords(site: CallSite, usage: Usage) -> bool:
    """Does a call hand on all keywords that the function it stands in is given?"""
    given = [arg.value for arg in site.call.args if arg.star == "**"]
    return any(isinstance(each, Name) and each.id in usage.parameters for each in given)
