"""The configuration file: what it may say, which one counts, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bufferlint.finding import Problem
from bufferlint.project_files.config import Config, baseline_file, excludes, find, load, settings, settings_for
from bufferlint.project_files.options import OPTIONS
from bufferlint.settings import Persistence, Settings, Style
from bufferlint.verify.contract import InputSpec

FULL = """\
[tool.bufferlint]
select = ["BUF001"]
ignore = ["BUF1"]
exclude = ["old"]
extend-exclude = ["vendor/"]
persistent = "auto"
style = "nn.Buffer"
module-bases = ["lib.Base"]
tensor-factories = ["lib.make"]
unsafe-fixes = true
load-old-checkpoints = true
clean-up = true
extend-select = ["BUF008"]
per-file-ignores = { "tests/*" = ["BUF001"] }
force-exclude = true
baseline = "old.json"
min-torch = "2.1"
target-version = "py310"
output-format = "concise"
required-version = ">=0.1"
extend-per-file-ignores = { "docs/*" = ["BUF1"] }
fixable = ["BUF0"]
unfixable = ["BUF008"]
respect-gitignore = false

[tool.bufferlint.verify]
python = ".venv/bin/python"
timeout = 30
device = "cpu"

[tool.bufferlint.verify."pkg/model.py::Net"]
init = { d_in = 3, bias = false }
inputs = ["2x6x3"]
timeout = 5
"""


def _file(folder: Path, text: str, name: str = "pyproject.toml") -> str:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return (folder / name).as_posix()


def _loaded(file: str) -> Config:
    config = load(file)
    assert isinstance(config, Config), config
    return config


def _faults(file: str) -> list[str]:
    problems = load(file)
    assert isinstance(problems, tuple)
    assert all(problem.path == file and problem.advice for problem in problems)
    return [problem.cause for problem in problems]


def test_every_key_reaches_the_settings(tmp_path: Path) -> None:
    config = _loaded(_file(tmp_path, FULL))
    assert settings(config.values) == Settings(
        select=("BUF001",),
        ignore=("BUF1",),
        persistence=Persistence.AUTO,
        style=Style.NN_BUFFER,
        unsafe_fixes=True,
        load_old_checkpoints=True,
        clean_up=True,
        module_bases=("lib.Base",),
        tensor_factories=("lib.make",),
        extend_select=("BUF008",),
        min_torch=(2, 1),
        target_version=(3, 10),
        fixable=("BUF0",),
        unfixable=("BUF008",),
    )
    assert baseline_file(config, {}) == f"{tmp_path.as_posix()}/old.json"
    assert baseline_file(config, {"baseline": ""}) is None
    assert set(config.values) == {option.key for option in OPTIONS} - {"extend"}
    assert config.verify["python"] == ".venv/bin/python"


def test_a_recipe_has_the_defaults_that_it_does_not_set(tmp_path: Path) -> None:
    config = _loaded(_file(tmp_path, FULL))
    recipe = config.recipes[f"{tmp_path.as_posix()}/pkg/model.py", "Net"]
    assert recipe.init == (("d_in", 3), ("bias", False))
    assert recipe.inputs == (InputSpec((2, 6, 3)),)
    assert (recipe.timeout, recipe.device) == (5.0, "cpu")


def test_without_a_file_everything_has_its_default() -> None:
    assert settings({}) == Settings()
    assert settings({option.key: option.default for option in OPTIONS}) == Settings()
    assert load(None) == Config()


@pytest.mark.parametrize(
    ("value", "persistence"),
    [("true", Persistence.PERSISTENT), ("false", Persistence.NON_PERSISTENT), ('"auto"', Persistence.AUTO)],
)
def test_persistent_is_a_boolean_or_auto(tmp_path: Path, value: str, persistence: Persistence) -> None:
    config = _loaded(_file(tmp_path, f"persistent = {value}", "bufferlint.toml"))
    assert settings(config.values).persistence is persistence


def test_the_nearest_file_with_our_table_wins(tmp_path: Path) -> None:
    top = _file(tmp_path, "[tool.bufferlint]\n")
    _file(tmp_path / "pkg", '[project]\nname = "bufferlint-user"\n')
    (tmp_path / "pkg/model.py").touch()
    assert find([str(tmp_path / "pkg/model.py")]) == top
    near = _file(tmp_path / "pkg", "", "bufferlint.toml")
    assert find([str(tmp_path / "pkg/model.py")]) == near
    assert find([str(tmp_path / "pkg")]) == near
    assert find([str(tmp_path / "pkg/model.py"), str(tmp_path / "other.py")]) == top
    _file(tmp_path / "pkg", "[tool.bufferlint]\n")
    assert find([str(tmp_path / "pkg")]) == near


@pytest.mark.parametrize("text", ["persistent = false\n", "[tool.bufferlint]\npersistent = false\n"])
def test_a_file_of_another_name_may_hold_our_keys_at_its_top(tmp_path: Path, text: str) -> None:
    config = _loaded(_file(tmp_path, text, "shared.toml"))
    assert settings(config.values).persistence is Persistence.NON_PERSISTENT


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ('selct = ["BUF001"]', "unknown key 'selct'; did you mean 'select'?"),
        ("unsafe_fixes = true", "unknown key 'unsafe_fixes'; did you mean 'unsafe-fixes'?"),
        ('select = "BUF001"', "'select' must be a list of strings; got 'BUF001'"),
        ("select = [1]", "'select' must be a list of strings; got [1]"),
        ('unsafe-fixes = "yes"', "'unsafe-fixes' must be true or false; got 'yes'"),
        ("persistent = 1", "'persistent' must be one of true, false, \"auto\"; got 1"),
        ('style = "buffer"', "'style' must be one of \"register_buffer\", \"nn.Buffer\"; got 'buffer'"),
        ("min-torch = 2.5", "'min-torch' must be a version such as \"2.5\"; got 2.5"),
        ('min-torch = "new"', "'min-torch' must be a version such as \"2.5\"; got 'new'"),
        ('per-file-ignores = ["a"]', "'per-file-ignores' must be a table of lists of strings; got ['a']"),
        (
            'per-file-ignores = { a = "BUF001" }',
            "'per-file-ignores' must be a table of lists of strings; got {'a': 'BUF001'}",
        ),
        ("verify = 3", "'verify' must be a table"),
        ('verify.pyton = "x"', "verify: unknown key 'pyton'; did you mean 'python'?"),
        ('verify.timeout = "x"', "verify: 'timeout' must be a number; got 'x'"),
        ('verify."a.py::A" = 3', "verify: 'a.py::A': it must be a table with init and inputs"),
        (
            'verify."a.py::A".inits = {}',
            "verify: 'a.py::A': unknown key 'inits' in a verify recipe; did you mean 'init'?",
        ),
    ],
)
@pytest.mark.parametrize("name", ["pyproject.toml", "bufferlint.toml"])
def test_a_wrong_key_is_named_with_its_place_and_the_nearest_right_one(
    tmp_path: Path, name: str, line: str, cause: str
) -> None:
    table = "[tool.bufferlint]\n" if name == "pyproject.toml" else "# ours\n"
    file = _file(tmp_path, f"{table}{line}\n", name)
    assert _faults(file) == [cause]
    problems = load(file)
    assert isinstance(problems, tuple)
    assert problems[0].location is not None
    assert problems[0].location.row == 2


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    file = _file(tmp_path, "a = 1\nb = 2\nverify.c = 3\n", "bufferlint.toml")
    assert [cause.split(";")[0] for cause in _faults(file)] == [
        "unknown key 'a'",
        "unknown key 'b'",
        "verify: unknown key 'c'",
    ]


def test_broken_toml_is_named_with_its_place(tmp_path: Path) -> None:
    file = _file(tmp_path, "[tool.bufferlint]\nselect = [\n")
    assert find([str(tmp_path)]) == file
    problem = load(file)
    assert isinstance(problem, tuple)
    assert problem[0].cause.startswith("it is not valid TOML: ")
    assert "at line" not in problem[0].cause


def test_a_broken_pyproject_that_is_not_ours_is_passed_over(tmp_path: Path) -> None:
    _file(tmp_path, 'dependencies = ["bufferlint"\n[')
    found = find([str(tmp_path)])
    assert found is None or not found.startswith(tmp_path.as_posix())


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    assert _faults(str(tmp_path / "gone.toml")) == ["cannot read it: No such file or directory"]
    (tmp_path / "bufferlint.toml").write_bytes(b"# \xff\n")
    assert _faults((tmp_path / "bufferlint.toml").as_posix()) == ["it is not UTF-8, which TOML must be"]
    assert isinstance(load(str(tmp_path)), tuple)


def test_tables_that_are_no_tables(tmp_path: Path) -> None:
    assert _faults(_file(tmp_path, "[tool]\nbufferlint = 3\n")) == ["'tool.bufferlint' must be a table"]
    assert _loaded(_file(tmp_path, "tool = 3\n")).values == {}


def test_excludes_of_the_file_are_relative_to_it_and_those_of_the_command_line_to_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    config = _loaded(_file(tmp_path, 'exclude = ["/old"]\nextend-exclude = ["/vendor"]\n', "bufferlint.toml"))
    root = tmp_path.as_posix()

    def left_out(path: str, **given: object) -> bool:
        groups = excludes(config, {key.replace("_", "-"): value for key, value in given.items()})
        return any(group.verdict(f"{root}/{path}", True) for group in groups)

    assert left_out("old") and left_out("vendor") and not left_out("build") and not left_out("sub/old")
    assert (
        left_out("sub/x", exclude=("/x",))
        and not left_out("old", exclude=("/x",))
        and left_out("vendor", exclude=("/x",))
    )
    assert left_out("sub/x", extend_exclude=("x",)) and left_out("old", extend_exclude=("x",))


def test_ignores_of_single_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    config = _loaded(
        _file(tmp_path, 'per-file-ignores = { "tests/" = ["BUF001"], "*_old.py" = ["BUF"] }', "bufferlint.toml")
    )
    root = tmp_path.as_posix()
    files = [f"{root}/{name}" for name in ("tests/a.py", "tests/deep/b_old.py", "src/c.py", "sub/tests/a.py")]

    def ignores(**given: object) -> dict[str, set[str]]:
        found = settings_for(files, config, {key.replace("_", "-"): value for key, value in given.items()}).file_ignores
        return {
            file.removeprefix(f"{root}/"): {s for f, selectors in found if f == file for s in selectors}
            for file, _ in found
        }

    assert ignores() == {
        "tests/a.py": {"BUF001"},
        "tests/deep/b_old.py": {"BUF001", "BUF"},
        "sub/tests/a.py": {"BUF001"},
    }
    assert ignores(per_file_ignores={"tests/": ("BUF002",)}) == {"sub/tests/a.py": {"BUF002"}}


def test_the_usual_folders_are_left_out_by_default() -> None:
    groups = excludes(Config(), {})
    assert any(group.verdict("/somewhere/.venv", True) for group in groups)
    assert not any(group.verdict("/somewhere/src", True) for group in groups)


def test_a_problem_is_one(tmp_path: Path) -> None:
    problems = load(_file(tmp_path, "a = 1\n", "bufferlint.toml"))
    assert isinstance(problems, tuple)
    assert all(isinstance(problem, Problem) for problem in problems)
