"""The pytest plugin: a fixture for tests of models. torch is imported by the tests that ask for it only."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def assert_portable() -> Callable[..., None]:
    """`bufferlint.testing.assert_portable`: ``assert_portable(model, inputs)``."""
    from bufferlint.testing import assert_portable as check

    return check
