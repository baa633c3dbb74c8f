"""Obligations of the fix that registers the members of a container: what torch's own containers refuse or lack."""

from __future__ import annotations

import keyword
from collections.abc import Iterator

from bufferlint.fixes.obligations._case import Reason
from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.module_places import members
from bufferlint.interpreter.values import Kind, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import CallSite, Read, Usage, is_name, text_of
from bufferlint.model.module_groups import ModuleGroup, is_key, may_switch_mode

_TAKES_ANY = frozenset({
    "len", "enumerate", "zip", "reversed", "list", "tuple", "iter", "sum", "any", "all", "max", "min", "bool",
})  # fmt: skip
"""Builtins that go over what they are given, or measure it."""
_METHODS = {
    ("list", False): frozenset({"append", "extend", "insert", "pop"}),
    ("list", True): frozenset({"append", "extend"}),
    ("dict", False): frozenset({"keys", "values", "items", "update", "pop", "clear"}),
    ("dict", True): frozenset({"keys", "values", "items", "update", "pop", "clear", "get", "setdefault", "copy"}),
}
"""The methods of lists and dicts that torch's containers have too, of modules and of parameters."""
_WALKS = ("apply", "modules", "named_modules", "parameters", "named_parameters")
_GOES_OVER = frozenset({
    "parameters", "named_parameters", "modules", "named_modules", "children", "named_children", "apply", "state_dict",
    "load_state_dict", "requires_grad_", "configure_optimizers",
})  # fmt: skip


def reasons(group: ModuleGroup, shape: str) -> Iterator[Reason]:
    """Yields why a container of torch's would raise, or may change what the class does."""
    yield from _name(group)
    yield from _held(group, shape)
    yield from _keys(group, shape)
    yield from _stores(group)
    yield from _reads(group, shape)
    yield from _enumerations(group)
    yield from _initialisers(group)
    yield from _item_stores(group)
    yield from _context(group)


def _name(group: ModuleGroup) -> Iterator[Reason]:
    history = group.history
    if any(False in event.super_init_ran for event in history.events):
        yield Reason("it is assigned before super().__init__() has run, where registering a module raises", raises=True)
    if history.taken_by:
        yield Reason(f"{history.taken_by}, which hides a module of that name", raises=True)
    if any(event.path != group.of.path for event in group.stores):
        yield Reason("it is set in another file: change the class there", raises=True)
    for method in ("__setattr__", "__getattr__", "__getattribute__", "add_module", "register_module"):
        if group.of.overrides(method):
            yield Reason(f"the class has its own {method}, through which a module is set or read")
    for event in (*history.events, *history.later):
        if event.action in (Action.SHADOW, Action.READ_DICT):
            yield Reason(f"{group.of.where(event)} looks for it in __dict__, where a module is not")
    declared = any(owner.header.binds(history.name) for owner in history.owners)
    if declared:
        yield Reason("the class body annotates it as a plain container: change the annotation too")


def _held(group: ModuleGroup, shape: str) -> Iterator[Reason]:
    wanted = Kind.PARAMETER if group.holds_parameters else Kind.MODULE
    held = group.history.final.value
    if not held.only(Kind.CONTAINER, Kind.NONE, Kind.ABSENT):
        yield Reason("it may hold something else than a container", raises=True)
    every = [(member, 0) for event in group.stores for member in members(event.value)]
    every += [(member, 0) for member in members(held)]
    while every:
        member, depth = every.pop()
        if member.only(Kind.CONTAINER):
            if not all(map(_is_written_inside, group.stores)):
                text = "its members are containers that are not written in its assignment: make them nn.ModuleLists too"
                yield Reason(text, raises=True)
                return
            every += [(inner, depth + 1) for inner in members(member)]
        elif member.kinds and not member.only(wanted):
            what = "parameters" if wanted is Kind.PARAMETER else "modules"
            yield Reason(f"not all that it holds is known to be {what}, which is all that torch's takes", raises=True)
            return
    if any(_repeats(event.statement) for event in group.stores):
        yield Reason("it holds one module several times, which state_dict() then names several times")
    if any(may_switch_mode(group.of, kept) for kept in _modules(held)):
        yield Reason("train() and eval() reach its members from then on, which behave otherwise in each")


def _modules(value: Value) -> Iterator[Value]:
    for member in members(value):
        yield from _modules(member) if member.may(Kind.CONTAINER) else (member,)


def _is_written_inside(event: object) -> bool:
    statement = getattr(event, "statement", None)
    value = statement.value if isinstance(statement, st.Assign) else None
    if isinstance(value, ir.Display):
        return all(isinstance(item, ir.Display | ir.Comprehension) for item in value.items) and bool(value.items)
    return isinstance(value, ir.Comprehension) and isinstance(value.element, ir.Display | ir.Comprehension)


def _repeats(statement: st.Statement) -> bool:
    value = statement.value if isinstance(statement, st.Assign) else None
    return isinstance(value, ir.Binary) and value.op == "*"


# -- keys ------------------------------------------------------------------------------------------------------------


def _keys(group: ModuleGroup, shape: str) -> Iterator[Reason]:
    if shape != "dict":
        return
    written: list[ir.Expression | None] = []
    for event in group.stores:
        value = event.statement.value if isinstance(event.statement, st.Assign) else None
        if isinstance(value, ir.Dict):
            written += value.keys
        elif isinstance(value, ir.Call):
            written += [ir.Constant(value.span, arg.keyword) for arg in value.args]
        elif isinstance(value, ir.Comprehension | ir.Name):
            written.append(None)
    for _, _, usage in group.history.usages():
        written += [target.index[0] for target, _, _ in usage.items if _is_of(target.value, group)]
    for key in written:
        text = text_of(key)
        if isinstance(key, ir.Constant) and text is None:
            yield Reason(
                "its keys are no strings, which nn.ModuleDict refuses: use str(key) in every place", raises=True
            )
        elif text is None:
            yield Reason("its keys must be strings without dots, and none that nn.ModuleDict has as an attribute")
        elif not is_key(text):
            yield Reason(f"nn.ModuleDict refuses the key '{text}'", raises=True)


def _is_of(expression: ir.Expression, group: ModuleGroup) -> bool:
    return isinstance(expression, ir.Attribute) and expression.attr == group.history.name


# -- what code does with it ------------------------------------------------------------------------------------------


def _stores(group: ModuleGroup) -> Iterator[Reason]:
    history = group.history
    own = {event.writer for event in history.events}
    below = [e for module in group.of.subclasses for e in module.timeline.construction.of(history.name)]
    for event in (*history.later, *(e for e in below if e.writer not in own)):
        if event.action is Action.DELETE:
            yield Reason(f"{group.of.where(event)} deletes it")
        elif _replaces(event):
            text = f"{group.of.where(event)} stores something else in it, which raises once it is a module"
            yield Reason(text, raises=True)
    for use in history.outside:
        if use.action in (Action.ASSIGN, Action.DELETE) and use.attr == history.name:
            where = group.of.place(use.path, use.span)
            yield Reason(f"{where} may store something else in it, which raises once it is a module")


def _replaces(event: Event) -> bool:
    statement = event.statement
    if event.action is not Action.ASSIGN or isinstance(statement, st.Evaluate):
        return False
    if isinstance(statement, st.Assign) and all(isinstance(target, ir.Subscript) for target in statement.targets):
        return False
    return not event.value.only(Kind.NONE, Kind.MODULE)


def _reads(group: ModuleGroup, shape: str) -> Iterator[Reason]:
    name = group.history.name
    for path, usage, read in (*group.history.reads(), *group.of.outside_reads(name)):
        where = group.of.place(path, read.expression.span)
        outer = read.around[0] if read.around else None
        if isinstance(outer, ir.Attribute):
            if outer.attr not in _METHODS[shape, group.holds_parameters]:
                kind = f"nn.{'Parameter' if group.holds_parameters else 'Module'}{shape.capitalize()}"
                yield Reason(f"{where} asks it for {outer.attr}, which {kind} does not have", raises=True)
        elif not _only_looks(read, outer, usage):
            yield Reason(f"{where} hands it on as it is: what takes it may need a plain {shape}")
    for event in group.stores:
        value = event.statement.value if isinstance(event.statement, st.Assign) else None
        around = group.of.method_around(event)
        if isinstance(value, ir.Name) and around is not None:
            others = [
                each for each in around[1].name_reads if each.id == value.id and each.span.start > value.span.start
            ]
            if others:
                where = group.of.place(event.path, others[0].span)
                yield Reason(f"{where} uses the plain {shape} '{value.id}' afterwards, of which torch's is a copy")


def _item_stores(group: ModuleGroup) -> Iterator[Reason]:
    """Yields items that methods set once it is built: torch's containers take modules alone."""
    scopes = {event.scope for event in group.stores}
    for owner, header, usage in group.history.usages():
        for target, _, _ in usage.items:
            if header.qualname not in scopes and _is_of(target.value, group):
                yield Reason(
                    f"{group.of.place(owner.path, target.span)} sets an item of it, which must be a module then"
                )


def _only_looks(read: Read, outer: ir.Expression | None, usage: Usage) -> bool:
    """Is it indexed, gone over, measured, or asked if something is in it?"""
    match outer:
        case None:
            statement = read.statement
            return isinstance(statement, st.For | st.If | st.While) or (
                isinstance(statement, st.Augment) and statement.target is read.expression
            )
        case ir.Subscript(value=value):
            return value is read.expression
        case ir.Comprehension():
            return any(generator.iterable is read.expression for generator in outer.generators)
        case ir.Call(func=func, args=args):
            if any(arg.value is read.expression and arg.star == "*" for arg in args):
                return True
            return isinstance(func, ir.Name) and func.id in _TAKES_ANY
        case ir.Compare(ops=ops):
            return all(op in ("in", "not in", "is", "is not") for op in ops)
        case ir.Unary(op="not") | ir.Starred():
            return True
    return False


def _enumerations(group: ModuleGroup) -> Iterator[Reason]:
    """Yields code of the class that goes over all modules or parameters, which gain those of the container."""
    for owner, header, usage in group.history.usages():
        for site in usage.called(*_GOES_OVER):
            if is_name(site.receiver, usage.receiver):
                where = group.of.place(owner.path, site.call.span)
                yield Reason(f"{header.name}() calls {site.callee}() of the module ({where}), which then reaches them")
                break


def _initialisers(group: ModuleGroup) -> Iterator[Reason]:
    """Yields code beside the class that goes over all modules of what may hold it: ``self.apply(init)``."""
    for word in _WALKS:
        for path, usage in group.of.usages_beside(word):
            for site in usage.called(word):
                if site.receiver is not None and (word == "apply" or _is_gone_over(site, usage)):
                    where = group.of.place(path, site.call.span)
                    yield Reason(
                        f"{where} goes over what a module holds ({word}()), and reaches its members from then on"
                    )
                    return


def _is_gone_over(site: CallSite, usage: Usage) -> bool:
    """Does a loop or comprehension go over what a call gives? What an optimizer is given is meant to grow."""
    return any(iterable is site.call for iterable in usage.iterated)


def _context(group: ModuleGroup) -> Iterator[Reason]:
    if group.of.lineage.unread:
        yield Reason(f"nobody here can read its base class {group.of.lineage.unread[0]}, which may claim the name")
    if group.of.is_built_on_meta:
        yield Reason(f"{group.of.is_built_on_meta}: checkpoints saved before lack the keys")
    if keyword.iskeyword(group.history.name):
        yield Reason("its name is a keyword", raises=True)
    for broken in group.of.unparsed(group.of.header.name):
        yield Reason(f"{broken.rpartition('/')[2]} mentions {group.of.header.name} and cannot be parsed")
