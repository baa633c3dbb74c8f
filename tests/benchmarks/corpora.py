"""The code to measure on: pinned packages, unpacked; and made-up trees."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGES = {"transformers": "5.23.0", "timm": "1.0.31"}
TOOLS = ("ast-grep-cli==0.51.1", "torchfix==0.7.0", "flake8==7.5.0")
QUIET = """\
import torch
from torch import nn


class Block{n}(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.width = width
        self.layers = nn.ModuleList([nn.Linear(width, width) for _ in range(depth)])
        self.register_buffer("scale", torch.ones(width))

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x)) * self.scale
        return x


"""
LOUD = QUIET.replace("        self.width = width\n", "        self.mask = torch.ones(width)\n")


def package(folder: Path, name: str) -> Path:
    """A pinned package, fetched by pip if it is not there yet."""
    place = folder / f"{name}-{PACKAGES[name]}"
    if not place.is_dir():
        wanted = f"{name}=={PACKAGES[name]}"
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder), wanted]
        subprocess.run(command, check=True)
        (wheel,) = folder.glob(f"{name}-{PACKAGES[name]}*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place)
    return place


def tools(folder: Path) -> Path:
    """A virtual environment with the tools to compare with."""
    place = folder / "tools"
    if not place.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        subprocess.run([str(place / "bin" / "pip"), "install", "-q", *TOOLS], check=True)
    return place / "bin"


def small(folder: Path, name: str, first: str) -> Path:
    """Twenty files of five hundred lines or so, each beginning with a class of its own kind."""
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for number in range(20):
        code = "".join((QUIET if each else first).replace("{n}", str(each)) for each in range(30))
        (place / f"part{number}.py").write_text(code)
    return place


def huge(folder: Path) -> Path:
    """One file of fifty thousand lines with six thousand findings."""
    place = folder / "huge"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    head, _, one = QUIET.partition("\n\n\n")
    lines = "".join(f"        self.mask{each} = torch.ones(width)\n" for each in range(2))
    code = one.replace("        self.width = width\n", f"        self.width = width\n{lines}")
    (place / "huge.py").write_text(f"{head}\n\n\n" + "".join(code.replace("{n}", str(each)) for each in range(3000)))
    return place


def copies(folder: Path, source: Path, number: int) -> Path:
    """A tree that holds another several times."""
    place = folder / f"{source.name}-x{number}"
    if not place.is_dir():
        for each in range(number):
            shutil.copytree(source, place / f"copy{each}")
    return place
