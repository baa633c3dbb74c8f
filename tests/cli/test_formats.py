"""Each format as its reader takes it: schemas, parsers, GitHub's own way of reading commands."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml

import bufferlint
from bufferlint.finding import Report
from bufferlint.project_files.options import FORMATS
from bufferlint.report import json as json_output
from bufferlint.report import sarif
from bufferlint.report.view import View
from bufferlint.rules import catalogue
from tests.cli.conftest import LESSON, Invoke
from tests.cli.test_output import SAFE, finding_of

NOTEBOOKS = Path(__file__).parents[2] / "fixtures" / "notebooks"
SARIF = json.loads((Path(__file__).parent / "sarif-2.1.0-rtm.5.json").read_bytes())
REPORT = json.loads((Path(bufferlint.__file__).parent / "schemas" / "report.schema.json").read_bytes())
ODD = "pkg/50%,a: b's.py"
"""A path with all that formats must escape."""
MACHINE = [name for name in FORMATS if name not in ("text", "concise")]
TWICE = LESSON.replace("class Attention", "class Twice").replace(
    "        self.mask", "        self.rows = torch.ones(n)\n        self.rows = torch.ones(n)\n        self.mask"
)


@pytest.fixture
def repository(project: Path) -> Path:
    """A git repository with findings of all marks, a notebook, an unreadable file and odd names."""
    (project / "pkg").mkdir()
    (project / ODD).write_text(LESSON)
    (project / "pkg/twice.py").write_text(TWICE)
    (project / "pkg/broken.py").write_text("x = 1\ndef f(:\n")
    (project / "pkg/taken.py").write_text(LESSON.replace("    def forward", "    mask = None\n\n    def forward"))
    (project / "pkg/state.py").write_text(
        LESSON.replace("torch.triu(torch.ones(n, n), diagonal=1)", "torch.ones(n) * 1e-9")
    )
    shutil.copy(NOTEBOOKS / "magics.ipynb", project / "pkg")
    subprocess.run(["git", "init", "-q", project], check=True)
    return project


def checked(invoke: Invoke, form: str, *arguments: str) -> str:
    result = invoke("check", "--output-format", form, *arguments)
    assert result.exit_code == 2, result.output
    return result.stdout


# -- ours ------------------------------------------------------------------------------------------------------------


def findings(invoke: Invoke) -> list[dict[str, Any]]:
    return list(json.loads(checked(invoke, "json"))["findings"])


@pytest.mark.usefixtures("repository")
def test_json_keeps_to_our_schema(invoke: Invoke) -> None:
    jsonschema.Draft202012Validator.check_schema(REPORT)
    report = json.loads(checked(invoke, "json"))
    jsonschema.validate(report, _closed(REPORT))
    assert len({each["fix"]["applicability"] if each["fix"] else None for each in report["findings"]}) >= 2
    assert any(each["cell"] for each in report["findings"])
    assert any(each["withheld"] for each in report["findings"])


@pytest.mark.usefixtures("repository")
def test_json_lines_are_the_findings_and_problems_of_json(invoke: Invoke) -> None:
    report = json.loads(checked(invoke, "json"))
    lines = checked(invoke, "json-lines").splitlines()
    assert [json.loads(line) for line in lines] == report["findings"] + report["problems"]


def test_edits_of_json_give_the_fixed_text(invoke: Invoke, project: Path) -> None:
    (project / "model.py").write_text(LESSON)
    (finding,) = json.loads(invoke("check", "--output-format", "json").stdout)["findings"]
    lines = LESSON.splitlines(keepends=True)
    for edit in sorted(finding["fix"]["edits"], key=lambda edit: -edit["location"]["column"]):
        assert edit["location"]["row"] == edit["end_location"]["row"]
        row, start, end = (
            edit["location"]["row"] - 1,
            edit["location"]["column"] - 1,
            edit["end_location"]["column"] - 1,
        )
        lines[row] = lines[row][:start] + edit["content"] + lines[row][end:]
    invoke("fix", "--apply")
    assert "".join(lines) == (project / "model.py").read_text()


def test_the_address_of_a_rule_is_there_when_the_documentation_has_one() -> None:
    assert json_output.finding_fields(finding_of(fix=SAFE), View("/p"))["url"] is None
    fields = json_output.finding_fields(finding_of(fix=SAFE), View("/p", home="https://docs.example/bufferlint"))
    assert fields["url"] == "https://docs.example/bufferlint/rules/unregistered-tensor.html"


def test_sarif_names_the_documentation_when_there_is_one() -> None:
    view = View("/p", home="https://docs.example/bufferlint")
    log = json.loads(sarif.render(Report((finding_of(fix=SAFE),)), view))
    jsonschema.Draft4Validator(SARIF).validate(log)
    driver = log["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == view.home
    assert driver["rules"][0]["helpUri"] == f"{view.home}/rules/unregistered-tensor.html"


def _closed(schema: Any) -> Any:
    """The schema with no fields beyond those that it names."""
    if isinstance(schema, list):
        return [_closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return {**closed, "additionalProperties": False} if schema.get("type") == "object" else closed


# -- SARIF -----------------------------------------------------------------------------------------------------------


def _sarif(invoke: Invoke) -> dict[str, Any]:
    log = json.loads(checked(invoke, "sarif"))
    jsonschema.Draft4Validator(SARIF).validate(log)
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


@pytest.mark.usefixtures("repository")
def test_sarif_is_valid_and_complete(invoke: Invoke) -> None:
    run = _sarif(invoke)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("bufferlint", bufferlint.__version__)
    assert [rule["id"] for rule in driver["rules"]] == [rule.code for rule in catalogue()]
    for rule in driver["rules"]:
        assert rule["name"] and rule["help"]["text"] and rule["defaultConfiguration"]["level"] == "warning"
        assert len(rule["fullDescription"]["text"]) > 40
    ours = findings(invoke)
    assert [result["ruleId"] for result in run["results"]] == [each["code"] for each in ours]
    for result, finding in zip(run["results"], ours, strict=True):
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert unquote(physical["artifactLocation"]["uri"]) == finding["filename"]
        assert ("region" in physical) == (finding["cell"] is None)
        if finding["cell"] is None:
            assert physical["region"]["startLine"] == finding["location"]["row"]
            assert ("fixes" in result) == (finding["fix"] is not None)
    assert run["invocations"][0]["executionSuccessful"] is False
    (notification,) = run["invocations"][0]["toolExecutionNotifications"]
    assert notification["locations"][0]["physicalLocation"]["region"]["startLine"] == 2


def test_a_clean_run_is_valid_sarif(invoke: Invoke, project: Path) -> None:
    (project / "clean.py").write_text("x = 1\n")
    log = json.loads(invoke("check", "--output-format", "sarif").stdout)
    jsonschema.Draft4Validator(SARIF).validate(log)
    assert log["runs"][0]["results"] == []


@pytest.mark.parametrize("form", ["sarif", "gitlab"])
def test_fingerprints_stay_when_lines_move(invoke: Invoke, repository: Path, form: str) -> None:
    def marks() -> list[str]:
        if form == "sarif":
            return [result["partialFingerprints"]["bufferlint/v1"] for result in _sarif(invoke)["results"]]
        return [issue["fingerprint"] for issue in json.loads(checked(invoke, "gitlab"))]

    before = marks()
    assert len(set(before)) == len(before) > 5
    for path in (repository / ODD, repository / "pkg/twice.py"):
        path.write_text("'''moved'''\n\n" + path.read_text().replace("torch.ones(n)", "torch.ones( n )"))
    assert marks() == before
    path.write_text(path.read_text().replace("rows", "lines"))
    changed = marks()
    assert changed != before and len(set(changed)) == len(changed)


# -- code hosts ------------------------------------------------------------------------------------------------------


def _unescaped(text: str, special: str = "") -> str:
    """As the runner of GitHub Actions reads it (actions/runner, ActionCommand)."""
    for character in "\r\n" + special:
        text = text.replace(f"%{ord(character):02X}", character)
    return text.replace("%25", "%")


def _commands(output: str) -> list[tuple[dict[str, str], str]]:
    found = []
    for line in output.splitlines():
        match = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert match, line
        pairs = [pair.split("=", 1) for pair in match[2].split(",")]
        properties = {name: _unescaped(value, ":,") for name, value in pairs}
        found.append(({"severity": match[1], **properties}, _unescaped(match[3])))
    return found


@pytest.mark.usefixtures("repository")
def test_github_annotations_read_back(invoke: Invoke) -> None:
    commands = _commands(checked(invoke, "github"))
    ours = findings(invoke)
    assert len(commands) == len(ours) + 1
    for (properties, message), finding in zip(commands, ours, strict=False):
        assert properties["severity"] == {"error": "error", "warning": "warning", "info": "notice"}[finding["severity"]]
        assert properties["title"] == f"bufferlint ({finding['code']})"
        assert properties["file"] == finding["filename"]
        assert properties["line"] == ("1" if finding["cell"] else str(finding["location"]["row"]))
        assert ("col" in properties) == (finding["cell"] is None)
        assert message.startswith(finding["filename"])
        assert message.endswith(f"{finding['code']} {finding['message']} ({finding['reason']})")
    assert ODD in {properties["file"] for properties, _ in commands}
    properties, message = commands[-1]
    assert (properties["file"], properties["line"], properties["severity"]) == ("pkg/broken.py", "2", "error")


@pytest.mark.usefixtures("repository")
def test_azure_issues_read_back(invoke: Invoke) -> None:
    ours = findings(invoke)
    lines = checked(invoke, "azure").splitlines()
    assert len(lines) == len(ours) + 1
    for line, finding in zip(lines, ours, strict=False):
        match = re.fullmatch(r"##vso\[task\.logissue ([^\]]*)\](.*)", line)
        assert match, line
        properties = dict(pair.split("=", 1) for pair in match[1].rstrip(";").split(";"))
        properties = {name: unquote(value.replace("%AZP25", "%25")) for name, value in properties.items()}
        assert properties["type"] == ("error" if finding["severity"] == "error" else "warning")
        assert (properties["sourcepath"], properties["code"]) == (finding["filename"], finding["code"])
        assert properties["linenumber"] == ("1" if finding["cell"] else str(finding["location"]["row"]))
        assert match[2].replace("%AZP25", "%").endswith(f"{finding['message']} ({finding['reason']})")
    assert "type=error;sourcepath=pkg/broken.py;linenumber=2;]" in lines[-1]


@pytest.mark.usefixtures("repository")
def test_reviewdog_gets_each_fix_as_one_suggestion(invoke: Invoke, repository: Path) -> None:
    ours = findings(invoke)
    document = json.loads(checked(invoke, "rdjson"))
    assert document["source"] == {"name": "bufferlint"} and document["severity"] == "WARNING"
    *made, broken = document["diagnostics"]
    assert (broken["location"]["path"], broken["severity"]) == ("pkg/broken.py", "ERROR")
    for each, finding in zip(made, ours, strict=True):
        assert each["severity"] == finding["severity"].upper() and each["code"] == {"value": finding["code"]}
        assert each["location"]["path"] == finding["filename"]
        assert ("range" in each["location"]) == (finding["cell"] is None)
        safe = finding["fix"] is not None and finding["fix"]["applicability"] == "safe"
        assert ("suggestions" in each) == (safe and finding["cell"] is None)
    suggestion = next(each["suggestions"] for each in made if each["location"]["path"] == ODD)[0]
    start, end = suggestion["range"]["start"], suggestion["range"]["end"]
    assert start["line"] == end["line"]
    lines = LESSON.splitlines(keepends=True)
    row = lines[start["line"] - 1].encode()
    before, after = row[: start["column"] - 1].decode(), row[end["column"] - 1 :].decode()
    lines[start["line"] - 1] = before + suggestion["text"] + after
    invoke("fix", "--apply", "-q", "pkg")
    assert "".join(lines) == (repository / ODD).read_text()


@pytest.mark.usefixtures("repository")
def test_columns_of_reviewdog_count_bytes(invoke: Invoke, project: Path) -> None:
    text = LESSON.replace("        self.mask", "        note = 'é😀'; self.mask")
    (project / "pkg/wide.py").write_text(text, "utf-8")
    document = json.loads(checked(invoke, "rdjson"))
    [place] = [each["location"] for each in document["diagnostics"] if each["location"]["path"] == "pkg/wide.py"]
    assert place["range"]["start"]["column"] == len("        note = 'é😀'; ".encode()) + 1


@pytest.mark.usefixtures("repository")
def test_gitlab_has_what_its_documentation_requires(invoke: Invoke) -> None:
    issues = json.loads(checked(invoke, "gitlab"))
    ours = findings(invoke)
    assert len(issues) == len(ours) + 1
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in ("info", "minor", "major", "critical", "blocker")
        assert issue["location"]["positions"]["begin"]["line"] >= 1
    assert [issue["location"]["path"] for issue in issues[:-1]] == [finding["filename"] for finding in ours]
    assert issues[-1]["severity"] == "blocker"


def test_hosts_are_told_paths_from_the_top(invoke: Invoke, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "pkg")
    (file,) = {
        properties["file"]
        for properties, _ in _commands(invoke("check", "--output-format", "github", "twice.py").stdout)
    }
    assert file == "pkg/twice.py"
    assert json.loads(invoke("check", "--output-format", "gitlab", "twice.py").stdout)[0]["location"]["path"] == file


# -- JUnit -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("repository")
def test_junit_reads_as_junit(invoke: Invoke, tmp_path: Path) -> None:
    (tmp_path / "steers.py").write_text(LESSON.replace("torch.ones(n, n)", "torch.ones(n, len('<&\x0b\"'))"))
    report = JUnitXml.fromstring(checked(invoke, "junit").encode())
    ours = findings(invoke)
    cases = [case for suite in report for case in suite]
    assert len(cases) == len(ours) + 1 == report.tests
    assert (report.failures, report.errors) == (len(ours), 1)
    for case, finding in zip(cases, ours, strict=False):
        (failure,) = case.result
        assert isinstance(failure, Failure)
        assert case.name == f"{finding['code']} {finding['class']}.{finding['attribute']}"
        assert (case.classname, failure.message) == (finding["filename"], finding["message"])
    assert isinstance(cases[-1].result[0], Error)


def test_a_clean_run_is_one_passed_case(invoke: Invoke, project: Path) -> None:
    (project / "clean.py").write_text("x = 1\n")
    report = JUnitXml.fromstring(invoke("check", "--output-format", "junit").stdout.encode())
    assert (report.tests, report.failures, report.errors) == (1, 0, 0)


# -- all -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.usefixtures("repository")
def test_a_file_gets_what_stdout_would(invoke: Invoke, repository: Path, form: str) -> None:
    printed = checked(invoke, form)
    assert checked(invoke, form, "--output-file", "out") == ""
    assert (repository / "out").read_text() == printed


@pytest.mark.parametrize("form", MACHINE)
def test_machines_get_no_colour(invoke: Invoke, repository: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" not in checked(invoke, form)
    assert repository.exists()
