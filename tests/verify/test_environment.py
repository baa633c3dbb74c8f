"""What of the environment reaches the code that is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bufferlint.verify.environment import handed_on
from bufferlint.verify.launch import Worker
from bufferlint.verify.plan import parse_recipe, subject

SHOWS = """\
import os

from torch import nn


class Shows(nn.Identity):
    def __init__(self):
        super().__init__()
        print(sorted(os.environ))
"""


@pytest.mark.parametrize(
    "name", ["GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "DATABASE_URL", "SSH_AUTH_SOCK", "TORCH_HUB_TOKEN"]
)
def test_secrets_stay_unless_they_are_named(name: str) -> None:
    assert handed_on({name: "x"}) == {}
    assert handed_on({name: "x", "OTHER": "y"}, [name]) == {name: "x"}


@pytest.mark.parametrize("name", ["PATH", "PYTHONPATH", "LC_ALL", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS", "Path"])
def test_what_an_interpreter_needs_is_handed_on(name: str) -> None:
    assert handed_on({name: "x"}) == {name: "x"}


def test_a_class_sees_no_secret_but_the_variable_that_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_secret")
    monkeypatch.setenv("MODEL_FOLDER", "/models")
    with Worker(sys.executable, variables=["MODEL_FOLDER"]) as worker:
        verdict = worker.verify(subject(str(tmp_path / "shows.py"), "Shows", SHOWS, None), parse_recipe((), ("2x2",)))
    assert "'MODEL_FOLDER'" in verdict.output and "'PATH'" in verdict.output
    assert "GITHUB_TOKEN" not in verdict.output
