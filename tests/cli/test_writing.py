"""A file's new bytes arrive whole or not at all."""

from __future__ import annotations

import os
import resource
import signal
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bufferlint.project_files.atomic_write import write
from bufferlint.project_files.signals import uninterrupted

OLD, NEW = b"old\r\n", b"new\n" * 1000


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.py"
    path.write_bytes(OLD)
    return path


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process may grow past 100 bytes, as on a disk with no space left: the file that pytest's own
    output goes to neither, so that this ends before a test does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _write(path: Path, expected: bytes = OLD) -> str | None:
    problem = write(str(path), NEW, expected)
    return problem.cause if problem else None


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_new_bytes_replace_the_old_and_nothing_else_appears(file: Path) -> None:
    assert _write(file) is None
    assert file.read_bytes() == NEW
    assert _names(file.parent) == ["a.py"]


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o664, 0o755])
def test_mode_bits_stay(file: Path, mode: int) -> None:
    file.chmod(mode)
    assert _write(file) is None
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_hard_links_stay(file: Path, tmp_path: Path) -> None:
    (tmp_path / "twin.py").hardlink_to(file)
    assert _write(file) is None
    assert file.stat().st_nlink == 2 and (tmp_path / "twin.py").read_bytes() == NEW
    assert write(str(file), b"short", NEW) is None
    assert (tmp_path / "twin.py").read_bytes() == b"short"
    assert _names(tmp_path) == ["a.py", "twin.py"]


def test_a_failing_write_leaves_the_other_names_whole(file: Path, tmp_path: Path) -> None:
    (tmp_path / "twin.py").hardlink_to(file)
    with full_disk():
        assert _write(file) is not None
    assert (tmp_path / "twin.py").read_bytes() == OLD
    assert _names(tmp_path) == ["a.py", "twin.py"]


def test_extended_attributes_stay(file: Path) -> None:
    try:
        os.setxattr(file, "user.origin", b"a notebook")
    except OSError as error:
        pytest.skip(f"this file system has none: {error.strerror}")
    file.chmod(0o640)
    assert _write(file) is None
    assert os.getxattr(file, "user.origin") == b"a notebook"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_an_access_control_list_stays(file: Path) -> None:
    """Mode 0640 with one more user who may read and write: the group's bits are the list's mask."""
    entries = [
        (0x01, 6, 0xFFFFFFFF),
        (0x02, 6, 12345),
        (0x04, 4, 0xFFFFFFFF),
        (0x10, 6, 0xFFFFFFFF),
        (0x20, 0, 0xFFFFFFFF),
    ]
    acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
    try:
        os.setxattr(file, "system.posix_acl_access", acl)
    except OSError as error:
        pytest.skip(f"this file system has none: {error.strerror}")
    assert _write(file) is None
    assert os.getxattr(file, "system.posix_acl_access") == acl


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, 12345, 12346)
    assert _write(file) is None
    assert (file.stat().st_uid, file.stat().st_gid) == (12345, 12346)


def test_signals_wait_until_the_file_is_written(file: Path) -> None:
    """A handler that runs while signals wait is told of them afterwards, once."""
    heard: list[int] = []
    before = signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        with uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            assert heard == []
        assert heard == [signal.SIGTERM]
        with pytest.raises(OSError), uninterrupted():
            signal.raise_signal(signal.SIGTERM)
            raise OSError
        assert heard == [signal.SIGTERM] * 2
    finally:
        signal.signal(signal.SIGTERM, before)
    assert _write(file) is None


def test_a_second_signal_ends_what_has_patience_for_one() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), uninterrupted(patience=1) as waiting:
            signal.raise_signal(signal.SIGINT)
            assert waiting == [signal.SIGINT]
            signal.raise_signal(signal.SIGINT)
            pytest.fail("the block went on")
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_symlink_stays_one_and_its_target_is_written(file: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.py"
    link.symlink_to("../a.py")
    assert _write(link) is None
    assert link.is_symlink() and link.readlink() == Path("../a.py")
    assert file.read_bytes() == NEW
    assert _names(link.parent) == ["link.py"]


def test_a_file_that_changed_meanwhile_is_left_alone(file: Path) -> None:
    file.write_bytes(b"edited by someone else\n")
    assert _write(file) == "it changed on disk since it was read, so it was left alone"
    assert file.read_bytes() == b"edited by someone else\n"
    assert _names(file.parent) == ["a.py"]


def test_a_failing_write_leaves_the_old_file_whole(file: Path) -> None:
    with full_disk():
        cause = _write(file)
    assert cause is not None and cause.startswith("it could not be written: ")
    assert file.read_bytes() == OLD
    assert _names(file.parent) == ["a.py"]


def test_a_file_that_is_gone_is_not_made_anew(file: Path) -> None:
    file.unlink()
    assert _write(file) == "it could not be written: No such file or directory"
    assert _names(file.parent) == []


def test_what_is_no_regular_file_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.py"
    os.mkfifo(pipe)
    assert _write(pipe) == "it is not a regular file, so it was not written"
    assert stat.S_ISFIFO(pipe.stat().st_mode)
