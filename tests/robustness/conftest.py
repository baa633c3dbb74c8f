"""The command line as a function, in a project of its own."""

from tests.cli.conftest import invoke, project

__all__ = ["invoke", "project"]
