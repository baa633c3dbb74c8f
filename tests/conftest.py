"""What all tests have in common: a state folder of their own, so that none writes into the user's.

A plain `pytest` leaves slow tests out, and says at its end how many; a named file, or `-m slow`, runs them.
"""

from __future__ import annotations

from typing import Any

import pytest

WITH_SLOW = pytest.StashKey[bool]()
LEFT_OUT = pytest.StashKey[int]()
SENT = "with_slow"
REPORTED = "slow_left_out"


@pytest.fixture(autouse=True, scope="session")
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The folder that the key of caches lies in; processes that tests start find it as well."""
    pytest.MonkeyPatch().setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


def pytest_configure(config: pytest.Config) -> None:
    told: dict[str, Any] = getattr(config, "workerinput", {})  # in a worker of pytest-xdist
    named = config.args_source is pytest.Config.ArgsSource.ARGS
    config.stash[WITH_SLOW] = told.get(SENT, named or bool(config.option.markexpr))
    config.stash[LEFT_OUT] = 0


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.stash[WITH_SLOW]:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    items[:] = [item for item in items if not item.get_closest_marker("slow")]
    config.stash[LEFT_OUT] = len(slow)
    config.hook.pytest_deselected(items=slow)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput[SENT] = node.config.stash[WITH_SLOW]


def pytest_sessionfinish(session: pytest.Session) -> None:
    output: dict[str, Any] = getattr(session.config, "workeroutput", {})
    output[REPORTED] = session.config.stash[LEFT_OUT]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Each worker collects all tests, so that any of them knows the number."""
    config = node.config
    config.stash[LEFT_OUT] = max(config.stash[LEFT_OUT], getattr(node, "workeroutput", {}).get(REPORTED, 0))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.stash[LEFT_OUT]:
        terminalreporter.write_line(
            f"{config.stash[LEFT_OUT]} slow tests were left out (random programs, hostile input, classes run under "
            "torch): `pytest -m slow` runs them, and .ci/run does."
        )
