"""Where LibCST's nodes lie in the text, in characters, without its metadata machinery.

LibCST's position providers cost more than the parse itself; they work by generating the code once with a state that
watches the length of what was written. This is that state and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState

from bufferlint.text.span import Span


class _Recorder(CodegenState):
    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.position = 0
        self.inner: dict[int, Span] = {}
        self.outer: dict[int, Span] = {}
        self._stack: list[int] = []

    def add_indent_tokens(self) -> None:
        super().add_indent_tokens()
        self.position += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        super().add_token(value)
        self.position += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._stack.append(self.position)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.outer[id(node)] = Span(self._stack.pop(), self.position)

    @contextmanager
    def record_syntactic_position(
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> Iterator[None]:
        start = self.position
        yield
        end = self.position
        if start_node is not None:
            start = self.outer[id(start_node)].start
        if end_node is not None:
            end = self.outer[id(end_node)].end
        self.inner[id(node)] = Span(start, end)


class Positions:
    """Spans of all nodes of a module, moved by ``shift`` characters."""

    def __init__(self, module: cst.Module, shift: int) -> None:
        recorder = _Recorder(module)
        module._codegen(recorder)
        self._recorder = recorder
        self._shift = shift
        self.code = "".join(recorder.tokens)

    def outer(self, node: cst.CSTNode) -> Span:
        """The node with its own parentheses and the whitespace that it owns."""
        return self._recorder.outer[id(node)].shifted(self._shift)

    def inner(self, node: cst.CSTNode) -> Span:
        """The node without its own parentheses and whitespace."""
        known = self._recorder.inner.get(id(node))
        return known.shifted(self._shift) if known else self.outer(node)
