"""The catalogue of rules: one file each, found by walking this package."""

from __future__ import annotations

import inspect
import pkgutil
from functools import cache
from importlib import import_module

from bufferlint.rules._rule import Rule
from bufferlint.screening.needs import Need
from bufferlint.settings import Settings


@cache
def catalogue() -> tuple[Rule, ...]:
    """All rules, by code. A rule is a module that does not begin with an underscore; its file name is its name."""
    rules: list[Rule] = []
    for info in pkgutil.iter_modules(__path__):
        if info.name.startswith("_"):
            continue
        module = import_module(f"{__name__}.{info.name}")
        page = inspect.getdoc(module) or ""
        name = info.name.replace("_", "-")
        on = getattr(module, "ON_BY_DEFAULT", True)
        check, review = getattr(module, "check", None), getattr(module, "review", None)
        needs = getattr(module, "NEEDS", Need.NOTHING)
        named = getattr(module, "NEEDS_WHEN_NAMED", None)
        rules.append(Rule(module.CODE, name, page.partition("\n")[0], page, check, on, review, needs, named))
    return tuple(sorted(rules, key=lambda rule: rule.code))


def selected(settings: Settings) -> tuple[Rule, ...]:
    """The rules that the settings ask for; a selector is a code, the beginning of one, a rule's name, or ``ALL``."""
    chosen = [
        rule
        for rule in catalogue()
        if (rule.answers_to_any(settings.select) if settings.select else rule.on_by_default)
        or rule.answers_to_any(settings.extend_select)
    ]
    return tuple(rule for rule in chosen if not rule.answers_to_any(settings.ignore))


def may_fix(rule: Rule, settings: Settings) -> bool:
    """Do the settings want the fixes of a rule?"""
    return rule.answers_to_any(settings.fixable) and not rule.answers_to_any(settings.unfixable)


def is_selector(text: str) -> bool:
    """Returns whether a selector names at least one rule."""
    return any(rule.answers_to(text) for rule in catalogue())
