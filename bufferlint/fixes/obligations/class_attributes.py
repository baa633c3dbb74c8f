"""Code that sets attributes of a class from outside of its body: decorators, metaclasses, ``type(...)``, ``exec``."""

from __future__ import annotations

from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Case, Reason
from bufferlint.ir.definitions import Outline
from bufferlint.ir.expressions import Argument, Attribute, Call, Constant, Dict, Expression, children, dotted
from bufferlint.ir.usage import CallSite, Usage, is_name, text_of
from bufferlint.resolution.references import ClassRef, External, FunctionRef

_PLAIN_METACLASSES = frozenset({
    "type", "builtins.type", "abc.ABCMeta", "typing.GenericMeta", "torch.nn.parameter._ParameterMeta",
})  # fmt: skip

_HOOKS = ("register_module_buffer_registration_hook", "_global_buffer_registration_hooks")


def by_those_who_make_it(case: Case) -> Iterator[Reason]:
    """Yields what metaclasses and decorators do that may give the class an attribute of the name."""
    for each in case.history.owners:
        yield from _metaclass(case, each)
        yield from _decorators(case, each)


def by_other_code(case: Case) -> Iterator[Reason]:
    """Yields what other code of the project does that may give the class an attribute of the name."""
    names = sorted({module.ref.header.name for module in (case.module, *case.module.subclasses)})
    for name in names:
        for _, path, usage in case.module.places_naming(name):
            yield from _made_classes(case, name, path, usage)
            yield from _reached_by_a_string(case, path, usage)
    yield from _by_allocators(case)
    yield from _run_code(case, names)
    for word in _HOOKS:
        for _, path, usage in case.module.places_naming(word):
            spans = [site.call.span for site in usage.called(word)]
            spans += [read.expression.span for read in usage.reads.get(word, ())]
            if spans:
                yield Reason(f"{case.module.place(path, spans[0])} has a hook run at each registration of a buffer")


def _by_allocators(case: Case) -> Iterator[Reason]:
    """Functions that are handed the class, make an instance with ``__new__``, and give it attributes before it is
    built."""
    for code in case.module.handed_to:
        for site in code.usage.called("__new__"):
            where = case.module.place(code.path, site.call.span)
            yield from stores_in(case, code.usage, where)
            if any(_merges_unknown(each) for each in code.usage.called("update", "setdefault")):
                yield Reason(f"{where} sets names that are not known here")


def _merges_unknown(site: CallSite) -> bool:
    """``x.__dict__.update(options)``."""
    receiver = site.receiver
    is_dict = (isinstance(receiver, Attribute) and receiver.attr == "__dict__") or (
        isinstance(receiver, Call) and is_name(receiver.func, "vars")
    )
    return is_dict and not (site.call.args and all(arg.keyword for arg in site.call.args))


def _made_classes(case: Case, name: str, path: str, usage: Usage) -> Iterator[Reason]:
    """``type("Sub", (Net,), names)`` makes a subclass."""
    for site in usage.called("type", "new_class", "make_dataclass"):
        args = [arg.value for arg in site.call.args]
        if len(args) < 2 or not any(_names(arg, name) for arg in args[1:]):
            continue
        given = args[2] if len(args) > 2 and site.callee == "type" else None
        keys = [text_of(key) for key in given.keys] if isinstance(given, Dict) else [None]
        if len(args) > 2 and (None in keys or case.name in keys):
            where = case.module.place(path, site.call.span)
            yield Reason(
                f"{where} makes a subclass with names that are not known here: '{case.name}' may be among them"
            )


def _reached_by_a_string(case: Case, path: str, usage: Usage) -> Iterator[Reason]:
    """``globals()["Net"].x = None``."""
    for store in usage.stores.get(case.name, ()):
        if any(isinstance(part, Call) and is_name(part.func, "globals", "locals") for part in children(store.receiver)):
            where = case.module.place(path, store.target.span)
            yield Reason(f"{where} sets a class attribute of that name: registering then raises")


def _run_code(case: Case, names: list[str]) -> Iterator[Reason]:
    """Code outside of the class that is run from a string: ``exec("Net.x = None")``."""
    for word in ("exec", "eval"):
        for _, path, usage in case.module.places_naming(word):
            for site in usage.called(word):
                if site.receiver is None and _may_set(case, site, names, path):
                    where = case.module.place(path, site.call.span)
                    yield Reason(f"{where} runs code that is not read here ({word}): it may set the name on the class")


def _may_set(case: Case, site: CallSite, names: list[str], path: str) -> bool:
    text = text_of(site.call.args[0].value) if site.call.args else None
    if text is None:
        return site.callee == "exec" and bool(site.call.args) and _binds(case, path, names)
    words = "".join(letter if letter.isidentifier() or letter.isdigit() else " " for letter in text).split()
    by_instance = not {"type", "__class__"}.isdisjoint(words) and _binds(case, path, names)
    return case.name in words and (by_instance or not set(names).isdisjoint(words))


def _binds(case: Case, path: str, names: list[str]) -> bool:
    """Is a class defined or imported in a file? Code that is run there knows it by its name only then."""
    outline = case.module.queries.reader.outline(path)
    if not isinstance(outline, Outline):
        return True
    bound = {header.name for header in outline.classes} | {binding.name for binding in outline.bindings}
    bound |= {binding.target.rpartition(".")[2] for binding in outline.bindings}
    stars = bool(outline.stars) and any(case.module.queries.mentions(path, name) for name in names)
    return stars or not bound.isdisjoint(names)


def _names(expression: Expression, name: str) -> bool:
    if (dotted(expression) or "").rpartition(".")[2] == name:
        return True
    return any(_names(part, name) for part in children(expression))


def stores_in(case: Case, usage: Usage, where: str) -> Iterator[Reason]:
    """Stores of the name, or of unknown ones, in code that makes a class or an instance."""
    if case.name in usage.stores or case.name in usage.strings or case.name in usage.bound:
        yield Reason(f"{where} deals with the name '{case.name}' before the instance is built")
    if any(sets_unknown(site.call.args) for site in usage.called("setattr", "__setattr__")):
        yield Reason(f"{where} sets names that are not known here")
    if any(True for _ in usage.called("exec")):
        yield Reason(f"{where} runs code that is not read here (exec)")


def sets_unknown(args: tuple[object, ...]) -> bool:
    names = [arg.value for arg in args if isinstance(arg, Argument)][1:2]
    return not all(isinstance(name, Constant) for name in names)


def _metaclass(case: Case, ref: ClassRef) -> Iterator[Reason]:
    written = ref.header.metaclass
    if written is None:
        return
    found = case.module.hierarchy.named(ref, written)
    if (isinstance(found, External) and found.name in _PLAIN_METACLASSES) or written in ("type", "ABCMeta"):
        return
    if not isinstance(found, ClassRef):
        yield Reason(f"the metaclass of {ref.header.name} ({written}) cannot be read: it may set the name")
        return
    for each in case.module.hierarchy.lineage(found).classes:
        for header, usage in case.module.queries.methods(each, "__new__", "__init__", "__call__", "__prepare__"):
            where = f"{each.header.name}.{header.name}"
            yield from stores_in(case, usage, where)
            updates = (site for site in usage.called("update", "setdefault") if site.receiver is not None)
            if any(text_of(item.index[0]) is None for item, _, _ in usage.items) or any(
                not site.call.args or text_of(site.call.args[0].value) is None for site in updates
            ):
                yield Reason(f"{where} sets names that are not known here")


def _decorators(case: Case, ref: ClassRef) -> Iterator[Reason]:
    for written in ref.header.decorators:
        found = case.module.hierarchy.named(ref, written)
        if isinstance(found, ClassRef):
            for header, made in case.module.queries.methods(found, "__init__", "__new__", "__call__"):
                yield from stores_in(case, made, f"{found.header.name}.{header.name}")
        if not isinstance(found, FunctionRef):
            continue
        usage = case.module.queries.usage(found.path, found.header)
        if usage is None:
            yield Reason(f"the decorator {written} of {ref.header.name} cannot be read: it may set the name")
        else:
            yield from stores_in(case, usage, f"the decorator {written}")
            inner = case.module.queries.classes_within(found)
            claimed = {name.name for each in inner for name in each.names} | {m.name for c in inner for m in c.methods}
            if case.name in claimed:
                yield Reason(f"the decorator {written} makes a subclass that claims the name")
