"""What a class needs to load checkpoints with strict=True that were saved before it had its new state_dict keys.

    _version = 2

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, *args, **kwargs):
        # checkpoints saved before version 2 lack what became a buffer: it stays as it was built
        if local_metadata.get("version", 1) < 2:
            state_dict.setdefault(prefix + "mask", self.mask)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args, **kwargs)

That is how ``nn.BatchNorm1d`` of torch came to ``num_batches_tracked``. A checkpoint of the new version that lacks the
key is refused as ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bufferlint.fixes.properties import line_break, method_behind
from bufferlint.interpreter.values import Kind
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.definitions import FunctionHeader
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.model.state_version import state_version
from bufferlint.text.edits import Edit
from bufferlint.text.span import Span

_LOAD = "_load_from_state_dict"
_VERSION = "_version"
_GIVEN = ("state_dict", "prefix", "local_metadata")


def loader(module: ModuleClass, keys: Sequence[str]) -> tuple[Edit, ...] | str:
    """The edits of a rewritten class that fill the ``keys`` which older checkpoints lack, or why there are none."""
    refused = next(_refusals(module, keys), None)
    if refused is not None:
        return refused
    version = _version_of(module)
    if isinstance(version, str):
        return version
    number, edit = version
    own = module.header.method(_LOAD)
    if own is None:
        written = _method(module, keys, number)
        return (edit, written) if written is not None else "its class body has no room for a method"
    merged = _merged(module, own, keys, number)
    return (edit, *merged) if merged and not isinstance(merged, str) else merged


def _refusals(module: ModuleClass, keys: Sequence[str]) -> Iterator[str]:
    if module.header.insertion is None or not module.header.indent:
        yield "its class body has no room for a method"
    for key in keys:
        if not _is_set_here(module, key):
            yield f"'{key}' is registered by code of another class, which others may share"
    for below in module.subclasses:
        if below.header.binds(_VERSION):
            yield f"{below.name} gives its state_dict a version of its own"
        header = below.header.method(_LOAD)
        usage = module.queries.usage(below.path, header) if header is not None else None
        if header is not None and (usage is None or not any(True for _ in usage.called(_LOAD))):
            yield f"{below.name}.{_LOAD}() does not call the one it inherits"


def _is_set_here(module: ModuleClass, key: str) -> bool:
    if key.endswith("_*"):
        return module.header.method(key[:-2]) is not None
    events = _history(module, key).events
    return bool(events) and all(event.owner == module.ref for event in events)


def _history(module: ModuleClass, key: str) -> AttributeHistory:
    """The history of a key's attribute, which a name with two underscores has under its own name."""
    history = module.attribute(key)
    plain = key.removeprefix(f"_{module.header.name.lstrip('_')}")
    return history if history.events else module.attribute(plain)


def _version_of(module: ModuleClass) -> tuple[int, Edit] | str:
    """The next version of the class's part of a state_dict, with the edit that says so."""
    found = state_version(module)
    if isinstance(found, str):
        return found
    number, written = found
    number += 1
    return number, Edit(written, str(number)) if written is not None else _new_version(module, number)


def _new_version(module: ModuleClass, number: int) -> Edit:
    header, text = module.header, module.text(module.path)
    assert header.insertion is not None
    gap = line_break(text) * (2 if header.methods else 1)
    return Edit(Span(header.insertion, header.insertion), f"{header.indent}{_VERSION} = {number}{gap}")


def _method(module: ModuleClass, keys: Sequence[str], number: int) -> Edit | None:
    around = _registering(module, keys)
    if around is None:
        return None
    given = ", ".join(_GIVEN)
    lines = [
        f"def {_LOAD}(self, {given}, *args, **kwargs):",
        *(f"\t{line}" for line in _filling(module, keys, number, _GIVEN, "self")),
        f"\tsuper().{_LOAD}({given}, *args, **kwargs)",
    ]
    return method_behind(module, module.ref, around, lines)


def _registering(module: ModuleClass, keys: Sequence[str]) -> FunctionHeader | None:
    """The method behind which the new one stands: the last that registers one of the keys."""
    scopes = {event.scope for key in keys for event in _history(module, key).events}
    scopes |= {f"{module.header.qualname}.{key[:-2]}" for key in keys if key.endswith("_*")}
    own = [method for method in module.header.methods if method.qualname in scopes]
    return own[-1] if own else module.header.method("__init__")


def _is_always_held(history: AttributeHistory) -> bool:
    """Is it a tensor whenever construction ends? A buffer that is None has no key, and must not get one."""
    return history.final.value.only(Kind.BUFFER) and not any(event.value.may(Kind.NONE) for event in history.events)


def _filling(module: ModuleClass, keys: Sequence[str], number: int, given: Sequence[str], me: str) -> list[str]:
    """The lines that put what the instance holds in the place of what an older checkpoint lacks."""
    state, prefix, metadata = given
    lines = [
        f"# checkpoints saved before version {number} lack what became a buffer: it stays as it was built",
        f'if {metadata}.get("version", 1) < {number}:',
    ]
    names = [key for key in keys if not key.endswith("_*")]
    begun = [key[:-1] for key in keys if key.endswith("_*")]
    if begun or not all(_is_always_held(_history(module, name)) for name in names):
        asked = [f"name in {_tuple(names)}" if len(names) > 1 else f"name == {_quoted(names[0])}"] if names else []
        asked += [f"name.startswith({_tuple(begun) if len(begun) > 1 else _quoted(begun[0])})"] if begun else []
        return [
            *lines,
            f"\tfor name, buffer in {me}.named_buffers(recurse=False):",
            f"\t\tif {' or '.join(asked)}:",
            f"\t\t\t{state}.setdefault({prefix} + name, buffer)",
        ]
    if len(names) == 1:
        return [*lines, f"\t{state}.setdefault({prefix} + {_quoted(names[0])}, {me}.{names[0]})"]
    return [
        *lines,
        f"\tfor name in {_tuple(names)}:",
        f"\t\t{state}.setdefault({prefix} + name, getattr({me}, name))",
    ]


def _quoted(name: str) -> str:
    return f'"{name}"'


def _tuple(names: Sequence[str]) -> str:
    return f"({', '.join(map(_quoted, names))}{',' if len(names) == 1 else ''})"


def _merged(module: ModuleClass, own: FunctionHeader, keys: Sequence[str], number: int) -> tuple[Edit, ...] | str:
    """The same lines at the start of the method that the class has already."""
    body, usage = module.queries.function(module.path, own), module.queries.usage(module.path, own)
    left = [key for key in keys if usage is None or key not in usage.strings]
    if not left:
        return ()
    if body is None or len(body.parameters) < 4 or any(each.star for each in body.parameters[:4]):
        return f"its {_LOAD}() takes its arguments in a way of its own: fill the keys there"
    me, *given = (each.name for each in body.parameters[:4])
    first = next((each for each in body.body if not _is_text(each)), None)
    text = module.text(module.path)
    line = max(text.rfind("\n", 0, first.span.start), text.rfind("\r", 0, first.span.start)) + 1 if first else 0
    if first is None or text[line : first.span.start].strip():
        return f"its {_LOAD}() has no room for more: fill the keys there"
    indent = text[line : first.span.start]
    step = "\t" if indent.endswith("\t") else "    "
    break_ = line_break(text)
    written = (f"{indent}{each.replace(chr(9), step)}{break_}" for each in _filling(module, left, number, given, me))
    return (Edit(Span(line, line), "".join(written)),)


def _is_text(statement: st.Statement) -> bool:
    value = statement.value if isinstance(statement, st.Evaluate) else None
    return isinstance(value, ir.Constant) and isinstance(value.value, str)
