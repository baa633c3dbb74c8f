"""Where an audit finds tensors, and where it stays silent."""

from __future__ import annotations

import collections
import contextlib
import contextvars
import functools
import json
import logging
import queue
import threading
import types
import warnings
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from torch import nn

import bufferlint

TABLE, MASK = torch.ones(2), torch.ones(2)
BIAS = torch.ones(2)
SETTINGS = types.SimpleNamespace(scale=torch.ones(1), eps=1e-5)
TEACHER = nn.Linear(2, 2, bias=False)
TEACHER_OF_NONE, LIMIT = torch.ones(2), 3
_TRACE: Any = torch.jit.trace


class Found(nn.Module):
    """Each attribute holds one tensor that nothing moves."""

    levels: ClassVar = [torch.ones(1)]

    def __init__(self) -> None:
        super().__init__()
        shift = torch.ones(4)
        self.by_closure = lambda x: x + shift
        self.by_default = lambda x, by=torch.ones(3): x * by  # noqa: B008
        self.by_partial = functools.partial(torch.add, other=torch.ones(2))
        self.batches = iter([torch.ones(1)])
        self.drawn = (item for item in (torch.ones(1),))
        self.waiting: queue.Queue[torch.Tensor] = queue.Queue()
        self.waiting.put(torch.ones(1))
        self.layer_in_partial = functools.partial(nn.Identity().register_buffer, tensor=torch.ones(2))
        self.recent = collections.deque([torch.ones(1)])
        self.deep = {"a": [[[[[[(torch.ones(1),)]]]]]]}
        self.unseen = [nn.Linear(2, 2, bias=False)]
        cached = functools.lru_cache(torch.ones)
        cached(3)
        self.cached = cached
        self.rows = torch.nested.nested_tensor([torch.ones(2), torch.ones(3)])
        self.objects = np.array([None, torch.ones(2)], dtype=object)
        self.of_the_thread = threading.local()
        self.of_the_thread.table = torch.ones(2)
        self.of_the_context: Any = contextvars.ContextVar("table")
        self.of_the_context.set(torch.ones(2))
        weight: Any = nn.Parameter(torch.ones(2))
        weight.scale = torch.ones(1)
        self.weight = weight

    @property
    def mask(self) -> torch.Tensor:
        return MASK

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + TABLE


@functools.lru_cache
def cached_mask(size: int) -> torch.Tensor:
    return torch.ones(size)


class Tables:
    rows = torch.ones(2)
    limit = 3


def shifted(x: torch.Tensor) -> torch.Tensor:
    return x + BIAS


class FoundInTheFile(nn.Module):
    """What forward uses of its file, by functions and classes of it too."""

    def __init__(self) -> None:
        super().__init__()
        error: Any = ValueError("too long")
        error.at = torch.ones(1)
        self.error = error
        self.nothing = contextlib.nullcontext(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rows = [(lambda row=row: row * SETTINGS.scale)() for row in shifted(x)]
        taught: torch.Tensor = TEACHER(torch.stack(rows))
        return taught + cached_mask(2) + Tables.rows


class SilentInTheFile(nn.Module):
    """The file has tensors that it does not use."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        torch.manual_seed(len(str(x)))
        scaled: torch.Tensor = x * LIMIT * Tables.limit + SETTINGS.eps
        return scaled


class Silent(nn.Module):
    """Numbers, registered tensors by other ways to them, and what torch makes for its own use."""

    sizes: ClassVar = [1, 2]

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(2, 2)
        weight = self.linear.weight
        self.by_closure = lambda x: x @ weight
        self.by_partial = functools.partial(torch.add, other=2.0)
        self.called = self.helper
        self.log = logging.getLogger("silent")
        self.numbers, self.names = iter([1.0, 2.0]), (name for name in "ab")
        self.waiting: queue.Queue[int] = queue.Queue()
        self.tied = [self.linear.weight, self.linear]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.normed = nn.utils.weight_norm(nn.Linear(2, 2))
        self.recurrent = nn.LSTM(2, 2)
        self.orthogonal = nn.utils.parametrizations.orthogonal(nn.Linear(2, 2))

    def helper(self, x: torch.Tensor, by: float = 2.0) -> torch.Tensor:
        return x * by


class Masked(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mask", torch.tril(torch.ones(32, 32)))
        self.register_buffer("history", torch.zeros(32, 32))


def test_tensors_are_found_behind_functions_containers_classes_and_globals() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        paths = [entry.stray.path for entry in bufferlint.audit(Found())]
    assert sorted(paths) == [
        "MASK",
        "TABLE",
        "batches.list_iterator[0][0]",
        "by_closure.__closure__['shift']",
        "by_default.__defaults__[0]",
        "by_partial.keywords['other']",
        "cached.cache[0]",
        "deep['a'][0][0][0][0][0][0][0]",
        "drawn.locals['.0'].tuple_iterator[0][0]",
        "layer_in_partial.keywords['tensor']",
        "levels[0]",
        "objects.flat[1]",
        "of_the_context.get()",
        "of_the_thread.table",
        "recent[0]",
        "rows",
        "unseen[0].weight",
        "waiting.Queue[0][0]",
        "weight.scale",
    ]


def test_module_level_values_are_found_through_the_functions_of_the_file() -> None:
    model = FoundInTheFile()
    model(torch.ones(1, 2))
    assert sorted(entry.stray.path for entry in bufferlint.audit(model)) == [
        "BIAS",
        "SETTINGS.scale",
        "TEACHER.weight",
        "Tables.rows",
        "cached_mask.cache[0]",
        "error.at",
        "nothing.enter_result",
    ]
    assert [entry.stray.path for entry in bufferlint.audit(SilentInTheFile())] == []


def test_what_is_registered_or_made_by_torch_itself_is_no_find() -> None:
    assert [entry.stray.path for entry in bufferlint.audit(Silent())] == []


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("made", [torch.jit.script, lambda each: _TRACE(each, torch.ones(3))])
def test_scripted_and_traced_modules_keep_their_plain_tensors(made: object) -> None:
    class Shifted(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mask = torch.ones(3)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + self.mask

    assert callable(made)
    (entry,) = bufferlint.audit(made(Shifted()))
    assert entry.stray.path in ("mask", "CONSTANTS.c0")


def test_equal_buffers_of_layers_are_told_with_what_sharing_saves() -> None:
    audit = bufferlint.audit(nn.Sequential(Masked(), Masked(), Masked()))
    assert len(audit) == 0
    (equal,) = audit.equal_buffers
    assert (equal.paths, equal.saved) == (("0.mask", "1.mask", "2.mask"), 2 * 32 * 32 * 4)
    assert "0.mask and 2 others: one for all saves 8192 bytes" in str(audit)


def test_where_the_search_stops_is_told() -> None:
    model: Any = nn.Identity()
    model.numbers = [[number] for number in range(30_000)]
    assert "numbers" in str(bufferlint.audit(model)) and bufferlint.audit(model).limits


def test_a_notebook_gets_a_table_and_a_program_json() -> None:
    model: Any = nn.Identity()
    model.table = {"<b>": torch.ones(2, 2)}
    audit = bufferlint.audit(model)
    assert "<td>table[&#x27;&lt;b&gt;&#x27;]</td>" in audit._repr_html_()
    (tensor,) = json.loads(audit.to_json())["tensors"]
    assert (tensor["path"], tensor["shape"], tensor["bytes"]) == ("table['<b>']", [2, 2], 16)
