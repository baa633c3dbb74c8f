"""What code loads strictly that certainly lacks the key of a new buffer."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import CallSite, Usage, is_name, text_of
from bufferlint.resolution.references import FunctionRef

_DEEPEST = 4
"""Names, calls and attributes are followed back as far as this."""
_OF_PARAMETERS = frozenset({"named_parameters", "parameters", "_parameters"})
_MAPPINGS = frozenset({"dict", "OrderedDict"})
_GIVE_THE_SAME = frozenset({"deepcopy", "copy", "clone", "detach", "cpu", "items"})
_SAVES = frozenset({"save", "save_file", "dump"})
_LOADS = frozenset({"load", "load_file", "torch_load"})
_ALONE = "parameters alone"


def lacked_key(case: Case, given: ir.Expression | None, path: str, usage: Usage) -> str:
    """Names what is loaded if it certainly has no such key: the dict as written, parameters, another class's state."""
    return _Origin(case, path, usage).lacking(given, _DEEPEST)


class _Origin:
    """Follows what is loaded back to what it was made of, from one piece of code to others."""

    def __init__(self, case: Case, path: str, usage: Usage, whole: bool = False) -> None:
        """``whole``: a mapping of chosen parameters is not meant, as that of an adapter."""
        self._case = case
        self._path = path
        self._usage = usage
        self._whole = whole

    def lacking(self, given: ir.Expression | None, depth: int) -> str:
        """Names what an expression gives if that certainly has no such key."""
        if given is None or depth == 0:
            return ""
        if self._collects_parameters(given):
            return _ALONE
        match given:
            case ir.Name(id=name):
                return self._of_name(name, depth)
            case ir.Dict(keys=keys) if None not in keys:
                known = {key.value for key in keys if isinstance(key, ir.Constant)}
                is_lacking = len(known) == len(keys) and self._case.name not in known
                return "a dict without the key" if is_lacking else ""
            case ir.Call():
                return self._of_call(given, depth)
            case ir.Subscript(value=value, index=index):
                return self._member(value, text_of(index[0]), depth)
            case ir.Attribute(attr=attr):
                return self._of_attribute(attr, depth)
        return ""

    def _of_name(self, name: str, depth: int) -> str:
        if name in self._usage.parameters:
            return self._given_by_callers(name, depth)
        if self._is_filled_with_parameters(name):
            return _ALONE
        if any(is_item_of(target, name) for target, _, _ in self._usage.items):
            return ""
        found = self._values_bound(name)
        return self.lacking(found[0], depth - 1) if len(found) == 1 else ""

    def _of_call(self, call: ir.Call, depth: int) -> str:
        last = _last(call)
        if last == "state_dict":
            made = call.func.value if isinstance(call.func, ir.Attribute) else None
            if isinstance(made, ir.Call) and isinstance(made.func, ir.Name):
                return f"the state of {made.func.id}" if made.func.id != self._case.module.ref.header.name else ""
            return ""
        if last in _LOADS:
            return self._saved(None, depth)
        if last in _GIVE_THE_SAME or last in _MAPPINGS:
            of = call.args[0].value if call.args else call.func.value if isinstance(call.func, ir.Attribute) else None
            return self.lacking(of, depth - 1)
        for each, origin in self._called(call):
            body = self._case.module.queries.function(each.path, each.header)
            for statement in st.walk(body.body) if body is not None else ():
                lacks = origin.lacking(statement.value, depth - 1) if isinstance(statement, st.Return) else ""
                if lacks:
                    return lacks
        return ""

    def _member(self, value: ir.Expression, key: str | None, depth: int) -> str:
        """Names what ``value[key]`` gives: of a dict as written, or of what is read from a file."""
        if key is None or depth == 0:
            return ""
        if isinstance(value, ir.Name) and value.id not in self._usage.parameters:
            found = self._values_bound(value.id)
            return self._member(found[0], key, depth - 1) if len(found) == 1 else ""
        if isinstance(value, ir.Dict):
            pairs = zip(value.keys, value.values, strict=True)
            return next((self.lacking(each, depth - 1) for k, each in pairs if text_of(k) == key), "")
        return self._saved(key, depth) if isinstance(value, ir.Call) and _last(value) in _LOADS else ""

    def _saved(self, key: str | None, depth: int) -> str:
        """Names what code that has an instance saves to a file."""
        for path, usage in self._with_instances():
            for site in usage.called(*_SAVES):
                origin = _Origin(self._case, path, usage, True)
                given = site.call.args[0].value if site.call.args else None
                if given is not None:
                    lacks = origin.lacking(given, depth - 1) if key is None else origin._member(given, key, depth - 1)
                    if lacks == _ALONE:
                        return lacks
        return ""

    def _with_instances(self) -> Iterator[tuple[str, Usage]]:
        yield from ((code.path, code.usage) for code in self._case.module.handed_to)
        for owner, _, usage in self._case.history.usages_calling(*_SAVES):
            yield owner.path, usage

    def _of_attribute(self, attr: str, depth: int) -> str:
        for usage in self._case.module.queries.file_usages(self._path, attr):
            for store in usage.stores.get(attr, ()):
                lacks = _Origin(self._case, self._path, usage, self._whole).lacking(store.value, depth - 1)
                if lacks == _ALONE:
                    return lacks
        return ""

    def _given_by_callers(self, parameter: str, depth: int) -> str:
        """Returns what callers of the function hand on, in the files that name the class."""
        places = self._case.module.queries.places(self._path)
        place = next((p for p in places if self._usage_of(p) is self._usage), None)
        body = self._case.module.queries.function(self._path, place.header) if place is not None else None
        if body is None or place is None:
            return ""
        is_bound = place.owner is not None and "staticmethod" not in place.header.decorators
        at = [each.name for each in body.parameters].index(parameter) - is_bound
        for path, other in self._case.module.usages_beside(place.header.name):
            for site in other.called(place.header.name):
                args = [arg.value for arg in site.call.args if arg.keyword == parameter]
                args += [arg.value for arg in site.call.args[at : at + 1] if arg.keyword is None and at >= 0]
                for value in args:
                    lacks = _Origin(self._case, path, other, self._whole).lacking(value, depth - 1)
                    if lacks:
                        return lacks
        return ""

    def _called(self, call: ir.Call) -> Iterator[tuple[FunctionRef, _Origin]]:
        """The function that is called; of a method those of its name in the same file."""
        found = self._case.module.named(self._path, ir.dotted(call.func) or "?")
        if isinstance(found, FunctionRef):
            places: tuple[FunctionRef, ...] = (found,)
        elif isinstance(call.func, ir.Attribute):
            every = self._case.module.queries.places(self._path)
            places = tuple(p for p in every if p.owner is not None and p.header.name == _last(call))
        else:
            places = ()
        for place in places:
            usage = self._usage_of(place)
            if usage is not None:
                yield place, _Origin(self._case, place.path, usage, self._whole)

    def _usage_of(self, place: FunctionRef) -> Usage | None:
        return self._case.module.queries.usage(place.path, place.header)

    def _values_bound(self, name: str) -> list[ir.Expression]:
        """The dicts, and what calls are part of, that assignments bind to a name."""
        statements = [site.statement for site in self._usage.calls]
        statements += [statement for _, statement in self._usage.dicts]
        found: dict[int, ir.Expression] = {}
        for statement in statements:
            if isinstance(statement, st.Assign) and any(is_name(target, name) for target in statement.targets):
                found[id(statement)] = statement.value
        return list(found.values())

    def _is_filled_with_parameters(self, name: str) -> bool:
        """Does a loop over the parameters store items in it, and nothing else?"""
        items = [statement for target, _, statement in self._usage.items if is_item_of(target, name)]
        loops = [
            site.statement for site in self._usage.called("named_parameters") if isinstance(site.statement, st.For)
        ]
        within = {id(inner) for loop in loops for inner in st.walk(loop.body)}
        return bool(items) and all(id(statement) in within for statement in items)

    def _collects_parameters(self, expression: ir.Expression) -> bool:
        """Is it a mapping of the parameters: ``dict(net.named_parameters())``, ``{k: v for k, v in ...}``?"""
        match expression:
            case ir.Call(args=args) if _last(expression) in _MAPPINGS and args:
                return self._names_parameters(args[0].value)
            case ir.Attribute(attr="_parameters"):
                return True
            case ir.Comprehension(kind="dict", generators=generators):
                chosen = any(not _asks_gradient(test) for each in generators for test in each.conditions)
                return any(self._names_parameters(each.iterable) for each in generators) and not (
                    chosen and self._whole
                )
        return False

    def _names_parameters(self, iterable: ir.Expression) -> bool:
        if isinstance(iterable, ir.Name) and iterable.id not in self._usage.parameters:
            found = self._values_bound(iterable.id)
            return len(found) == 1 and _names_parameters(found[0])
        return _names_parameters(iterable)


def is_item_of(target: ir.Subscript, name: str) -> bool:
    return isinstance(target.value, ir.Name) and target.value.id == name


def _names_parameters(expression: ir.Expression) -> bool:
    """Are parameters taken: ``net.named_parameters()``?"""
    if isinstance(expression, ir.Attribute) and expression.attr in _OF_PARAMETERS:
        return True
    return any(map(_names_parameters, ir.children(expression)))


def _asks_gradient(test: ir.Expression) -> bool:
    """Does a condition ask for what most parameters have: ``if p.requires_grad``?"""
    return isinstance(test, ir.Attribute) and test.attr == "requires_grad"


def _last(call: ir.Call) -> str:
    return (
        (ir.dotted(call.func) or "").rpartition(".")[2] if not isinstance(call.func, ir.Attribute) else call.func.attr
    )


def loaded_at(site: CallSite) -> ir.Expression | None:
    """Returns what a call of ``load_state_dict`` is given."""
    named = [arg.value for arg in site.call.args if arg.keyword == "state_dict"]
    return site.call.args[0].value if site.call.args and site.call.args[0].keyword is None else next(iter(named), None)
