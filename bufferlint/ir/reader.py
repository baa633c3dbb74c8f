"""The door through which meaning asks for code, so that it never meets a syntax tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bufferlint.ir.anchors import Anchors
from bufferlint.ir.budget import Budget
from bufferlint.ir.definitions import ClassHeader, ClassName, FunctionHeader, Holders, Outline
from bufferlint.ir.flows import Flow
from bufferlint.text.span import Location, Span
from bufferlint.text.workspace import Gathered

if TYPE_CHECKING:
    from bufferlint.ir.expressions import Expression
    from bufferlint.ir.statements import Function, Statement


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that cannot be parsed: why, the offset of the place, and what to do about it."""

    path: str
    cause: str
    offset: int
    advice: str = "fix the file, or leave it out with --exclude"


class Reader(Protocol):
    """Outlines and bodies of the workspace's files, read when asked for and kept."""

    budget: Budget
    """Counts the steps of the analysis."""

    @property
    def root(self) -> str: ...

    def length(self, path: str) -> int:
        """Returns the number of characters of a file, which counts for the steps of its classes alone."""

    def exists(self, path: str) -> bool:
        """Returns whether the workspace has such a file."""

    @property
    def remembers(self) -> bool:
        """True where `gathered` is known of most files without reading them."""

    def gathered(self, path: str) -> Gathered:
        """Returns what is asked of every file of a project; nothing when there is no such file.

        Nothing comes to depend on it: who asks notes for which names."""

    def pieces(self, path: str) -> frozenset[str]:
        """Returns all ASCII words of a file, and perhaps pieces of others.

        Nothing comes to depend on it: who asks notes for which words."""

    def outline(self, path: str) -> Outline | Unreadable | None:
        """None when the workspace has no such file."""

    def function(self, path: str, header: FunctionHeader) -> Function | None:
        """A function with its body; None when it cannot be read (then `problems` holds why)."""

    def statement(self, path: str, name: ClassName) -> Statement | None:
        """The statement that binds a class-level or module-level name."""

    def module_body(self, path: str) -> Function | None:
        """The statements that a file runs when it is imported, those of class bodies included; None when there are
        none to be read."""

    def flow(self, path: str, header: FunctionHeader, is_method: bool, judging: bool = False) -> Flow | None:
        """Returns where the values of a function come from; None when that cannot be told. ``judging`` says that it
        counts for nothing but verdicts that can be found again: on classes that were `held_back`, or on what
        `passes_none`."""

    def value_flow(self, path: str, name: ClassName, judging: bool = False) -> Flow | None:
        """The same of the statement that binds a class-level or module-level name."""

    def held_back(self, path: str, name: str, files: Iterable[str], needs: tuple[str, ...] = ()) -> None:
        """Note that a class is held back, which has code in some files: by the screen, or by the prefilters that were
        asked for some ``needs``."""

    def passes_none(self, path: str, span: Span, to: str, name: str) -> None:
        """Note that a function or statement passes no tensor to the constructor of the class ``name`` of the file
        ``to``."""

    def looked_for_givers(self, path: str, name: str) -> None:
        """Note that it counts who passes tensors to the constructor of a class."""

    def give_up(self, path: str, header: FunctionHeader, cause: str) -> None:
        """Note that a bound of the analysis was met in a function: one for each file and cause."""

    def leave_out_from(self, path: str, header: ClassHeader) -> None:
        """Note that the classes of a file have taken all of its steps, so that those from one on are not looked at."""

    def leave_out(self, path: str, header: ClassHeader, cause: str) -> None:
        """Note that a class is left out for what is too much in all classes of its file, and others may be: once for
        each file and cause."""

    def anchors(self, path: str, span: Span) -> Anchors | None:
        """Returns where the statement or expression of a span may be edited; None when LibCST does not read one
        there."""

    def annotation(self, path: str, name: ClassName) -> Expression | None:
        """The annotation of a class-level or module-level name."""

    def where(self, path: str, offset: int) -> Location:
        """Row and column of an offset of a file that exists."""

    def constructed(self, path: str) -> Mapping[Span, Sequence[str]]:
        """The names that begin with a capital and are called, by the function or module-level statement they are in."""

    def looked_up(self, path: str, name: str) -> None:
        """Note that it counts what a name means in a file; ``*`` for all names."""

    def looked_for_calls(self, name: str) -> None:
        """Note that it counts where a name is called."""

    def looked_for_word(self, word: str) -> None:
        """Note that it counts which code holds a word."""

    def may_take(self, path: str, header: FunctionHeader, name: str) -> bool:
        """False when a function certainly has no parameter of some name."""

    def handing_on_keywords(self, path: str) -> Mapping[str, Sequence[tuple[int, str, bool]]]:
        """The names that a file may call with all keywords of some function, with the place and the name of those, and
        whether it certainly is such a call. Nothing comes to depend on it: who asks notes for which names."""

    def mentions(self, path: str, word: str) -> bool:
        """Returns whether the source's text holds a word, or a longer one with it."""

    def may_pass_on(self, path: str, name: str) -> bool:
        """False when a file certainly neither inherits from a class of some name nor gives it another name."""

    def is_defined_there(self, path: str, name: str) -> bool:
        """Returns whether a name certainly stands for a function of the file wherever the file uses it."""

    def may_store_on_argument(self, path: str, span: Span) -> bool:
        """False when a function certainly sets no attribute of what it is given."""

    def holders(self, path: str, word: str) -> Holders:
        """The code of a file that holds a word; none when there is no such file, or it cannot be read."""

    def may_bind(self, path: str, header: FunctionHeader, word: str, is_method: bool) -> bool:
        """False when a function certainly binds no attribute ``word`` of an object other than its instance, and has no
        such string."""

    def holds_word(self, path: str, span: Span, word: str) -> bool:
        """Does the code of a function or statement hold a whole word?"""

    def code(self, path: str, span: Span, judging: bool = False) -> str:
        """The code of a function, a class or a statement of the outline, or of a part of one; ``judging`` as for
        `flow`."""

    def text(self, path: str) -> str:
        """The source's text; empty when there is no such file. Asked for only where nothing less will do: what rests on
        it has to be found out again whenever anything in the file changes."""
