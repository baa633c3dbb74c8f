"""The README's two commands set up what they need: ``.ci/in_venv.py``."""

from __future__ import annotations

import functools
import hashlib
import http.server
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
LAUNCHER = ROOT / ".ci/in_venv.py"


@pytest.fixture
def launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module, with an environment of its own that does not exist yet."""
    spec = importlib.util.spec_from_file_location("in_venv", LAUNCHER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(module, "INSTALLED", tmp_path / ".venv/installed.json")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    return module


@pytest.mark.parametrize(
    ("command", "light"),
    [
        ("bufferlint check fixtures/lesson", True),
        ("bufferlint fix --apply a.py", True),
        ("bufferlint fix --verify a.py", False),
        ("bufferlint verify a.py::Net", False),
        ("pytest", False),
        ("mypy", False),
    ],
)
def test_only_what_needs_torch_installs_it(launcher: ModuleType, command: str, light: bool) -> None:
    assert launcher._needs_no_torch(command.split()) is light


def test_what_is_installed_is_not_installed_again(launcher: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    launcher.INSTALLED.parent.mkdir()
    launcher.INSTALLED.write_text(f'{{"dev": "{digest}"}}')
    monkeypatch.setattr(launcher, "_run", lambda command: pytest.fail(f"ran {command}"))
    launcher.install("dev")
    launcher.install("")


def test_pip_comes_from_a_folder_that_pip_would_look_in(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(OSError, match=r"PIP_NO_INDEX is set.*python3-venv"):
        launcher._pip_wheel(tmp_path)
    wheel = tmp_path / "pip-1.0-py3-none-any.whl"
    wheel.write_bytes(b"pip")
    assert launcher._pip_wheel(tmp_path) == wheel


@pytest.mark.parametrize("whole", [True, False])
def test_pip_comes_from_the_index_whole_or_not_at_all(
    launcher: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    files = {f"pip-{version}": b"pip" for version in ("9.0-py3-none-any.whl", "26.1-py3-none-any.whl", "26.2.tar.gz")}
    digest = hashlib.sha256(b"pip" if whole else b"other").hexdigest()
    listed = [{"filename": name, "url": f"../files/{name}", "hashes": {"sha256": digest}} for name in files]
    folder = tmp_path / "simple/pip"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(json.dumps({"files": listed}))
    (tmp_path / "simple/files").mkdir()
    for name, content in files.items():
        (tmp_path / "simple/files" / name).write_bytes(content)
    handler = functools.partial(_Quiet, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        if whole:
            assert launcher._pip_wheel(tmp_path) == tmp_path / "pip-26.1-py3-none-any.whl"
        else:
            with pytest.raises(OSError, match="its SHA-256 differs"):
                launcher._pip_wheel(tmp_path)
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


def test_without_a_command_it_says_how_it_is_used() -> None:
    done = subprocess.run([sys.executable, str(LAUNCHER)], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "python3 .ci/in_venv.py pytest" in done.stderr


@pytest.mark.slow
def test_a_clone_runs_the_main_job_and_stays_clean(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    shutil.copytree(
        ROOT, clone, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "*.egg-info")
    )
    git = ["git", "-C", str(clone), "-c", "user.name=t", "-c", "user.email=t@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        subprocess.run([*git, *arguments], check=True)
    command = [sys.executable, ".ci/in_venv.py", "bufferlint", "check", "fixtures/lesson/attention.py"]
    done = subprocess.run(command, cwd=clone, capture_output=True, text=True, check=False)

    assert done.returncode == 1, done.stderr
    assert "attention.py:14:9: BUF001" in done.stdout
    assert done.stderr.endswith("Found 1 finding (1 fixable with `fix --apply`).\n")
    assert subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True).stdout == ""
