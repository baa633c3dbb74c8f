"""The language server in a real editor: Emacs with Eglot, in batch."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from bufferlint.editors import setup
from tests.cli.conftest import Invoke
from tests.editors.conftest import TEXT


def _emacs_with_eglot() -> str | None:
    """Emacs 29 comes with Eglot; before, it is a package of its own."""
    emacs = shutil.which("emacs")
    command = [str(emacs), "--batch", "--funcall", "package-activate-all", "--eval", "(require 'eglot)"]
    return emacs if emacs and subprocess.run(command, capture_output=True, check=False).returncode == 0 else None


EMACS = _emacs_with_eglot()


@pytest.mark.skipif(EMACS is None, reason="Emacs with Eglot is not installed: apt-get install emacs-nox elpa-eglot")
def test_emacs_shows_a_finding_and_applies_its_fix(opened: Path, environment: dict[str, str], invoke: Invoke) -> None:
    folder = opened.parent
    (folder / "init.el").write_text(setup("emacs"))
    script = Path(__file__).with_name("emacs.el")
    command = [str(EMACS), "--batch", "--funcall", "package-activate-all", "--load", "init.el", "--load", str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)

    assert (folder / "seen.json").is_file(), done.stderr
    seen = json.loads((folder / "seen.json").read_text())
    assert seen.pop("message").endswith(
        "'mask' is a plain tensor: Module.to() leaves it on the CPU and state_dict() omits it"
    )
    assert seen == {"shown": True, "row": 10, "offered": 3, "silent": True}
    written = opened.read_text()
    opened.write_text(TEXT)
    invoke("fix", "--apply", "model.py")
    assert written == opened.read_text() != TEXT
