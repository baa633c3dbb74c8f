"""The table of options as its users see it: command line, configuration, schema, and what is in force."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

from bufferlint.cli import introspection as showing
from bufferlint.cli.main import cli
from bufferlint.project_files.config import Config, load
from bufferlint.project_files.options import OPTIONS, Kind
from tests.cli.conftest import LESSON, Invoke
from tests.cli.test_config import FULL

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WRONG: dict[Kind, object] = {
    Kind.STRINGS: "one",
    Kind.FLAG: "yes",
    Kind.TEXT: 3,
    Kind.NUMBER: "many",
    Kind.CHOICE: "none of them",
    Kind.VERSION: 2.5,
    Kind.LISTS: ["a"],
    Kind.REQUIREMENT: "new",
}


@pytest.fixture
def model(project: Path) -> Path:
    path = project / "model.py"
    path.write_text(LESSON)
    return path


def concise(invoke: Invoke, *arguments: str) -> list[str]:
    return [
        line.split(": ")[0] for line in invoke("check", "--output-format", "concise", *arguments).stdout.splitlines()
    ]


# -- what can be set -------------------------------------------------------------------------------------------------


def test_every_option_is_listed_with_type_and_default(invoke: Invoke) -> None:
    text = invoke("config").stdout
    rows = json.loads(invoke("config", "--format", "json").stdout)
    assert [row["key"] for row in rows] == [key for key, _ in showing.every_option()]
    for key, option in showing.every_option():
        assert f"{key}\n  {option.help}\n  value    {option.expected}\n" in text
    assert invoke("config", "style").stdout.startswith("style\n  How to write a registration")
    wrong = invoke("config", "stile")
    assert (wrong.exit_code, wrong.stderr) == (2, "error: unknown key 'stile'; did you mean 'style'?\n")


def test_the_command_line_has_every_option() -> None:
    context = click.Context(cli)
    for name in ("check", "fix", "verify"):
        command = cli.get_command(context, name) if isinstance(cli, click.Group) else None
        assert command is not None
        helps = {flag: param for param in command.params for flag in param.opts if isinstance(param, click.Option)}
        for option in OPTIONS:
            if option.key == "output-format" and name != "check":
                continue  # verdicts and fixes have formats of their own
            taken = not option.file_only and (not option.only or name in option.only)
            assert (f"--{option.key}" in helps) == taken
            if f"--{option.key}" in helps:
                shown = helps[f"--{option.key}"]
                assert isinstance(shown, click.Option) and (shown.help or "").startswith(option.help)


@pytest.fixture(scope="module")
def schema() -> Any:
    schema = showing.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def test_the_schema_takes_what_we_take(schema: Any, invoke: Invoke) -> None:
    assert json.loads(invoke("config", "--schema").stdout) == schema
    jsonschema.validate(tomllib.loads(FULL)["tool"]["bufferlint"], schema)
    assert set(schema["properties"]) == {*(option.key for option in OPTIONS), "verify"}
    for option in OPTIONS:
        if option.default is not None:
            jsonschema.validate({option.key: json.loads(json.dumps(option.default))}, schema)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.key)
def test_the_schema_refuses_what_we_refuse(option: Any, schema: Any, tmp_path: Path) -> None:
    wrong = WRONG[option.kind]
    assert not option.takes(wrong)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({option.key: wrong}, schema)
    (tmp_path / "bufferlint.toml").write_text(f"{option.key} = {showing.toml(wrong)}\n")
    assert isinstance(load(str(tmp_path / "bufferlint.toml")), tuple)


@pytest.mark.parametrize(
    "table", [{"selct": []}, {"verify": {"pyton": "x"}}, {"verify": {"a.py::A": {"inits": {}}}}, {"verify": 3}], ids=str
)
def test_the_schema_knows_all_keys(schema: Any, table: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(table, schema)


# -- what is in force ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model")
def test_settings_are_shown_as_toml_with_their_origin(invoke: Invoke, project: Path) -> None:
    (project / "bufferlint.toml").write_text('persistent = "auto"\nper-file-ignores = { "a*.py" = ["BUF001"] }\n')
    shown = invoke("check", "--show-settings", "--ignore", "BUF009").stdout
    lines = shown.splitlines()
    assert 'persistent = "auto"  # bufferlint.toml' in lines
    assert 'ignore = ["BUF009"]  # command line' in lines
    assert 'style = "register_buffer"  # default' in lines
    (project / "bufferlint.toml").write_text(shown)
    config = load(str(project / "bufferlint.toml"))
    assert isinstance(config, Config)
    assert config.values["per-file-ignores"] == {"a*.py": ["BUF001"]}
    assert set(config.values) == {option.key for option in OPTIONS if option.default is not None}


@pytest.mark.usefixtures("model")
def test_files_are_shown(invoke: Invoke, project: Path) -> None:
    for name in ("b.py", "a/c.ipynb", "build/d.py"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text("not read")
    shown = invoke("check", "--show-files", ".")
    assert (shown.exit_code, shown.stdout) == (0, "b.py\nmodel.py\n")
    assert "a/c.ipynb" in shown.stderr or shown.stderr == ""


# -- single options --------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("model")
def test_force_exclude_leaves_out_what_is_named(invoke: Invoke, project: Path) -> None:
    (project / "old").mkdir()
    (project / "old/legacy.py").write_text(LESSON)
    named = ("old/legacy.py", "model.py")
    assert concise(invoke, *named, "--exclude", "old/") == ["model.py:9:9", "old/legacy.py:9:9"]
    for pattern in ("old/", "old", "*.y", "legacy.py", "old/*.py"):
        left = ["model.py:9:9"] if pattern != "*.y" else ["model.py:9:9", "old/legacy.py:9:9"]
        assert concise(invoke, *named, "--force-exclude", "--exclude", pattern) == left
    (project / "bufferlint.toml").write_text('force-exclude = true\nextend-exclude = ["/old"]\n')
    assert concise(invoke, *named) == ["model.py:9:9"]
    assert concise(invoke, *named, "--no-force-exclude") == ["model.py:9:9", "old/legacy.py:9:9"]
    (project / "build").mkdir()
    (project / "build/made.py").write_text(LESSON)
    alone = invoke("check", "build/made.py")
    assert alone.exit_code == 0
    assert "no Python file" in alone.stderr


@pytest.mark.usefixtures("model")
def test_the_usual_excludes_mean_folders_below_the_current_one(
    invoke: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = project / ".cache" / "work"
    hidden.mkdir(parents=True)
    (hidden / "model.py").write_text(LESSON)
    monkeypatch.chdir(hidden)
    assert concise(invoke, "--force-exclude", "model.py") == ["model.py:9:9"]


@pytest.mark.usefixtures("model")
def test_rules_can_be_ignored_in_single_files(invoke: Invoke, project: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests/test_model.py").write_text(LESSON)
    assert concise(invoke, "--per-file-ignores", "tests/:BUF001") == ["model.py:9:9"]
    (project / "bufferlint.toml").write_text('[per-file-ignores]\n"tests/*" = ["unregistered-tensor"]\n')
    assert concise(invoke) == ["model.py:9:9"]
    assert concise(invoke, "tests/test_model.py") == []
    assert invoke("fix", "--apply", "tests").stderr == "Nothing to fix.\n"
    bad = invoke("check", "--per-file-ignores", "tests")
    assert (bad.exit_code, "give it as PATTERN:RULE" in bad.stderr) == (2, True)


@pytest.mark.usefixtures("model")
def test_rules_can_be_added_to_the_selected_ones(invoke: Invoke, project: Path) -> None:
    (project / "moved.py").write_text(
        LESSON.replace(
            "self.mask = torch.triu(torch.ones(n, n), diagonal=1)", 'self.register_buffer("mask", torch.ones(n, n))'
        ).replace("self.mask.bool()", "self.mask.to(x.device)")
    )
    assert concise(invoke) == ["model.py:9:9"]
    assert concise(invoke, "--extend-select", "BUF008") == ["model.py:9:9", "moved.py:13:35"]
    assert concise(invoke, "--select", "BUF008") == ["moved.py:13:35"]


@pytest.mark.parametrize("key", ["select", "extend-select", "ignore"])
@pytest.mark.usefixtures("model")
def test_an_unknown_rule_is_named_with_its_place(invoke: Invoke, project: Path, key: str) -> None:
    (project / "bufferlint.toml").write_text(f'{key} = ["BUF0001"]\n')
    said = invoke("check").stderr
    assert (
        f"{(project / 'bufferlint.toml').as_posix()}: '{key}': unknown rule 'BUF0001'; did you mean 'BUF001'?" in said
    )
    (project / "bufferlint.toml").unlink()
    assert f"--{key}: unknown rule 'BUF0001'; did you mean 'BUF001'?" in invoke("check", f"--{key}", "BUF0001").stderr


@pytest.mark.usefixtures("model")
def test_the_oldest_torch(invoke: Invoke) -> None:
    refused = invoke("fix", "--style", "nn.Buffer", "--min-torch", "2.4")
    assert (refused.exit_code, refused.stdout) == (0, "")
    assert "nn.Buffer needs torch 2.5, and min-torch is 2.4" in refused.stderr
    assert "nn.Buffer(" in invoke("fix", "--style", "nn.Buffer", "--min-torch", "2.5").stdout
    wrong = invoke("check", "--min-torch", "new")
    assert (wrong.exit_code, "a version such as \"2.5\"; got 'new'" in wrong.stderr) == (2, True)


@pytest.mark.usefixtures("model")
def test_the_format_can_be_configured(invoke: Invoke, project: Path) -> None:
    (project / "bufferlint.toml").write_text('output-format = "concise"\n')
    assert len(invoke("check").stdout.splitlines()) == 1
    assert json.loads(invoke("check", "--output-format", "json").stdout)["version"] == 1
    assert invoke("fix").exit_code == 1
