"""A file lock is held by one, and ends with its process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from devhost.filelock import FileLock

_HOLDER = """
import os, sys, time
from pathlib import Path
from devhost.filelock import FileLock
assert FileLock(Path(sys.argv[1])).take()
worker = os.fork() if sys.argv[2] == "with-a-worker" else None
if worker != 0:
    print(worker or 0, flush=True)
time.sleep(600)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lock"


def test_a_lock_is_taken_once(path: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    assert first.take()

    assert not second.take()
    assert second.holder == str(os.getpid())


def test_a_released_lock_is_taken_by_the_next(path: Path) -> None:
    first, second = FileLock(path), FileLock(path)
    first.take()

    first.release()
    first.release()

    assert second.take()


@pytest.mark.parametrize("company", ["alone", "with-a-worker"])
def test_a_lock_ends_with_a_killed_process_even_where_its_fork_lives_on(
    path: Path, company: str
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(path), company], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        worker = int(holder.stdout.readline())
        assert FileLock(path).holder == str(holder.pid)
        assert not FileLock(path).take()
        holder.kill()
    try:
        assert FileLock(path).take(within=5)
    finally:
        if worker:
            os.kill(worker, signal.SIGKILL)


def test_the_holder_of_a_lock_never_taken_is_unknown(path: Path) -> None:
    assert FileLock(path).holder == "unknown"


def test_a_lock_that_is_not_taken_has_nothing_to_hand_over(path: Path) -> None:
    with pytest.raises(RuntimeError, match="is not taken"):
        _ = FileLock(path).descriptor


def test_another_pid_can_be_named_as_the_holder(path: Path) -> None:
    lock = FileLock(path)
    lock.take()

    lock.name_holder(7)

    assert lock.holder == "7"
