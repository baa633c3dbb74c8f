"""What the table says that distributions keep is what torch keeps."""

from __future__ import annotations

import inspect

import pytest
import torch

from bufferlint.torch_model import distributions

NAMES = "Bernoulli Binomial Cauchy Dirichlet Exponential Gamma Laplace Normal Poisson StudentT Uniform VonMises Weibull"


@pytest.mark.parametrize("name", NAMES.split())
def test_parameters_are_kept_under_their_names(name: str) -> None:
    named = distributions.parameters(f"torch.distributions.{name}")
    made = getattr(torch.distributions, name)
    assert tuple(inspect.signature(made.__init__).parameters)[1 : len(named) + 1] == named

    given = named[:1] if "logits" in named[:2] else named if "logits" not in named else named[:-1]
    rising = {attr: torch.full((2,), 0.25 + at) for at, attr in enumerate(given)}
    kept = made(**rising, validate_args=False).__dict__
    assert all(isinstance(kept[attr], torch.Tensor) for attr in given)


@pytest.mark.parametrize("name", ["torch.distributions.Beta", "torch.nn.Linear", "scipy.Normal"])
def test_others_keep_none_of_their_own(name: str) -> None:
    assert distributions.parameters(name) == ()
