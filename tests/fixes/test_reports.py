"""What is said of a tensor that is moved, remade or trained, and when nothing is."""

from __future__ import annotations

import pytest

from tests.fixes.module_code import module
from tests.memory import check


def messages(code: str, attribute: str = "t") -> list[str]:
    return [f"{f.code}: {f.message}" for f in check({"model.py": code}).findings if f.attribute == attribute]


@pytest.mark.parametrize("method", ["float()", "contiguous()", "cpu()", "to(torch.float32)", "to('cpu')"])
def test_a_parameter_that_a_method_gives_back_is_no_plain_tensor(method: str) -> None:
    assert messages(module(f"self.t = nn.Parameter(torch.ones(3)).{method}")) == []


def test_a_parameter_in_another_dtype_is_a_plain_tensor() -> None:
    (said,) = messages(module("self.t = nn.Parameter(torch.ones(3)).half()"))

    assert said.startswith("BUF001")


def test_a_variable_that_requires_a_gradient_is_trainable() -> None:
    (said,) = messages(module("self.t = torch.autograd.Variable(torch.ones(3), requires_grad=True)"))

    assert said.startswith("BUF007")


def test_a_tensor_made_on_a_device_is_not_said_to_stay_on_the_cpu() -> None:
    (said,) = messages(module("self.t = torch.ones(3, device='cuda')"))

    assert "leaves it where it was made" in said


def test_a_tensor_remade_from_itself_is_reported_once() -> None:
    assert len(messages(module("self.t = torch.ones(3, 1)\nself.t = self.t.permute(1, 0)"))) == 1


@pytest.mark.parametrize(
    "move",
    [
        "self.t.to(x.device) if self.t is not None else None",
        "self.t if self.t.device == x.device else self.t.to(x.device)",
        "to_device(self.t, x.device)",
    ],
)
def test_a_move_is_no_change_of_state(move: str) -> None:
    (said,) = messages(module("self.t = torch.ones(3)", f"self.t = {move}\nreturn x * self.t"))

    assert said.startswith("BUF001")


def test_a_move_with_a_factor_is_a_change_of_state() -> None:
    (said,) = messages(module("self.t = torch.ones(3)", "self.t = self.t.to(x.device) * 2\nreturn x * self.t"))

    assert said.startswith("BUF002")


def test_a_builder_that_is_called_again_is_named_by_its_caller() -> None:
    more = "def _build(self):\n    self.t = torch.ones(3)\n\ndef again(self):\n    self._build()"

    (said,) = messages(module("self._build()", more=more))

    assert "that again() sets again" in said


def test_a_class_that_moves_it_in_its_own_to_is_not_said_to_leave_it() -> None:
    more = "def to(self, device):\n    self.t = self.t.to(device)\n    return super().to(device)"

    (said,) = messages(module("self.t = torch.ones(3)", more=more))

    assert "the class's own to() moves it" in said


def test_an_apply_that_goes_over_all_of_the_instance_moves_it() -> None:
    more = (
        "def _apply(self, fn, recurse=True):\n    for k, v in list(vars(self).items()):\n"
        "        if isinstance(v, torch.Tensor):\n            setattr(self, k, fn(v))\n"
        "    return super()._apply(fn, recurse)"
    )

    assert messages(module("self.t = torch.ones(3)", more=more)) == []


def test_a_popped_keyword_is_no_registered_buffer() -> None:
    code = module("self.t = options.pop('t')", "self.t = self.t.to(x.device)\nreturn x * self.t")

    assert not any("buffer 't'" in said for said in messages(code))
