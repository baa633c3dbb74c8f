"""Each sentence of SECURITY.md that can be tried is: the interpreter's audit events tell what the program does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import bufferlint

PACKAGE = Path(bufferlint.__file__).parent
SECURITY = PACKAGE.parent / ".github" / "SECURITY.md"
MODEL = """\
import pathlib
import torch
from torch import nn

pathlib.Path(__file__).with_name("ran").write_text("the code was run")


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.mask = torch.ones(2)

    def forward(self, x):
        return x * self.mask
"""
WATCHED = """\
import json, os, sys
seen = []
def hook(event, arguments):
    kind = event.split(".")[0]
    if event == "open" and isinstance(arguments[0], str):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC):
            seen.append(("write", os.path.abspath(arguments[0])))
    elif event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
                   "os.chown", "os.utime", "os.setxattr"):
        seen.append(("write", os.path.abspath(os.fsdecode(arguments[0])) if not isinstance(arguments[0], int) else "?"))
    elif event == "socket.__new__":
        pass
    elif kind == "socket" or event.startswith(("http.", "urllib.", "ftplib.", "smtplib.")):
        seen.append(("network", event))
    elif event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn"):
        seen.append(("program", str(arguments[0])))
    elif event == "exec" and getattr(arguments[0], "co_filename", "").startswith(os.getcwd()):
        seen.append(("code", arguments[0].co_filename))
    elif event == "import" and arguments[0].split(".")[0] in ("model", "torch"):
        seen.append(("import", arguments[0]))
sys.addaudithook(hook)
from bufferlint.cli.main import main
sys.argv[0] = "bufferlint"
try:
    main()
finally:
    with open(os.environ["SEEN"], "w") as file:
        json.dump(seen, file)
"""
READING = [
    ("check",),
    ("check", "--no-cache", "--output-format", "sarif"),
    ("check", "--statistics"),
    ("check", "--explain-silence", "model.py:Net.mask"),
    ("fix",),
    ("fix", "--apply"),
    ("rule", "BUF001"),
    ("config",),
]


def message(method: str, number: int | None = None, **parameters: object) -> str:
    """What an editor sends, as the protocol frames it."""
    identity = {} if number is None else {"id": number}
    body = json.dumps({"jsonrpc": "2.0", **identity, "method": method, "params": parameters})
    return f"Content-Length: {len(body)}\r\n\r\n{body}"


SESSION = "".join(
    (
        message("initialize", 1, processId=None, rootUri=None, capabilities={}),
        message("initialized"),
        message(
            "textDocument/didOpen",
            textDocument={"uri": "file:///nowhere/model.py", "languageId": "python", "version": 1, "text": MODEL},
        ),
        message("textDocument/diagnostic", 2, textDocument={"uri": "file:///nowhere/model.py"}),
        message("shutdown", 3),
        message("exit"),
    )
)
READING.append(("server",))


def made_in(place: Path) -> Path:
    folder = place / "project"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "model.py").write_text(MODEL)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return made_in(tmp_path)


def watched(project: Path, *arguments: str, given: str = "") -> list[tuple[str, str]]:
    """What a run does besides reading."""
    file = project.parent / "seen.json"
    given = SESSION if arguments == ("server",) else given
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), "SEEN": str(file), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-c", WATCHED, *arguments]
    subprocess.run(command, cwd=project, env=environment, input=given, capture_output=True, text=True, check=False)
    return [(kind, what) for kind, what in json.loads(file.read_text()) if what != str(file)]


def kinds(seen: list[tuple[str, str]]) -> set[str]:
    return {kind for kind, _ in seen}


@pytest.fixture(scope="module", params=READING, ids=" ".join)
def read(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[set[str], bool]:
    """What one command that reads code did, and whether the code was run: one run for all the promises about it."""
    project = made_in(tmp_path_factory.mktemp("read"))
    return kinds(watched(project, *request.param)), (project / "ran").exists()


def test_every_mark_of_the_page_has_its_test() -> None:
    groups = re.findall(r"\[((?:`\w+`(?:, )?)+)\]", SECURITY.read_text(encoding="utf-8"))
    marks = [mark for group in groups for mark in re.findall(r"\w+", group)]
    tests = re.findall(r"^def test_(\w+)", Path(__file__).read_text(encoding="utf-8"), re.MULTILINE)
    assert len(marks) > 8 and set(marks) == {test for test in tests if not test.startswith("every_mark")}


def test_code_is_read_only(read: tuple[set[str], bool]) -> None:
    seen, ran = read
    assert not {"code", "import"} & seen and not ran


def test_no_network(read: tuple[set[str], bool]) -> None:
    assert "network" not in read[0]


def test_no_program(read: tuple[set[str], bool]) -> None:
    assert "program" not in read[0]


def test_nothing_that_git_would_run(project: Path) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b"]
    for arguments in (("init", "-q"), ("add", "."), ("commit", "-qm", "first")):
        subprocess.run([*git, *arguments], cwd=project, check=True)
    (project / ".gitattributes").write_text("*.py filter=x\n")
    (project / ".git/hooks/post-index-change").write_text("#!/bin/sh\ntouch ran\n")
    (project / ".git/hooks/post-index-change").chmod(0o755)
    with (project / ".git/config").open("a") as file:
        file.write('[core]\n\tfsmonitor = touch ran\n[filter "x"]\n\tclean = touch ran; cat\n')
    (project / "model.py").write_text(MODEL.replace("ones", "rand"))
    for arguments in (("check", "--diff-base", "HEAD"), ("fix", "--apply", "--unsafe-fixes")):
        assert {what for kind, what in watched(project, *arguments) if kind == "program"} <= {"git"}
    assert not (project / "ran").exists()


def test_code_is_no_output(project: Path) -> None:
    for arguments in (("check", "-o"), ("check", "--write-baseline", "--baseline"), ("verify", "model.py", "--html")):
        for name in ("model.py", "pyproject.toml"):
            before = (project / name).read_text()
            assert run(project, *arguments, name).returncode == 2
            assert (project / name).read_text() == before


def test_check_writes_its_cache(project: Path) -> None:
    state = Path(os.environ["XDG_STATE_HOME"])
    written = [Path(what) for kind, what in watched(project, "check") if kind == "write"]
    allowed = (project / ".bufferlint_cache", state)
    assert written and all(any(path.is_relative_to(place) for place in allowed) for path in written), written
    assert not [what for kind, what in watched(project, "check", "--no-cache") if kind == "write"]


def test_fix_prints(project: Path) -> None:
    assert not [what for kind, what in watched(project, "fix") if kind == "write"]
    assert (project / "model.py").read_text() == MODEL


def test_writes_stay_inside(project: Path) -> None:
    outside = project.parent / "outside.py"
    outside.write_text(MODEL)
    (project / "link.py").symlink_to(outside)
    written = [Path(what) for kind, what in watched(project, "fix", "--apply") if kind == "write"]
    assert written and all(path.is_relative_to(project) for path in written), written
    assert outside.read_text() == MODEL and "register_buffer" in (project / "model.py").read_text()


def run(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bufferlint", *arguments]
    full = {**os.environ, "PYTHONPATH": str(PACKAGE.parent), **environment}
    return subprocess.run(command, cwd=project, env=full, capture_output=True, text=True, check=False)


def test_cache_of_others(project: Path) -> None:
    theirs = run(project, "check", "--exit-zero", XDG_STATE_HOME=str(project.parent / "theirs"))
    assert theirs.returncode == 0 and list((project / ".bufferlint_cache").glob("*.answer"))
    said = run(project, "check", "--exit-zero", "-v", XDG_STATE_HOME=str(project.parent / "mine")).stderr
    assert "not written by this user" in said and "answered from" not in said


def test_output_commands_nothing(project: Path) -> None:
    (project / "a\x1b[2J\n::error::x.py").write_text(MODEL)
    said = run(project, "check", "--no-cache")
    assert "\x1b" not in said.stdout + said.stderr and "\n::" not in said.stdout + said.stderr


@pytest.mark.parametrize("content", [b"\0", b"\xff\xfe", b"def f(:\n", b"(" * 100_000, b"x = " + b"9" * 5000])
def test_bad_input(project: Path, content: bytes) -> None:
    (project / "bad.py").write_bytes(content)
    said = run(project, "check", "--no-cache", "--output-format", "concise")
    assert said.returncode == 2 and "error: bad.py" in said.stderr and said.stdout.startswith("model.py:")


def test_own_process(project: Path) -> None:
    seen = watched(project, "verify", "model.py::Net", "--input", "2x2", "--device", "meta", "--python", sys.executable)
    assert "program" in kinds(seen) and not {"code", "import"} & kinds(seen)


def test_verify_writes_nothing(project: Path) -> None:
    names = sorted(path.name for path in project.iterdir())
    run(
        project,
        "verify",
        "model.py::Net",
        "--input",
        "2x2",
        "--device",
        "meta",
        "--no-cache",
        "--python",
        sys.executable,
    )
    assert sorted(path.name for path in project.iterdir()) == names
    assert (project / "model.py").read_text() == MODEL


BOUNDED = """\
import pathlib, resource, time
from torch import nn


class Bounded(nn.Module):
    def __init__(self):
        super().__init__()
        try:
            pathlib.Path(__file__).with_name("made.txt").write_text("")
        except OSError:
            print("not written")
        print("bounded" if resource.getrlimit(resource.RLIMIT_DATA)[0] > 0 else "without a bound of memory")
        time.sleep(60)

    def forward(self, x):
        return x
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the bound of memory is Linux's")
def test_verify_is_bounded(project: Path) -> None:
    (project / "model.py").write_text(BOUNDED)
    options = ("--input", "2x2", "--device", "meta", "--no-cache", "--timeout", "2", "--python", sys.executable)
    said = run(project, "verify", "model.py::Bounded", *options)
    told = said.stdout + said.stderr
    assert said.returncode == 2 and "still running after 2 s" in told and "not written" in told and "bounded\n" in told
    assert not (project / "made.txt").exists()
