"""The extension for VS Code: what is packed, what its manifest promises, and its unit tests where Node.js is."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bufferlint import __version__
from bufferlint.editors.vsix import FILES, SOURCE, manifest, vsix
from tests.cli.conftest import Invoke

ROOT = Path(__file__).parents[2]
NODE = shutil.which("node")
TOOLS = SOURCE / "node_modules/.bin"
with_tools = pytest.mark.skipif(
    NODE is None or not (TOOLS / "vsce").exists(),
    reason="the extension's tools are missing: npm ci --ignore-scripts --prefix bufferlint/editors/vscode",
)
CODE = "".join(path.read_text(encoding="utf-8") for path in sorted((SOURCE / "src").glob("*.js")))
PACKED = manifest(__version__)
NAMESPACE = "{http://schemas.microsoft.com/developer/vsx-schema/2011}"


def test_the_command_writes_an_extension_and_says_how_to_install_it(project: Path, invoke: Invoke) -> None:
    done = invoke("editor", "vscode")

    name = f"bufferlint-{__version__}.vsix"
    assert done.exit_code == 0, done.output
    assert f"code --install-extension {name}" in done.output
    with zipfile.ZipFile(project / name) as archive:
        assert archive.testzip() is None
        fallback = json.loads(archive.read("extension/fallback.json"))
        packed = json.loads(archive.read("extension/package.json"))
    assert fallback == {"command": [sys.executable, "-m", "bufferlint"]}
    assert packed["version"] == __version__


def test_a_folder_that_is_not_there_is_named(project: Path, invoke: Invoke) -> None:
    done = invoke("editor", "vscode", "-o", "nowhere/b.vsix")

    assert done.exit_code == 2
    assert "cannot write nowhere/b.vsix: No such file or directory" in done.output


def test_the_archive_holds_what_its_manifests_name() -> None:
    archive = zipfile.ZipFile(io.BytesIO(vsix("1.2.3rc1", ["bufferlint"])))
    names = set(archive.namelist())

    assert {f"extension/{name}" for name in FILES} < names
    assert f"extension/{Path(PACKED['main']).as_posix()}" in names
    tree = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
    assert {asset.get("Path") for asset in tree.iter(f"{NAMESPACE}Asset")} <= names
    [identity] = tree.iter(f"{NAMESPACE}Identity")
    assert (identity.get("Id"), identity.get("Version")) == ("bufferlint", "1.2.3")
    suffixes = {each.get("Extension") for each in ElementTree.fromstring(archive.read("[Content_Types].xml"))}
    assert {Path(name).suffix for name in names if not name.endswith(".xml")} <= suffixes


def test_the_same_extension_is_written_again() -> None:
    assert vsix("1.2.3", ["bufferlint"]) == vsix("1.2.3", ["bufferlint"])


def test_the_bundle_is_made_from_these_sources() -> None:
    digest = hashlib.sha256()
    for path in [SOURCE / "package-lock.json", *sorted((SOURCE / "src").iterdir())]:
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    first = (SOURCE / "out/extension.js").read_text(encoding="utf-8").partition("\n")[0]

    assert first.endswith(digest.hexdigest()), f"in {SOURCE}: npm ci --ignore-scripts && npm run bundle"


def test_every_command_is_registered_and_every_setting_is_read() -> None:
    offered = {each["command"] for each in PACKED["contributes"]["commands"]}
    assert offered == {f"bufferlint.{name}" for name in re.findall(r'register\("(\w+)"', CODE)}
    in_menus = {each["command"] for menu in PACKED["contributes"]["menus"].values() for each in menu}
    assert in_menus <= offered

    settings = {name.removeprefix("bufferlint.") for name in PACKED["contributes"]["configuration"]["properties"]}
    unread = {name for name in settings if f'"{name}"' not in CODE and f"`{name.rpartition('.')[0]}.${{" not in CODE}
    assert unread == {"trace.server"}, "which the language client reads"


def test_a_setting_that_names_a_program_waits_for_trust() -> None:
    properties = PACKED["contributes"]["configuration"]["properties"]
    programs = {name for name in properties if name.rpartition(".")[2] in ("path", "interpreter", "python")}
    assert programs == set(PACKED["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"])


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed: apt-get install nodejs")
def test_the_extension_passes_its_unit_tests() -> None:
    files = sorted(str(path) for path in Path(__file__).with_name("vscode").glob("*.test.js"))
    environment = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    command = [str(NODE), "--test", *files]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE)


@with_tools
def test_eslint_has_nothing_to_say_of_the_sources_and_their_tests() -> None:
    folders = [SOURCE, Path(__file__).with_name("vscode")]
    command = [str(TOOLS / "eslint"), "--config", str(SOURCE / "eslint.config.mjs"), "--format", "json"]
    done = subprocess.run([*command, *map(str, folders)], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    linted = {Path(each["filePath"]) for each in json.loads(done.stdout)}
    assert linted >= {path for folder in folders for path in [*folder.glob("*.*js"), *folder.glob("src/*.js")]}


@with_tools
def test_vsce_packs_the_same_extension(tmp_path: Path) -> None:
    packed = tmp_path / "packed.vsix"
    options = ["--no-dependencies", "--allow-missing-repository", "--no-update-package-json", "--out", str(packed)]
    done = subprocess.run(
        [str(TOOLS / "vsce"), "package", "1.2.3", *options], cwd=SOURCE, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    theirs, own = zipfile.ZipFile(packed), zipfile.ZipFile(io.BytesIO(vsix("1.2.3", ["bufferlint"])))
    assert set(own.namelist()) == {*theirs.namelist(), "extension/fallback.json"}
    assert all(own.read(f"extension/{name}") == theirs.read(f"extension/{name}") for name in FILES)
    assert json.loads(theirs.read("extension/package.json")).items() >= manifest("1.2.3").items()
    assert _said(own) == _said(theirs)


def _said(archive: zipfile.ZipFile) -> tuple[set[tuple[str, ...]], dict[str, str]]:
    """What the manifest of an archive says of the files in it, and of the extension itself."""
    tree = ElementTree.fromstring(archive.read("extension.vsixmanifest"))
    assets = {tuple(asset.attrib.values()) for asset in tree.iter(f"{NAMESPACE}Asset")}
    names = ("DisplayName", "Description", "Tags", "Categories", "License")
    [identity] = tree.iter(f"{NAMESPACE}Identity")
    texts = {name: str(tree.findtext(f".//{NAMESPACE}{name}")) for name in names}
    return assets, {**texts, **identity.attrib}
