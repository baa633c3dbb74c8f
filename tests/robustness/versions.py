"""The tests that need no torch, with the lowest and the newest dependencies that are allowed, on several Pythons.

``python -m tests.robustness.versions PYTHON...`` makes two environments for each interpreter, in a temporary folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOWEST = ("libcst==1.5.0", "click==8.1.0", "pygls==2.0.0", "tomli==2.0.0; python_version < '3.11'")
NEWEST = ("libcst", "click", "pygls", "tomli; python_version < '3.11'")
TOOLS = ("pytest", "jsonschema", "junitparser", "nbformat", "numpy")
TESTS = (
    "tests/text", "tests/syntax/test_outline.py", "tests/syntax/test_reader.py", "tests/test_engine.py",
    "tests/test_fixtures.py", "tests/cli/test_check.py", "tests/cli/test_fix.py", "tests/cli/test_notebook.py",
    "tests/cli/test_cli.py",
)  # fmt: skip
PROJECT = Path(__file__).parents[2]


def _run(python: str, name: str, requirements: tuple[str, ...]) -> str:
    """The last line of pytest, or of what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        inside = str(Path(folder, "bin", "python"))
        install = [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements, *TOOLS]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{name}: cannot install: {done.stderr.strip().splitlines()[-1]}"
        test = [inside, "-m", "pytest", "-o", "addopts=-q", "-p", "no:cacheprovider", *TESTS]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONDONTWRITEBYTECODE": "1"}
        result = subprocess.run(test, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)
        failed = [line for line in result.stdout.splitlines() if line.startswith(("FAILED", "ERROR", "E  "))]
        return "\n  ".join([f"{name}: {(result.stdout + result.stderr).strip().splitlines()[-1]}", *failed[:20]])


def main(pythons: list[str]) -> None:
    for python in pythons:
        version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()
        for name, requirements in (("lowest", LOWEST), ("newest", NEWEST)):
            print(_run(python, f"{version}, {name} dependencies", requirements), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:] or [sys.executable])
