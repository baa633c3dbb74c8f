"""What all tests have in common: a state folder of their own, so that none writes into the user's."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder that the key of caches lies in; processes that tests start find it as well."""
    pytest.MonkeyPatch().setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
