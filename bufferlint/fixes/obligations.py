"""Why registering an attribute as a buffer must be withheld, or may change behaviour.

Each answer is the verified behaviour of torch 2.13 (``register_buffer`` and ``nn.Buffer`` alike unless said).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bufferlint.interpreter.events import Action
from bufferlint.interpreter.values import Kind, Trait
from bufferlint.model.attribute_history import AttributeHistory, registers_buffer
from bufferlint.settings import Settings, Style

_RANK = re.compile(r"\b(?:get_rank|local_rank|global_rank|node_rank)\b|[\"'](?:LOCAL_|GLOBAL_)?RANK[\"']")
BRACES = re.compile(r"\{.*?\}")
_FITS = frozenset({Kind.TENSOR, Kind.NONE, Kind.BUFFER, Kind.ABSENT})
_OTHER_ROLES = frozenset({Kind.PARAMETER, Kind.MODULE})


def withheld(history: AttributeHistory, persistent: bool, settings: Settings) -> str | None:
    """The first reason for which the rewrite would raise or lose something; None when there is none."""
    style = settings.style
    for reasons in (
        _spelling(persistent, settings),
        _registration(history, style),
        _value(history, persistent),
        _of_rank(history),
        _later_use(history),
    ):
        first = next(reasons, None)
        if first is not None:
            return first
    return None


def _spelling(persistent: bool, settings: Settings) -> Iterator[str]:
    """What the oldest torch of the project cannot run."""
    oldest = settings.min_torch
    needs = [("nn.Buffer", (2, 5))] if settings.style is Style.NN_BUFFER else []
    needs += [] if persistent else [("persistent=False", (1, 6))]
    for spelled, since in needs:
        if oldest is not None and oldest < since:
            yield f"{spelled} needs torch {since[0]}.{since[1]}, and min-torch is {oldest[0]}.{oldest[1]}"


def _registration(history: AttributeHistory, style: Style) -> Iterator[str]:
    module = history.of
    for event in history.first_assignments:
        if not event.before.value.only(Kind.ABSENT, Kind.TENSOR, Kind.NONE, Kind.BUFFER):
            held = _kinds(event.before.value.kinds)
            yield f"the name may already hold something else ({held}) at {module.where(event)}"
        if not event.value.only(Kind.TENSOR, Kind.NONE):
            yield f"what {module.where(event)} stores is not certainly a tensor"
        if event.path != module.path:
            yield f"it is first set in another file ({module.where(event)})"
    if history.before_in_classes_sharing_init - {Kind.ABSENT, Kind.BUFFER}:
        yield 'a subclass sets the name before this class does: registering then raises "attribute already exists"'
    if history.taken_by:
        yield f"{history.taken_by}: registering raises \"attribute '{history.name}' already exists\""
    if "." in BRACES.sub("", history.name) or not history.name:
        yield "a buffer's name can't be empty or contain a dot"
    for each in (module, *history.classes_sharing_init):
        if each.overrides("__setattr__") and style is Style.REGISTER_BUFFER:
            yield f"{each.name} has its own __setattr__, which register_buffer would go around"
        elif each.timeline.mentions("__setattr__", history.name):
            yield f"the __setattr__ of {each.name} treats it in a way of its own"
        if each.overrides("register_buffer"):
            yield f"{each.name} has its own register_buffer"
    if history.in_dict == "by name":
        yield "the class looks for it in __dict__, where a buffer is not"


def _value(history: AttributeHistory, persistent: bool) -> Iterator[str]:
    traits = Trait.NOTHING
    for event in (*history.first_assignments, *history.stores):
        traits |= event.value.traits
    if Trait.TRAINABLE in traits:
        yield (
            "it requires a gradient or is computed from something that does: make it an nn.Parameter, or detach() it "
            "before registering"
        )
    if Trait.EXPANDED in traits and persistent:
        yield "several of its elements share memory (expand, meshgrid): loading into it fails unless it is cloned first"


def _of_rank(history: AttributeHistory) -> Iterator[str]:
    """DistributedDataParallel makes every buffer rank 0's, persistent or not, at wrap and before each forward (H34)."""
    for event in (*history.first_assignments, *history.stores):
        code = history.of.text(event.path)[event.span.start : event.span.end]
        if _RANK.search(code):
            yield "its value depends on the rank of the process: DistributedDataParallel makes all buffers rank 0's"


def _later_use(history: AttributeHistory) -> Iterator[str]:
    module = history.of
    own = {event.writer for event in history.first_assignments}
    after = [e for e in history.following(own) if e.action not in (Action.READ_ON_CPU, Action.MEETS_CPU)]
    for event in (*after, *history.in_classes_sharing_init, *history.later):
        if event.action is Action.DELETE:
            yield f"it is deleted at {module.where(event)}: what is assigned next would be a plain tensor again"
        if event.action is Action.SHADOW:
            yield f"it is written past nn.Module at {module.where(event)}, which would hide the buffer"
        if event.action is Action.READ_ON_CPU:
            yield f"{module.where(event)} calls .numpy() on it or the like, which raises once it has moved to a device"
        if event.action is Action.REGISTER_OTHER or event.value.may(*_OTHER_ROLES):
            if event.writer not in own and event.action in (Action.ASSIGN, Action.REGISTER_OTHER):
                yield f"it becomes a parameter or a submodule at {module.where(event)}"
        elif event.action is Action.ASSIGN and event.value.kinds - _FITS - {Kind.UNKNOWN}:
            kinds = _kinds(event.value.kinds - _FITS)
            yield f"{module.where(event)} assigns something else to it ({kinds}), which a buffer refuses"


def caveats(history: AttributeHistory, persistent: bool) -> Iterator[str]:
    """What the rewrite may change in a way that the analysis cannot rule out."""
    module = history.of
    traits = Trait.NOTHING
    for event in (*history.first_assignments, *history.stores):
        traits |= event.value.traits
    yield from _of_traits(traits, persistent)
    if history.is_transformed and not traits & (Trait.INTEGER | Trait.COMPLEX):
        yield (
            "an FFT takes it, and Module.half() would cast it: in half precision an FFT raises on the CPU, and on a "
            "GPU but for powers of two"
        )
    if Trait.EXPANDED in traits:
        yield "several of its elements share memory (expand, meshgrid): DistributedDataParallel can't broadcast it"
    if any(map(module.is_in_property, history.first_assignments)):
        yield "TorchScript compiles properties, in which it takes an assignment and no registration"
    if "{" in history.name:
        yield "its name is made at run time: it may hold a dot, and what other code does with it is not seen"
    if module.overrides("__setattr__"):
        yield "the class has its own __setattr__, through which a buffer is set"
    if module.overrides("__getattr__"):
        yield "the class has its own __getattr__, through which a buffer is read"
    if history.in_dict is not None:
        yield "the class works on its __dict__, where a buffer is not"
    if history.outside is not None:
        yield f"{history.outside} assigns to it from outside the class, where a buffer takes tensors only"
    loader = module.timeline.loader_that_reads(history.name)
    if loader is not None:
        yield f"a DataLoader runs {loader}, where the tensors that it meets are on the CPU"
    met = next((event for event in history.later if event.action is Action.MEETS_CPU), None)
    if met is not None:
        yield f"{module.where(met)} uses it together with a tensor that is made on the CPU"
    other = history.shares_storage_with
    if other is not None:
        yield f"it may share memory with 'self.{other}', from which a move to a device or another dtype separates it"
    stranded = history.other_stranded_attribute
    if stranded is not None:
        yield f"'self.{stranded}' may stay behind, or hold what does: using both raises once the module moved"
    registered = next((e for e in history.in_classes_sharing_init if registers_buffer(e)), None)
    if registered is not None:
        yield f"{module.where(registered)} registers a buffer of that name, which raises today and would not any more"
    if module.lineage.unread:
        yield f"nobody here can read its base class {module.lineage.unread[0]}, which may claim the name"
    if module.is_built_on_meta and not persistent:
        yield f"{module.is_built_on_meta}: a non-persistent buffer built on the meta device is never filled"
    elif module.is_built_on_meta:
        yield f"{module.is_built_on_meta}: checkpoints saved before lack the key, which then stays uninitialised"
    later = [event for event in history.changes if event.action is Action.ASSIGN]
    unknown = next((e for e in (*later, *history.in_classes_sharing_init) if e.value.may(Kind.UNKNOWN)), None)
    if unknown is not None:
        yield f"{module.where(unknown)} assigns a value to it that may be no tensor, which a buffer refuses"
    elif history.unclear:
        yield f"{module.where(history.unclear[0])} stores what may be no tensor: it stays plain, or a buffer refuses it"
    elif later:
        yield f"{module.where(later[0])} assigns it again: a checkpoint may hold another shape than a fresh instance"
    emptied = next((e for e in history.later if e.action is Action.ASSIGN and e.value.may(Kind.NONE)), None)
    if emptied is not None:
        yield f"{module.where(emptied)} may set it to None, which torch.export refuses of a buffer in forward"
    if any(
        event.owner is not None and event.owner not in module.lineage.classes for event in history.first_assignments
    ):
        yield "it is set by a function outside the class"
    if any(event.owner is not None and not module.is_module(event.owner) for event in history.first_assignments):
        yield "the class that sets it is no nn.Module by itself"


def _of_traits(traits: Trait, persistent: bool) -> Iterator[str]:
    if Trait.FROM_CALLER in traits:
        yield (
            "the tensor is handed in from outside: the buffer shares its memory unless you .clone() it, and it may "
            "require a gradient"
        )
    elif Trait.SHARED in traits:
        yield (
            "the tensor is shared (a module-level, class-level or default value): loading a state_dict writes into it "
            "unless you .clone() it"
        )
    if Trait.SPARSE in traits:
        yield "it is sparse: DistributedDataParallel and Module.share_memory() refuse sparse buffers"
    if Trait.COMPLEX in traits:
        yield "the tensor is complex: Module.to(dtype) discards its imaginary part"
    if Trait.HALF_UNSAFE in traits and Trait.INTEGER not in traits:
        yield "its values may not survive half precision, to which Module.half() would cast the buffer"
    if Trait.SCALAR in traits and Trait.INTEGER not in traits:
        yield "it is a float of no dimensions, which Module.half() would round"
    if persistent and traits & (Trait.STRIDED | Trait.VIEW_OF_LARGER):
        yield "it is a view: a checkpoint stores all of the memory behind it, and safetensors refuses it"


def _kinds(kinds: frozenset[Kind]) -> str:
    return ", ".join(sorted(kind.value for kind in kinds - {Kind.ABSENT}))
