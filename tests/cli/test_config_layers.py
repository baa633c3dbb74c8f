"""Configuration files that build on others, ask for a version, or are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint import __version__
from bufferlint.project_files.config import Config, baseline_file, excludes, load, settings_for
from bufferlint.project_files.ignore import covers
from bufferlint.project_files.versions import is_requirement, satisfies
from tests.cli.conftest import LESSON, Invoke


@pytest.fixture(autouse=True)
def model(project: Path) -> Path:
    (project / "pkg").mkdir()
    (project / "pkg/model.py").write_text(LESSON)
    return project / "pkg/model.py"


def concise(invoke: Invoke, *arguments: str) -> list[str]:
    found = invoke("check", "--output-format", "concise", *arguments)
    return [line.split(": ")[0] for line in found.stdout.splitlines()]


# -- extend ----------------------------------------------------------------------------------------------------------


def test_the_nearer_file_holds_over_the_one_that_it_extends(project: Path) -> None:
    (project / "base.toml").write_text(
        '[tool.bufferlint]\nselect = ["BUF001"]\nignore = ["BUF009"]\nextend-select = ["BUF002"]\n'
        "[tool.bufferlint.verify]\nseed = 3\ntimeout = 9\n"
        '[tool.bufferlint.verify."pkg/model.py::Net"]\ninputs = ["2x3"]\n'
    )
    (project / "pkg/bufferlint.toml").write_text(
        'extend = "../base.toml"\nignore = []\nextend-select = ["BUF003"]\n[verify]\nseed = 4\n'
    )
    config = load(f"{project.as_posix()}/pkg/bufferlint.toml")
    assert isinstance(config, Config)
    made = settings_for([], config, {"extend-select": ("BUF008",)})
    assert (made.select, made.ignore, made.extend_select) == (("BUF001",), (), ("BUF002", "BUF003", "BUF008"))
    assert config.verify == {"seed": 4, "timeout": 9}
    assert list(config.recipes) == [(f"{project.as_posix()}/pkg/model.py", "Net")]
    assert [Path(file).name for file in config.files] == ["bufferlint.toml", "base.toml"]


def test_paths_of_a_file_are_relative_to_that_file(project: Path) -> None:
    (project / "bufferlint.toml").write_text(
        'baseline = "old.json"\nexclude = ["/pkg/made"]\nextend-exclude = ["/docs"]\n'
        'extend-per-file-ignores = { "pkg/model.py" = ["BUF001"] }\n'
    )
    (project / "pkg/bufferlint.toml").write_text(
        'extend = "../bufferlint.toml"\nextend-exclude = ["/old"]\n'
        'extend-per-file-ignores = { "model.py" = ["BUF002"] }\n'
    )
    top = project.as_posix()
    config = load(f"{top}/pkg/bufferlint.toml")
    assert isinstance(config, Config)
    assert baseline_file(config, {}) == f"{top}/old.json"
    groups = excludes(config, {})
    for path, out in (("pkg/made/a.py", True), ("docs/a.py", True), ("pkg/old/a.py", True), ("old/a.py", False)):
        assert any(covers(group, f"{top}/{path}") for group in groups) == out, path
    model = f"{top}/pkg/model.py"
    assert settings_for([model], config, {}).file_ignores == ((model, ("BUF002",)), (model, ("BUF001",)))


def test_a_change_of_the_extended_file_counts_at_once(invoke: Invoke, project: Path) -> None:
    (project / "base.toml").write_text('[tool.bufferlint]\nignore = ["BUF001"]\n')
    (project / "bufferlint.toml").write_text('extend = "base.toml"\n')
    assert concise(invoke) == []
    (project / "base.toml").write_text("[tool.bufferlint]\n")
    assert concise(invoke) == ["pkg/model.py:9:9"]
    shown = invoke("check", "--show-settings").stdout
    assert 'extend = "base.toml"  # bufferlint.toml' in shown
    (project / "base.toml").write_text('[tool.bufferlint]\nignore = ["BUF009"]\n')
    assert 'ignore = ["BUF009"]  # base.toml' in invoke("check", "--show-settings").stdout


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (None, "base.toml: cannot read it: No such file or directory"),
        ("[project]\n", "base.toml: it has no table [tool.bufferlint]; add one, or take out the 'extend'"),
        ('[tool.bufferlint]\nselct = ["BUF001"]\n', "base.toml:2:1: unknown key 'selct'; did you mean 'select'?"),
        ('[tool.bufferlint]\nextend = "bufferlint.toml"\n', "base.toml:2:1: 'extend' leads back to "),
        ('[tool.bufferlint]\nselect = ["BUF0001"]\n', "base.toml: 'select': unknown rule 'BUF0001'"),
    ],
)
def test_a_fault_of_the_extended_file_is_named_there(
    invoke: Invoke, project: Path, base: str | None, said: str
) -> None:
    (project / "bufferlint.toml").write_text('extend = "base.toml"\n')
    if base is not None:
        (project / "base.toml").write_text(base)
    result = invoke("check")
    assert result.exit_code == 2 and said in result.stderr


def test_a_folder_of_the_environment_may_hold_the_extended_file(
    invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "shared").mkdir()
    (project / "shared/bufferlint.toml").write_text('ignore = ["BUF001"]\n')
    (project / "bufferlint.toml").write_text('extend = "$SHARED/bufferlint.toml"\n')
    monkeypatch.setenv("SHARED", str(project / "shared"))
    assert concise(invoke) == []


# -- required-version ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("requirement", "met"),
    [
        ("1.2.3", True), ("==1.2.3", True), ("==1.2", False), ("1.2.3.0", True), (">=1", True), (">=1.3", False),
        (">1.2.2, <2", True), (">1.2.3", False), ("<=1.2.3", True), ("!=1.2.3", False), ("~=1.2", True),
        ("~=1.2.1", True), ("~=1.1.0", False), ("~= 1.3", False), (">=1.10", False),
    ],
)  # fmt: skip
def test_a_version_meets_a_requirement_or_not(requirement: str, met: bool) -> None:
    assert is_requirement(requirement)
    assert satisfies("1.2.3", requirement) == met
    assert satisfies("1.2.3rc1+local", requirement) == met


@pytest.mark.parametrize("text", ["", "new", ">=", "1.x", ">=1,", "=>1", "1 2"])
def test_what_is_no_requirement(text: str) -> None:
    assert not is_requirement(text)


def test_another_version_refuses_to_run(invoke: Invoke, project: Path) -> None:
    (project / "bufferlint.toml").write_text(f'required-version = ">={__version__}"\n')
    assert concise(invoke) == ["pkg/model.py:9:9"]
    (project / "bufferlint.toml").write_text('select = []\nrequired-version = ">=99"\na-key-of-the-future = 1\n')
    result = invoke("check")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: bufferlint.toml:2:1: 'required-version' is >=99, and this is bufferlint {__version__}; "
        "install one with pip install 'bufferlint>=99'\n"
    )
    (project / "bufferlint.toml").write_text('required-version = "99"\n')
    assert "pip install 'bufferlint==99'" in invoke("check").stderr
    (project / "bufferlint.toml").write_text('required-version = "new"\n')
    assert "'required-version' must be a version such as \">=0.1\"; got 'new'" in invoke("check").stderr


# -- isolated --------------------------------------------------------------------------------------------------------


def test_isolated_reads_no_configuration(invoke: Invoke, project: Path, model: Path) -> None:
    (project / "bufferlint.toml").write_text('ignore = ["BUF001"]\n')
    assert concise(invoke) == []
    assert concise(invoke, "--isolated") == ["pkg/model.py:9:9"]
    assert concise(invoke, "--isolated", "--ignore", "BUF001") == []
    (project / "bufferlint.toml").write_text("this is no TOML\n")
    assert invoke("check").exit_code == 2
    assert concise(invoke, "--isolated") == ["pkg/model.py:9:9"]
    assert "# no configuration file" in invoke("check", "--isolated", "--show-settings").stdout
    assert "register_buffer" in invoke("fix", "--isolated").stdout
    both = invoke("check", "--isolated", "--config", "bufferlint.toml")
    assert both.exit_code == 2 and both.stderr.startswith("error: --isolated reads no configuration file")
    assert model.read_text() == LESSON
