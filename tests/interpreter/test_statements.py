"""What statements leave on the instance, path by path."""

from __future__ import annotations

from bufferlint.interpreter.events import Action
from bufferlint.interpreter.values import Kind
from tests.interpreter.running import kinds, ran


def test_branches_join() -> None:
    assert kinds("if n:\n    self.x = torch.ones(2)\nelse:\n    self.x = 1", "n") == {Kind.TENSOR, Kind.NUMBER}


def test_an_attribute_that_one_path_leaves_unset() -> None:
    assert kinds("if n:\n    self.x = torch.ones(2)", "n") == {Kind.TENSOR, Kind.ABSENT}


def test_a_path_that_raises_leaves_nothing() -> None:
    assert kinds("self.x = None\nif n:\n    self.x = torch.ones(2)\n    raise ValueError", "n") == {Kind.NONE}


def test_a_path_that_returns_early_counts() -> None:
    body = "self.x = None\nif n:\n    return\nself.x = torch.ones(2)"
    assert kinds(body, "n") == {Kind.TENSOR, Kind.NONE}


def test_what_one_turn_leaves_the_next_may_store() -> None:
    assert kinds("y = None\nfor _ in range(n):\n    self.x = y\n    y = torch.ones(2)", "n") >= {Kind.TENSOR, Kind.NONE}


def test_a_loop_that_breaks_leaves_what_it_stored() -> None:
    assert Kind.TENSOR in kinds("self.x = None\nfor _ in n:\n    self.x = torch.ones(2)\n    break", "n")


def test_events_come_in_the_order_of_the_statements() -> None:
    code = """
    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.x = torch.ones(2)
            self.x.zero_()
            self.register_buffer("y", self.x)
            del self.x
    """
    held, events = ran(code)
    wanted = [("x", Action.ASSIGN), ("x", Action.MUTATE), ("y", Action.REGISTER_BUFFER), ("x", Action.DELETE)]
    assert [(event.attr, event.action) for event in events] == wanted
    assert set(held["x"].kinds) == {Kind.ABSENT}
    assert set(held["y"].kinds) == {Kind.BUFFER}
