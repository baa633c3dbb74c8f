"""What code outside of a class does to its instances, wherever in the project it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bufferlint.interpreter.events import OutsideUse
from bufferlint.interpreter.execution import Execution
from bufferlint.ir.expressions import Constant, dotted
from bufferlint.model.queries import Queries
from bufferlint.resolution.context import Context
from bufferlint.resolution.references import FunctionRef

if TYPE_CHECKING:
    from bufferlint.ir.usage import CallSite, Usage


class ExternalUses:
    """Answers for a project; ``context`` holds its files. Each function is run once, whichever class asks."""

    def __init__(self, execution: Execution, queries: Queries, context: Context) -> None:
        self._execution = execution
        self._queries = queries
        self._context = context
        self._meta: dict[str, str | None] = {}
        self._places: dict[str, tuple[FunctionRef, ...]] = {}
        self._found: dict[tuple[str, str, bool], tuple[OutsideUse, ...]] = {}

    def of_attribute(self, attr: str) -> Iterator[OutsideUse]:
        """What code does to objects that stores or deletes an attribute of that name, or has it as a string."""
        for path in self._context.mentioning(attr):
            yield from self._in_file(path, attr, is_attribute=True)

    def naming(self, name: str) -> Iterator[OutsideUse]:
        """What code does to objects that holds the name of a class."""
        for path in self._context.mentioning(name):
            yield from self._in_file(path, name, is_attribute=False)

    def files_naming(self, word: str) -> tuple[str, ...]:
        return self._context.mentioning(word)

    def _in_file(self, path: str, word: str, is_attribute: bool) -> tuple[OutsideUse, ...]:
        key = (path, word, is_attribute)
        if key not in self._found:
            execution = self._execution
            if path not in self._places:
                self._places[path] = tuple(self._queries.places(path))
            found: list[OutsideUse] = []
            if not is_attribute or _binds(self._queries.module_usage(path), word):
                found += execution.outside_uses(path)
            for place in self._places[path]:
                if not self._queries.holds(path, place.header.span, word):
                    continue
                if not is_attribute or _binds(self._queries.usage(path, place.header), word):
                    found += execution.outside_uses(place)
            self._found[key] = tuple(dict.fromkeys(found))
        return self._found[key]

    def builds_on_meta(self, path: str) -> str | None:
        """How a file builds modules on the meta device."""
        if path not in self._meta:
            self._meta[path] = next(self._meta_building(path), None)
        return self._meta[path]

    def _meta_building(self, path: str) -> Iterator[str]:
        for word in ("to_empty", "init_empty_weights", "meta"):
            if not self._queries.mentions(path, word):
                continue
            usages = [self._queries.module_usage(path)]
            for place in self._queries.places(path):
                if self._queries.holds(path, place.header.span, word):
                    usage = self._queries.usage(path, place.header)
                    usages += [usage] if usage is not None else []
            for usage in usages:
                for site in usage.calls:
                    if site.callee == word or (word == "meta" and _is_meta_device(site)):
                        yield word if word != "meta" else 'torch.device("meta")'


def _binds(usage: Usage | None, attr: str) -> bool:
    """Some code may bind an attribute of that name, or ask for it past nn.Module; what cannot be read may."""
    return usage is None or attr in usage.stores or attr in usage.deletes or attr in usage.strings


def _is_meta_device(site: CallSite) -> bool:
    args = site.call.args
    named = (dotted(site.call.func) or "").endswith("device")
    return named and len(args) == 1 and isinstance(args[0].value, Constant) and args[0].value.value == "meta"
