"""Modules and parameters that a plain list, tuple, dict or partial call keeps, so that nothing registers them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from bufferlint.interpreter.events import Action, Event
from bufferlint.interpreter.module_places import members, module_places, same_module
from bufferlint.interpreter.values import Kind, OneOf, PartialRef, Trait, Value
from bufferlint.ir import expressions as ir
from bufferlint.ir import statements as st
from bufferlint.ir.usage import Usage
from bufferlint.model.attribute_history import AttributeHistory
from bufferlint.model.module_class import ModuleClass
from bufferlint.resolution.references import ClassRef, External, FunctionRef, InstanceRef
from bufferlint.torch_model import api as torch_api
from bufferlint.torch_model.api import Role

_REGISTERS = frozenset({
    "add_module", "register_module", "register_parameter", "setattr", "__setattr__", "ModuleList", "ModuleDict",
    "Sequential", "ParameterList", "ParameterDict", "_modules", "add_modules",
})  # fmt: skip
"""A method that calls one of these and reads the attribute may register what it holds."""
_HANDLES_STATE = (
    "parameters", "named_parameters", "modules", "named_modules", "children", "named_children", "state_dict",
    "load_state_dict", "_apply", "to", "cuda", "train", "eval", "get_parameters", "_save_to_state_dict",
)  # fmt: skip
"""A method of such a name that reads the attribute reaches what nothing registers: by intention."""
_STORES = (Action.ASSIGN, Action.REGISTER_OTHER, Action.STORE_ANY)
_GROUPS = ("Sequential", "ModuleList", "ModuleDict")
_DEEPEST = 6


@dataclass(frozen=True)
class ModuleGroup:
    """What construction leaves in one attribute: a container of modules or of parameters, or a partial call."""

    history: AttributeHistory

    @property
    def of(self) -> ModuleClass:
        return self.history.of

    @cached_property
    def kept(self) -> tuple[Value, ...]:
        """The modules with state and the parameters that nothing but the attribute keeps; empty if there are none."""
        held = self.history.final.value
        is_group = held.only(Kind.CONTAINER, Kind.NONE, Kind.ABSENT) and held.may(Kind.CONTAINER)
        if not is_group and not isinstance(held.reference, PartialRef):
            return ()
        leaves = tuple(leaf for leaf in _leaves(held) if self._is_unregistered(leaf))
        if not leaves or self._is_hidden_on_purpose or self._is_registered_later:
            return ()
        return tuple(leaf for leaf in leaves if leaf.may(Kind.PARAMETER) or self._adds_state(leaf))

    @property
    def is_partial(self) -> bool:
        return isinstance(self.history.final.value.reference, PartialRef)

    @property
    def holds_parameters(self) -> bool:
        return all(leaf.only(Kind.PARAMETER) for leaf in _leaves(self.history.final.value))

    @cached_property
    def stores(self) -> tuple[Event, ...]:
        """The assignments of the container that is there when construction ends."""
        reached = set(self.history.final.writers)
        while True:
            more = {w for e in self.history.events if e.writer in reached for w in e.before.writers} - reached
            if not more:
                break
            reached |= more
        kind = Kind.CALLABLE if self.is_partial else Kind.CONTAINER
        found = [e for e in self.history.events if e.action is Action.ASSIGN and e.writer in reached]
        return tuple(e for e in found if e.value.may(kind, Kind.HOLDER) and _is_assigned(e))

    @cached_property
    def additions(self) -> tuple[Event, ...]:
        """The statements that add to the container: ``self.layers.append(...)``."""
        found = [e for e in self.history.events if e.action is Action.ASSIGN and e.writer in self.history.final.writers]
        return tuple(e for e in found if not _is_assigned(e) and any(map(_is_made, _leaves(e.value))))

    def _adds_state(self, leaf: Value) -> bool:
        """Does a module have state that is not that of registered ones in an ``nn.Sequential``?"""
        if not has_state(self.of, leaf):
            return False
        parts = parts_of(leaf)
        return not parts or any(part.storage.isdisjoint(self._attributes) for part in parts)

    def _is_unregistered(self, leaf: Value) -> bool:
        if not _is_made(leaf):
            return False
        return not any(same_module(one, other) for one in leaf.storage for other in self._registered)

    @cached_property
    def _registered(self) -> frozenset[tuple[str, int]]:
        """The places of modules that an attribute, or whatever was given them, may register."""
        modules = (self.of, *self.of.subclasses)
        handed = (each for module in modules for each in module.timeline.construction.handed)
        return self._attributes.union(*(each.storage for each in handed if not each.to.endswith("partial")))

    @cached_property
    def _attributes(self) -> frozenset[tuple[str, int]]:
        """The places of modules that are stored in attributes of their own."""
        modules = (self.of, *self.of.subclasses)
        events = (event for module in modules for event in module.timeline.construction.events)
        stored = (event.value for event in events if event.action in _STORES)
        kept = (value.storage for value in stored if value.may(Kind.MODULE, Kind.PARAMETER))
        return frozenset[tuple[str, int]]().union(*kept)

    @cached_property
    def _is_hidden_on_purpose(self) -> bool:
        """``self.teacher = [Teacher()]`` hides one module; the class's own ``parameters`` deals with others."""
        for event in self.stores:
            value = event.statement.value if isinstance(event.statement, st.Assign) else None
            if isinstance(value, ir.Display) and len(value.items) == 1 and not isinstance(value.items[0], ir.Starred):
                return not self.additions and not isinstance(value.items[0], ir.Display)
        usages = self.history.usages(*_HANDLES_STATE)
        return any(usage.mentions(self.history.name) for _, _, usage in usages)

    @cached_property
    def _is_registered_later(self) -> bool:
        """A method may register what the attribute holds."""
        if any(e.value.may(Kind.MODULE, Kind.PARAMETER) for e in self.history.later if e.action is Action.ASSIGN):
            return True
        for module in (self.of, *self.of.subclasses):
            for owner in module.lineage.classes:
                for header, usage in self.of.queries.methods(owner):
                    if header.name != "__init__" and self.history.name in usage.reads and _registers(usage):
                        return True
        return any(_registers(usage) for _, usage, _ in self.of.outside_reads(self.history.name))


def _is_assigned(event: Event) -> bool:
    """Is it an assignment of the attribute itself, and not of an item of what it holds?"""
    statement = event.statement
    return isinstance(statement, st.Assign) and any(_names(target, event.attr) for target in statement.targets)


def _names(target: ir.Expression, attr: str) -> bool:
    if isinstance(target, ir.Display):
        return any(_names(item, attr) for item in target.items)
    return isinstance(target, ir.Attribute) and target.attr == attr


_OF_DICTS = frozenset({"clear", "pop", "keys", "items", "values", "update", "get", "setdefault", "copy", "training"})


def is_key(text: str) -> bool:
    """Returns whether ``nn.ModuleDict`` takes a key (torch 2.13)."""
    return bool(text) and "." not in text and text not in _OF_DICTS and text not in torch_api.module_names()


def _registers(usage: Usage) -> bool:
    return any(site.callee in _REGISTERS for site in usage.calls) or "_modules" in usage.reads


def _leaves(value: Value) -> Iterator[Value]:
    """Yields what a container holds, containers within it opened."""
    for member in members(value):
        inner = tuple(_leaves(member))
        yield from inner or (member,)


def _is_made(leaf: Value) -> bool:
    """Is it a module or a parameter that the construction made, and nobody handed in?"""
    if not leaf.may(Kind.MODULE, Kind.PARAMETER) or leaf.traits & (Trait.FROM_CALLER | Trait.SHARED):
        return False
    return bool(module_places(leaf)) and all(start or not path.startswith("torch.") for path, start in leaf.storage)


def parts_of(value: Value) -> tuple[Value, ...]:
    """The members of an ``nn.Sequential`` and its like, as far as they are known."""
    return value.items or ((value.element,) if value.element is not None else ())


def has_state(of: ModuleClass, value: Value, depth: int = 0) -> bool:
    """Returns whether a module has parameters, buffers or a mode of training, as far as is known."""
    if isinstance(value.reference, OneOf):
        return any(has_state(of, each, depth) for each in value.reference.values)
    made = value.reference.of if isinstance(value.reference, InstanceRef) else None
    if depth > _DEEPEST or made is None:
        return False
    if isinstance(made, External):
        return _layer_has_state(of, made.name, value, depth)
    if not isinstance(made, ClassRef):
        return False
    lineage = of.hierarchy.lineage(made)
    outside = [external.name for external in lineage.externals]
    fills_itself = isinstance(lineage.find("__init__"), FunctionRef)
    if fills_itself and any(name.rpartition(".")[2] in _GROUPS for name in outside):
        return True
    if any(_layer_has_state(of, name, value, depth) for name in outside):
        return True
    for slot in of.built(made).values():
        held = slot.value
        if held.may(Kind.PARAMETER, Kind.BUFFER):
            return True
        if held.may(Kind.MODULE) and has_state(of, held, depth + 1):
            return True
    return False


def _layer_has_state(of: ModuleClass, name: str, value: Value, depth: int) -> bool:
    last = name.rpartition(".")[2]
    if last.endswith("Loss") or last == "Module":
        return False
    if last in _GROUPS:
        return any(has_state(of, part, depth + 1) for part in parts_of(value))
    known = torch_api.module_attributes(name)
    roles = set((known.instance or {}).values()) if known is not None else set()
    return "Dropout" in last or bool(roles & {Role.PARAMETER, Role.BUFFER, Role.MODULE})


def may_switch_mode(of: ModuleClass, value: Value, depth: int = 0) -> bool:
    """Returns whether a module may compute something else in ``eval()``, as far as is known."""
    if isinstance(value.reference, OneOf):
        return any(may_switch_mode(of, each, depth) for each in value.reference.values)
    made = value.reference.of if isinstance(value.reference, InstanceRef) else None
    if value.only(Kind.PARAMETER):
        return False
    if depth > _DEEPEST or made is None:
        return True
    if isinstance(made, External):
        return _layer_switches(of, made.name, value, depth)
    if not isinstance(made, ClassRef):
        return True
    lineage = of.hierarchy.lineage(made)
    if any(_layer_switches(of, external.name, value, depth) for external in lineage.externals):
        return True
    usages = (usage for owner in lineage.classes for _, usage in of.queries.methods(owner))
    if any(not _SWITCHING.isdisjoint((*usage.reads, *usage.strings)) for usage in usages):
        return True
    held = [slot.value for slot in of.built(made).values()]
    if any(each.may(Kind.UNKNOWN) for each in held):
        return True
    inner = [each for each in held if each.may(Kind.MODULE)]
    return any(may_switch_mode(of, each, depth + 1) for each in inner)


_SWITCHING = frozenset({"training", "dropout", "batch_norm", "train", "eval"})
_ONE_MODE = frozenset({
    "Linear", "Bilinear", "Identity", "Flatten", "Unflatten", "Embedding", "EmbeddingBag", "Conv1d", "Conv2d", "Conv3d",
    "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d", "LayerNorm", "GroupNorm", "RMSNorm", "ReLU", "ReLU6",
    "GELU", "SiLU", "Sigmoid", "Tanh", "LeakyReLU", "ELU", "CELU", "SELU", "PReLU", "Softplus", "Softmax", "LogSoftmax",
    "Hardtanh", "Hardswish", "Hardsigmoid", "Mish", "MaxPool1d", "MaxPool2d", "MaxPool3d", "AvgPool1d", "AvgPool2d",
    "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "Upsample", "PixelShuffle", "GRUCell",
    "LSTMCell", "RNNCell", "Module", "ZeroPad2d", "ReflectionPad1d", "ReflectionPad2d", "ConstantPad1d",
})  # fmt: skip
"""Layers of torch that compute the same in ``train()`` and in ``eval()``."""


def _layer_switches(of: ModuleClass, name: str, value: Value, depth: int) -> bool:
    last = name.rpartition(".")[2]
    if last in ("Sequential", "ModuleList"):
        parts = parts_of(value)
        return not parts or any(may_switch_mode(of, part, depth + 1) for part in parts)
    return last not in _ONE_MODE or not name.startswith("torch.nn.")
