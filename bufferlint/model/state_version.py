"""The version that a class gives its part of a state_dict: ``_version``, its own or an inherited one."""

from __future__ import annotations

from bufferlint.ir.expressions import Constant
from bufferlint.ir.statements import Assign
from bufferlint.model.module_class import ModuleClass
from bufferlint.resolution import frameworks
from bufferlint.text.span import Span
from bufferlint.torch_model import versions

_VERSION = "_version"


def state_version(module: ModuleClass) -> tuple[int, Span | None] | str:
    """The version, and where the class itself writes it if it does; or why that cannot be told."""
    for owner in module.lineage.classes:
        found = owner.header.valued(_VERSION)
        if found is None:
            continue
        sharing = module.find(owner)
        statement = sharing.class_statement(found) if sharing is not None else None
        value = statement.value if isinstance(statement, Assign) else None
        if not isinstance(value, Constant) or type(value.value) is not int:
            return f"{owner.header.name}.{_VERSION} is no plain number"
        return value.value, value.span if owner == module.ref else None
    known = [_external(each.name) for each in module.lineage.externals]
    if None in known:
        return "a base from outside the project may count versions of its own"
    return max((each for each in known if each is not None), default=versions.PLAIN), None


def _external(name: str) -> int | None:
    version = versions.state_version(name)
    return versions.PLAIN if version is None and frameworks.is_unversioned(name) else version
