"""The lesson's five steps: each figure it shows, for the plain mask, for its twin and for the classes ``fix`` rewrote.

Nothing but the fixture that prepares a rewritten file knows of bufferlint. The second device is the stand-in everywhere
(placement only, no numbers) and a GPU too where there is one.
"""

from __future__ import annotations

import importlib.util
import io
import os
import shutil
import subprocess
import sys
import tokenize
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol, cast

import pytest
import torch
from torch import Tensor, nn
from torch._subclasses import FakeTensorMode

ROOT = Path(__file__).parents[1]
LESSON = ROOT / "fixtures" / "lesson"
VARIANTS = ("attention", "alias_import", "same_file_base", "multi_line")

GPUS = ("cuda",) if torch.cuda.is_available() else ()
DEVICES = ("meta", *GPUS)
CALCULATORS = ("cpu", *GPUS)

TOKENS = (
    (0.43, 0.15, 0.89),
    (0.55, 0.87, 0.66),
    (0.57, 0.85, 0.64),
    (0.22, 0.58, 0.33),
    (0.77, 0.25, 0.10),
    (0.05, 0.80, 0.55),
)
FIRST_OUTPUT = (
    (-0.4519, 0.2216),
    (-0.5874, 0.0058),
    (-0.6300, -0.0632),
    (-0.5675, -0.0843),
    (-0.5526, -0.0981),
    (-0.5299, -0.1081),
)
SECOND_OUTPUT = (
    (0.4772, 0.1063),
    (0.5891, 0.3257),
    (0.6202, 0.3860),
    (0.5478, 0.3589),
    (0.5321, 0.3428),
    (0.5077, 0.3493),
)
WEIGHTS = ["W_query.weight", "W_key.weight", "W_value.weight"]
HALF_A_DIGIT = 0.5e-4 + 1e-6


class Attention(Protocol):
    """What the tests do with an instance of the lesson's class."""

    mask: Tensor
    W_query: nn.Linear

    def __call__(self, x: Tensor) -> Tensor: ...
    def to(self, device: str) -> Attention: ...
    def state_dict(self) -> dict[str, Tensor]: ...
    def load_state_dict(self, state_dict: dict[str, Tensor]) -> object: ...


class AttentionClass(Protocol):
    def __call__(self, d_in: int, d_out: int, context_length: int, dropout: float) -> Attention: ...


def load_class(file: Path, name: str = "CausalAttentionWithoutBuffers") -> AttentionClass:
    """The class of that name in a file, imported under a name that no other file has."""
    spec = importlib.util.spec_from_file_location(f"lesson_{file.parent.name}_{file.stem}", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return cast(AttentionClass, getattr(module, name))


def make(attention: AttentionClass) -> Attention:
    return attention(3, 2, 6, 0.0)


def lesson_batch() -> Tensor:
    tokens = torch.tensor(TOKENS)
    return torch.stack((tokens, tokens))


def on(device: str) -> AbstractContextManager[object]:
    """Where the device's rules hold: a GPU has its own, ``meta`` is lenient without the fake tensors' check."""
    return FakeTensorMode(allow_non_fake_inputs=True) if device == "meta" else nullcontext()


def assert_shows(output: Tensor, figures: tuple[tuple[float, float], ...]) -> None:
    """Both sequences of the output are the figures, which have four decimals."""
    expected = torch.tensor((figures, figures))
    torch.testing.assert_close(output.detach().cpu(), expected, rtol=0, atol=HALF_A_DIGIT)


def restored(attention: AttentionClass, file: Path) -> Tensor:
    """The mask of a new instance that loaded the checkpoint of one whose 1s had become 2s."""
    changed = make(attention)
    changed.mask[changed.mask == 1] = 2
    torch.save(changed.state_dict(), file)
    fresh = make(attention)
    fresh.load_state_dict(torch.load(file, weights_only=True))
    return fresh.mask


@pytest.fixture(scope="module", params=VARIANTS)
def plain(request: pytest.FixtureRequest) -> AttentionClass:
    """The class with the mask as a plain attribute."""
    return load_class(LESSON / f"{request.param}.py")


@pytest.fixture(scope="module")
def rewrite(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Copies of the plain files after ``bufferlint fix --apply``, by the variant's name."""
    folder = tmp_path_factory.mktemp("rewritten")
    files = {variant: folder / f"{variant}.py" for variant in VARIANTS}
    for variant, file in files.items():
        shutil.copy(LESSON / f"{variant}.py", file)
    run = subprocess.run(
        [sys.executable, "-m", "bufferlint", "fix", "--apply", *map(str, files.values())],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return files


@pytest.fixture(params=["twin", *VARIANTS])
def buffered(request: pytest.FixtureRequest) -> AttentionClass:
    """The class with the mask as a buffer: the lesson's twin, then each plain class as rewritten."""
    if request.param == "twin":
        return load_class(LESSON / "attention_fixed.py", "CausalAttentionWithBuffer")
    files: dict[str, Path] = request.getfixturevalue("rewrite")
    return load_class(files[request.param])


def test_step_1_output_on_the_cpu(plain: AttentionClass) -> None:
    torch.manual_seed(123)
    assert_shows(make(plain)(lesson_batch()), FIRST_OUTPUT)


@pytest.mark.parametrize("device", DEVICES)
def test_step_2_plain_mask_stays_behind_and_the_call_fails(plain: AttentionClass, device: str) -> None:
    attention = make(plain)
    with on(device):
        attention.to(device)
        assert (attention.W_query.weight.device.type, attention.mask.device.type) == (device, "cpu")
        with pytest.raises(RuntimeError, match="same device") as failure:
            attention(lesson_batch().to(device))
    if device == "cuda":
        message = "expected self and mask to be on the same device, but got mask on cpu and self on cuda:0"
        assert message in str(failure.value)


@pytest.mark.parametrize("device", DEVICES)
def test_step_2_mask_moved_by_hand_works(plain: AttentionClass, device: str) -> None:
    attention = make(plain)
    with on(device):
        attention.to(device)
        attention.mask = attention.mask.to(device)
        assert attention(lesson_batch().to(device)).device.type == device


@pytest.mark.parametrize("device", DEVICES)
def test_step_3_buffer_moves_and_the_call_works(buffered: AttentionClass, device: str) -> None:
    attention = make(buffered)
    with on(device):
        attention.to(device)
        assert (attention.W_query.weight.device.type, attention.mask.device.type) == (device, device)
        assert attention(lesson_batch().to(device)).device.type == device


@pytest.mark.parametrize("device", CALCULATORS)
def test_step_3_output_of_the_layer_made_next(buffered: AttentionClass, device: str) -> None:
    torch.manual_seed(123)
    make(buffered)
    attention = make(buffered).to(device)
    assert_shows(attention(lesson_batch().to(device)), SECOND_OUTPUT)


def test_step_3_twin_made_after_the_plain_class_without_a_new_seed() -> None:
    twin = load_class(LESSON / "attention_fixed.py", "CausalAttentionWithBuffer")
    torch.manual_seed(123)
    first = make(load_class(LESSON / "attention.py"))
    assert_shows(first(lesson_batch()), FIRST_OUTPUT)
    assert_shows(make(twin)(lesson_batch()), SECOND_OUTPUT)


def test_step_4_plain_mask_is_not_in_the_state_dict(plain: AttentionClass) -> None:
    assert list(make(plain).state_dict()) == WEIGHTS


def test_step_4_buffer_comes_first_in_the_state_dict(buffered: AttentionClass) -> None:
    assert list(make(buffered).state_dict()) == ["mask", *WEIGHTS]


def test_step_5_change_of_a_plain_mask_is_lost(plain: AttentionClass, tmp_path: Path) -> None:
    assert torch.equal(restored(plain, tmp_path / "model.pth"), torch.ones(6, 6).triu(1))


def test_step_5_change_of_a_buffer_comes_back(buffered: AttentionClass, tmp_path: Path) -> None:
    assert torch.equal(restored(buffered, tmp_path / "model.pth"), 2 * torch.ones(6, 6).triu(1))


def test_rewritten_class_computes_what_the_plain_one_does(rewrite: dict[str, Path]) -> None:
    for variant, file in rewrite.items():
        torch.manual_seed(123)
        before = make(load_class(LESSON / f"{variant}.py"))
        torch.manual_seed(123)
        after = make(load_class(file))
        assert torch.equal(before(lesson_batch()), after(lesson_batch())), variant


@pytest.mark.parametrize("variant", VARIANTS)
def test_rewrite_keeps_every_comment(rewrite: dict[str, Path], variant: str) -> None:
    assert comments(rewrite[variant]) == comments(LESSON / f"{variant}.py")


def comments(file: Path) -> list[str]:
    tokens = tokenize.generate_tokens(io.StringIO(file.read_text()).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]
