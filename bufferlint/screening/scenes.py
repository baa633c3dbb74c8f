"""Where terms are looked at: a function that runs, or a statement of a class or module body."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bufferlint.ir.flows import Flow, Promise, Terms
from bufferlint.screening.origins import GIVEN, NOTHING, Origins, Rounds

if TYPE_CHECKING:
    from bufferlint.screening.origin_finder import OriginFinder

NO_FLOW = Flow("", {}, {}, (), (), (), NOTHING, NOTHING, Promise(frozenset()), frozenset(), False, ())


class Body:
    """A function that runs on nobody's behalf, or a statement at module level; its arguments are `GIVEN`."""

    def __init__(
        self,
        origins: OriginFinder,
        path: str,
        scope: str,
        flow: Flow,
        receiver: Origins = NOTHING,
        rounds: Rounds | None = None,
    ) -> None:
        self.path = path
        self.scope = scope
        self.flow = flow
        self.rounds = rounds or Rounds()
        self._origins = origins
        self._receiver = receiver
        self._locals: dict[str, Origins] = {}
        self._asked: dict[str, int] = {}

    def of_name(self, name: str) -> Origins | None:
        """Returns what a name of the function itself may be; None when it has none such."""
        flow = self.flow
        if name == flow.receiver and name:
            return self._receiver
        terms, promise = flow.locals.get(name), flow.parameters.get(name)
        if terms is None:
            return None if promise is None else self.argument(name, promise)
        found = self.rounds.value(self._locals, self._asked, name, lambda: self._origins.of_terms(terms, self))
        return found if promise is None else found | self.argument(name, promise)

    def find(self, terms: Terms) -> Origins:
        """Returns what terms may be, in as many rounds as it takes."""
        found = NOTHING
        while self.rounds.next():
            found = self._origins.of_terms(terms, self)
        return found

    def argument(self, name: str, promise: Promise) -> Origins:
        return self._origins.promised(promise, self) or frozenset({GIVEN})

    def of_self(self, attr: str) -> Origins:
        """Returns what an attribute of the receiver may be."""
        return NOTHING

    def of_method(self, name: str) -> Origins:
        """Returns what a method of the receiver may return."""
        return NOTHING

    def methods_named(self, name: str) -> tuple[Body, ...]:
        """The methods of the receiver that a name may mean."""
        return ()
