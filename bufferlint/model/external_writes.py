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
    from bufferlint.ir.usage import CallSite


class ExternalUses:
    """Answers for a project; ``context`` holds its files. Each function is run once, whichever class asks."""

    def __init__(self, execution: Execution, queries: Queries, context: Context) -> None:
        self._execution = execution
        self._queries = queries
        self._context = context
        self._meta: dict[str, str | None] = {}
        self._places: dict[str, tuple[FunctionRef, ...]] = {}
        self._found: dict[tuple[str, str], tuple[OutsideUse, ...]] = {}

    def naming(self, word: str) -> Iterator[OutsideUse]:
        """What code that holds a word does to objects: the name of an attribute, or of a class that it builds."""
        for path in self._context.mentioning(word):
            yield from self._in_file(path, word)

    def files_naming(self, word: str) -> tuple[str, ...]:
        return self._context.mentioning(word)

    def _in_file(self, path: str, word: str) -> tuple[OutsideUse, ...]:
        key = (path, word)
        if key not in self._found:
            execution = self._execution
            if path not in self._places:
                self._places[path] = tuple(self._queries.places(path))
            found = list(execution.outside_uses(path))
            for place in self._places[path]:
                if self._queries.holds(path, place.header.span, word):
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


def _is_meta_device(site: CallSite) -> bool:
    args = site.call.args
    named = (dotted(site.call.func) or "").endswith("device")
    return named and len(args) == 1 and isinstance(args[0].value, Constant) and args[0].value.value == "meta"
