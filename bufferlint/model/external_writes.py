"""What code outside of a class does to its instances, wherever in the project it stands."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from bufferlint.interpreter.events import OutsideUse
from bufferlint.interpreter.execution import Execution
from bufferlint.ir.expressions import Constant, dotted
from bufferlint.ir.usage import CallSite, Usage, is_name
from bufferlint.model.name_setters import NameSetters, own_receiver
from bufferlint.model.queries import Queries
from bufferlint.resolution.context import Context
from bufferlint.resolution.references import ClassRef, FunctionRef


class ExternalUses:
    """Answers for a project; ``context`` holds its files. Each function is run once, whichever class asks."""

    def __init__(self, execution: Execution, queries: Queries, context: Context) -> None:
        self._execution = execution
        self._queries = queries
        self._context = context
        self._meta: dict[str, str | None] = {}
        self._emptied: list[str] | None = None
        self._setters = NameSetters(queries, context)
        self._found: dict[tuple[str, str, bool], tuple[OutsideUse, ...]] = {}

    def of_attribute(self, attr: str) -> Iterator[OutsideUse]:
        """Yields what code does to objects that stores or deletes an attribute of that name, or has it as a string."""
        for path in self._context.mentioning(attr):
            yield from self._in_file(path, attr, is_attribute=True)

    def naming(self, name: str) -> Iterator[OutsideUse]:
        """Yields what code does to objects that holds the name of a class."""
        for path in self._context.mentioning(name):
            yield from self._in_file(path, name, is_attribute=False)

    def of_builders(self, owner: ClassRef) -> Iterator[OutsideUse]:
        """Yields what the class methods of a class do that make instances of whatever class they are called on."""
        for header in owner.header.methods:
            if "classmethod" in header.decorators and "cls(" in self._queries.reader.code(owner.path, header.span):
                yield from self._execution.outside_uses(FunctionRef(owner.path, header, owner))

    def of_function(self, place: FunctionRef) -> tuple[OutsideUse, ...]:
        """Returns what a function does to objects, whoever calls it."""
        return self._execution.outside_uses(place)

    def files_naming(self, word: str) -> tuple[str, ...]:
        return self._context.mentioning(word)

    def _in_file(self, path: str, word: str, is_attribute: bool) -> tuple[OutsideUse, ...]:
        key = (path, word, is_attribute)
        if key not in self._found:
            places, is_outside = self._queries.holders(path, word)
            found: list[OutsideUse] = []
            if is_outside and (not is_attribute or self._may_bind(self._queries.module_usage(path), word, None)):
                found += self._execution.outside_uses(path)
            for place in places:
                if not is_attribute or self._method_may_bind(place, word):
                    found += self._execution.outside_uses(place)
            self._found[key] = tuple(dict.fromkeys(found))
        return self._found[key]

    def _method_may_bind(self, place: FunctionRef, attr: str) -> bool:
        if not self._queries.reader.may_bind(place.path, place.header, attr, place.owner is not None):
            return False
        return self._may_bind(self._queries.usage(place.path, place.header), attr, place)

    def _may_bind(self, usage: Usage | None, attr: str, place: FunctionRef | None) -> bool:
        """Some code may bind an attribute of that name, or ask for it past nn.Module; what cannot be read may. What a
        method does to its own instance is none of it."""
        if usage is None:
            return True
        own = own_receiver(usage, place)
        receivers = [store.receiver for store in usage.stores.get(attr, ())]
        receivers += [target.value for target in usage.deletes.get(attr, ())]
        if any(not is_name(each, own) for each in receivers):
            return True
        return attr in usage.strings and self._setters.are_reached(usage, place)

    def builds_on_meta(self, path: str) -> str | None:
        """Returns how a file builds modules on the meta device."""
        if path not in self._meta:
            self._meta[path] = next(self._meta_building(path), None)
        return self._meta[path]

    def _meta_building(self, path: str) -> Iterator[str]:
        for word in ("to_empty", "init_empty_weights", "meta"):
            if not self._queries.mentions(path, word):
                continue
            for usage in self._queries.file_usages(path, word):
                for site in usage.calls:
                    if site.callee == word or (word == "meta" and _is_meta_device(site)):
                        yield word if word != "meta" else 'torch.device("meta")'

    def empties(self) -> str | None:
        """Returns how code of the project gives tensors on the meta device memory without values, and leaves it at
        that: what walks over the buffers then may fill them."""
        if self._emptied is None:
            self._emptied = [*islice(self._emptying(), 1)]
        return self._emptied[0] if self._emptied else None

    def _emptying(self) -> Iterator[str]:
        for word in ("to_empty", "init_empty_weights"):
            for path in self._context.mentioning(word):
                for usage in self._queries.file_usages(path, word):
                    walks = any(True for _ in usage.called("buffers", "named_buffers"))
                    for site in usage.called(word) if not walks else ():
                        if word == "to_empty" or any(arg.keyword == "include_buffers" for arg in site.call.args):
                            yield f"{word}() in {path.rpartition('/')[2]}"

    def is_filled_again(self, attr: str) -> bool:
        """Does a method that gives parameters their first values name an attribute, whatever it is one of?"""
        for path in self._context.mentioning(attr):
            places, _ = self._queries.holders(path, attr)
            if any(place.header.name in FILLING for place in places):
                return True
        return False


FILLING = frozenset({
    "reset_parameters", "_reset_parameters", "init_weights", "_init_weights", "reset_buffers", "_reset_buffers",
    "init_buffers", "_init_buffers", "init_parameters", "_init_parameters", "initialize_weights", "init_weight",
    "reset_non_persistent_buffers", "_init_weight", "_load_from_state_dict",
})  # fmt: skip
"""Methods that what builds on the meta device calls once there is memory."""


def _is_meta_device(site: CallSite) -> bool:
    args = site.call.args
    named = (dotted(site.call.func) or "").endswith("device")
    return named and len(args) == 1 and isinstance(args[0].value, Constant) and args[0].value.value == "meta"
