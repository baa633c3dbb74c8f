"""The arguments that a distribution of torch was made with, as far as construction tells."""

from __future__ import annotations

from bufferlint.interpreter.values import Kind, Value
from bufferlint.resolution.references import External, InstanceRef
from bufferlint.torch_model import distributions


def arguments_of(value: Value) -> tuple[tuple[Value, str], ...] | None:
    """Each argument with the parameter that it is kept as, in the order of the call; an empty name for another one.

    None for what is no distribution of torch, or one that is made in more ways than one."""
    made = value.reference.of if isinstance(value.reference, InstanceRef) else None
    if not value.only(Kind.HOLDER) or not isinstance(made, External) or value.fields is None:
        return None
    names = distributions.parameters(made.name)
    if not names or made.name.endswith("Categorical"):
        return None  # it keeps them normalised: no buffer would hold the values that it has
    found: list[tuple[Value, str]] = []
    for key, argument in value.fields:
        name = names[key] if isinstance(key, int) and key < len(names) else key
        found.append((argument, name if isinstance(name, str) and name in names else ""))
    return tuple(found)
