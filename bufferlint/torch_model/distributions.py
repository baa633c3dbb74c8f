"""The tensors that a distribution of torch keeps as attributes of its own, named as the constructor's arguments are."""

from __future__ import annotations

from collections.abc import Mapping

from bufferlint.torch_model.api import canonical

_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "Bernoulli": ("probs", "logits"),
    "Binomial": ("total_count", "probs", "logits"),
    "Categorical": ("probs", "logits"),
    "Cauchy": ("loc", "scale"),
    "ContinuousBernoulli": ("probs", "logits"),
    "Dirichlet": ("concentration",),
    "Exponential": ("rate",),
    "FisherSnedecor": ("df1", "df2"),
    "Gamma": ("concentration", "rate"),
    "Geometric": ("probs", "logits"),
    "Gumbel": ("loc", "scale"),
    "Kumaraswamy": ("concentration1", "concentration0"),
    "Laplace": ("loc", "scale"),
    "LowRankMultivariateNormal": ("loc", "cov_factor", "cov_diag"),
    "MultivariateNormal": ("loc", "covariance_matrix", "precision_matrix", "scale_tril"),
    "NegativeBinomial": ("total_count", "probs", "logits"),
    "Normal": ("loc", "scale"),
    "Poisson": ("rate",),
    "StudentT": ("df", "loc", "scale"),
    "Uniform": ("low", "high"),
    "VonMises": ("loc", "concentration"),
    "Weibull": ("scale", "concentration"),
}
"""Read off instances made with torch 2.13. Those that keep their tensors in another distribution are left out."""


def parameters(name: str) -> tuple[str, ...]:
    """The arguments of a distribution, by its qualified name, that it keeps under their own names, in order."""
    package, _, last = canonical(name).rpartition(".")
    return _PARAMETERS.get(last, ()) if package.startswith("torch.distributions") else ()
