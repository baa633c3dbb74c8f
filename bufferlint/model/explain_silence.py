"""Why nothing is said of an attribute, in the words that a finding would use for its reason."""

from __future__ import annotations

from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.values import Kind, Value
from bufferlint.ir.expressions import Call, Expression, Name
from bufferlint.ir.statements import Assign
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.resolution.hierarchy import Lineage

_HELD = {
    Kind.BUFFER: "it is a registered buffer",
    Kind.PARAMETER: "it is a parameter",
    Kind.MODULE: "it is a submodule",
}

_NOUNS = {
    Kind.TENSOR: "a tensor",
    Kind.PARAMETER: "a parameter",
    Kind.BUFFER: "a buffer",
    Kind.MODULE: "a module",
    Kind.NUMBER: "a number",
    Kind.TEXT: "a string",
    Kind.CONTAINER: "a list, tuple or dict",
    Kind.HOLDER: "an object with tensors",
    Kind.ARRAY: "a NumPy array",
    Kind.CALLABLE: "a function or class",
    Kind.OTHER: "an object without tensors",
    Kind.NONE: "None",
}


def no_module(name: str, lineage: Lineage) -> str:
    """Returns why a class is left alone altogether."""
    if lineage.is_exempt:
        return f"{name} has a state mechanism of its own (add_state)"
    if lineage.is_module is None:
        unread = ", ".join(dict.fromkeys("a base" if name == "?" else f"'{name}'" for name in lineage.unread))
        return (
            f"it is not known whether {name} is an nn.Module: {unread or 'a base'} cannot be followed; if that is one, "
            "name it in module-bases"
        )
    return f"{name} is no nn.Module"


def of_attribute(module: ModuleClass, attribute: str) -> str:
    """Returns why no rule speaks of an attribute of a module."""
    history = module.attribute(attribute)
    if not history.events:
        return _never_stored(history)
    if any(event.action is Action.REGISTER_BUFFER for event in history.events) and not history.final.value.only(
        Kind.BUFFER
    ):
        return "another path registers it as a buffer: whoever wrote that has decided about the plain one"
    if history.stays_on_cpu:
        return f"it is put on the CPU by name ({_last(history)}), and no method moves it: it is meant to stay there"
    if module.moves_itself and module.timeline.mentions("_apply", attribute):
        return f"{module.name} overrides _apply, which deals with it"
    if history.registered_as is not None:
        return f"its memory is that of the buffer '{history.registered_as}', and nothing reads the plain one"
    if module.timeline.is_read_by_a_loader_only(attribute):
        return "nothing reads it but what a DataLoader runs (collate_fn), where tensors are on the CPU"
    for kind, text in _HELD.items():
        if history.final.value.only(kind):
            return f"{text} ({_last(history)})"
    stores = [event for event in history.events if event.action in (Action.ASSIGN, Action.DELETE)]
    told = [_of_store(module, history, event) for event in stores]
    later = [event for event in history.later if event.action in (Action.ASSIGN, Action.DELETE)]
    told += [f"after construction {_of_store(module, history, event)}" for event in later]
    past = next((event for event in history.events if event.action is Action.SHADOW), None)
    if past is not None:
        told.append(
            f"{module.where(past)} stores it past nn.Module (object.__setattr__, __dict__), which keeps it out of to() "
            "and state_dict() on purpose"
        )
    return "; ".join(dict.fromkeys(told)) or "construction stores nothing in it"


def _never_stored(history: AttributeHistory) -> str:
    later = [event for event in history.later if event.action is Action.ASSIGN]
    if later:
        where = history.of.where(later[0])
        return (
            f"construction does not set it: {where} does, once the module runs (see lazy-cache for caches set to None)"
        )
    return "no assignment to it was found in the construction of the class"


def _last(history: AttributeHistory) -> str:
    return ", ".join(dict.fromkeys(history.of.where(e) for e in history.events if e.writer in history.final.writers))


def _of_store(module: ModuleClass, history: AttributeHistory, event: Event) -> str:
    """Returns what a statement does to the attribute, and why that is no fault."""
    where, value = module.where(event), event.value
    if event.action is Action.DELETE:
        return f"{where} deletes it"
    if Kind.UNKNOWN in value.kinds:
        code = event.statement.value if isinstance(event.statement, Assign) else None
        return f"what {where} stores is not certain: {_why_unknown(module, event, code)}"
    held = " or ".join(_NOUNS[kind] for kind in _NOUNS if kind in value.kinds) or "nothing"
    if Kind.TENSOR not in value.kinds:
        return f"{where} stores {held}" + (_of_members(value) if value.only(Kind.CONTAINER) else "")
    return f"{where} stores {held}, {_why_no_fault(module, history, event)}"


def _why_no_fault(module: ModuleClass, history: AttributeHistory, event: Event) -> str:
    if event.before.value.may(Kind.BUFFER):
        return "which fills the buffer of that name"
    if not event.value.only(Kind.TENSOR, Kind.NONE, Kind.PARAMETER):
        return "and the class does not compute with it as it lies: what may be no tensor is reported where it does"
    if event in history.events and event.writer not in history.final.writers:
        after = [e for e in history.events if e.writer in history.final.writers]
        by = ", ".join(dict.fromkeys(map(module.where, after)))
        return f"which {by} replaces" if by else "which construction deletes again"
    if event not in history.events:
        return "which the next run may compute anew"
    others = [e for e in history.events if e.writer in history.final.writers and e != event]
    if others:
        return "and another path leaves something else there"
    return "which another rule, or none, is asked for: see --select"


def _of_members(value: Value) -> str:
    """Returns what is known of the members of a container."""
    members = [*(value.items or ()), *([value.element] if value.element is not None else [])]
    if any(member.may(Kind.UNKNOWN) for member in members):
        return ", and nothing tells the kind of its members"
    return " without a tensor in it" if members else ", and nothing tells what is put into it"


def _why_unknown(module: ModuleClass, event: Event, value: Expression | None) -> str:
    if value is None:
        return "it is stored by a call"
    code = " ".join(module.text(event.path)[value.span.start : value.span.end].split())
    code = code if len(code) <= 60 else code[:57] + "..."
    if isinstance(value, Name):
        return f"'{value.id}' has no annotation, default or assignment that tells its kind"
    if isinstance(value, Call):
        return f"what {code} gives is not known"
    return f"the kind of {code} is not known"
