"""What comes with the package for editors: set-ups to paste, and an extension for VS Code.

The set-ups are the files beside this one: ``bufferlint editor NAME`` prints them, the tests run them.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
SETUPS = {"neovim": "neovim.lua", "helix": "helix.toml", "emacs": "emacs.el"}
PLACES = {
    "neovim": "init.lua (~/.config/nvim/init.lua)",
    "helix": "languages.toml (~/.config/helix/languages.toml)",
    "emacs": "init.el (~/.config/emacs/init.el)",
}


def setup(editor: str) -> str:
    """The text of an editor's set-up, which starts ``bufferlint server``."""
    return (FOLDER / SETUPS[editor]).read_text(encoding="utf-8")
