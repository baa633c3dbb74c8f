#!/usr/bin/env python3
"""Run a command in this checkout's virtual environment, which is made on first use and kept in .venv.

    python3 .ci/in_venv.py bufferlint check fixtures/lesson
    python3 .ci/in_venv.py pytest

It needs git's checkout and Python 3.10: no pip, no root, no activated environment. A Python without ensurepip, as
Debian and Ubuntu ship it, gets pip from a folder or an index that pip itself would look in.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
INSTALLED = VENV / "installed.json"
PYPI = "https://pypi.org/simple"


def main(command: list[str]) -> int:
    if sys.version_info < (3, 10):  # noqa: UP036  the system's Python of a Mac is 3.9
        return _say(f"bufferlint needs Python 3.10 or later, and {sys.executable} is {sys.version.split()[0]}")
    if not command:
        return _say(__doc__)
    try:
        install("" if _needs_no_torch(command) else "dev")
    except (subprocess.CalledProcessError, OSError) as error:
        return _say(f"error: cannot set up {VENV}: {error}")
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', '')}"
    os.environ["VIRTUAL_ENV"] = str(VENV)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or each process of the tests compiles the sources anew
    program = shutil.which(command[0])
    if program is None:
        return _say(f"error: there is no {command[0]} in {BIN} or on PATH")
    return subprocess.run([program, *command[1:]], check=False).returncode


def install(extra: str) -> None:
    """Install this checkout with an extra, unless that was done since pyproject.toml changed."""
    wanted = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    installed = _installed()
    if wanted in (installed.get(extra), installed.get("dev")):
        return
    _note(f"setting up {VENV} " + ("with torch: some minutes" if extra else "with click and LibCST"))
    if not PYTHON.exists():
        _run([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    pip = find_pip()
    if extra:
        _run([*pip, *_torch()])
    _run([*pip, "--editable", f"{ROOT}[{extra}]" if extra else str(ROOT)])
    INSTALLED.write_text(json.dumps({**installed, extra: wanted}), encoding="utf-8")


def find_pip() -> list[str]:
    """`pip install` for the environment, which Debian ships without pip and ensurepip."""
    inside = [str(PYTHON), "-m", "pip"]
    if not (_works([*inside, "--version"]) or _works([str(PYTHON), "-m", "ensurepip"])):
        with tempfile.TemporaryDirectory() as folder:
            wheel = _pip_wheel(Path(folder))
            _run([str(PYTHON), f"{wheel}/pip", "install", "--quiet", "--no-index", str(wheel)])
    return [*inside, "install", "--quiet", "--disable-pip-version-check"]


def _pip_wheel(folder: Path) -> Path:
    """pip as a wheel, which runs without being installed: from a folder or the index that pip itself would look in."""
    for links in os.environ.get("PIP_FIND_LINKS", "").split():
        for wheel in sorted(Path(links).glob("pip-*.whl")):
            return wheel
    try:
        if os.environ.get("PIP_NO_INDEX"):
            raise OSError("PIP_NO_INDEX is set")
        return _fetched_pip(folder, os.environ.get("PIP_INDEX_URL") or PYPI)
    except (OSError, ValueError, KeyError) as error:
        raise OSError(
            f"{sys.executable} has neither pip nor ensurepip, and pip could not be fetched ({error}): install your "
            "system's package for it (python3-venv on Debian and Ubuntu), or name a folder with a wheel of pip in "
            "PIP_FIND_LINKS"
        ) from error


def _fetched_pip(folder: Path, index: str) -> Path:
    """The newest wheel of pip in an index, held against the hash that the index gives for it."""
    page = f"{index.rstrip('/')}/pip/"
    asked = urllib.request.Request(page, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(asked, timeout=60) as answer:
        files = json.load(answer)["files"]
    wheels = [(_version(each["filename"]), each) for each in files if not each.get("yanked")]
    _, newest = max((each for each in wheels if each[0]), key=lambda each: each[0])
    with urllib.request.urlopen(urllib.parse.urljoin(page, newest["url"]), timeout=60) as answer:
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != newest["hashes"]["sha256"]:
        raise OSError(f"{newest['url']} is not the file that the index names: its SHA-256 differs")
    wheel = folder / newest["filename"]
    wheel.write_bytes(content)
    return wheel


def _version(filename: str) -> list[int]:
    """The version of a wheel of pip that is no pre-release; empty for other files."""
    match = re.fullmatch(r"pip-([0-9.]+)-py3-none-any\.whl", filename)
    return [int(part) for part in match[1].split(".")] if match else []


def _torch() -> list[str]:
    """The torch of the tests. Which build of it pip finds is for pip's own settings to say."""
    return re.findall(r'"(torch==[^"]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _needs_no_torch(command: list[str]) -> bool:
    return command[0] == "bufferlint" and not {"audit", "verify", "--verify", "server"}.intersection(command)


def _installed() -> dict[str, str]:
    try:
        found = json.loads(INSTALLED.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _works(command: list[str]) -> bool:
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def _run(command: list[str]) -> None:
    # what is said on the way belongs to neither the answer nor its pipe; the build's warnings are its maintainers'
    subprocess.run(command, check=True, stdout=sys.stderr, env={**os.environ, "PYTHONWARNINGS": "ignore"})


def _note(text: str) -> None:
    sys.stderr.write(f"{text} ...\n")
    sys.stderr.flush()


def _say(text: str | None) -> int:
    sys.stderr.write(f"{(text or '').strip()}\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
