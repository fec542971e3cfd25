"""A checkout's files are those that git knows."""

import subprocess
from pathlib import Path, PurePosixPath

import pytest

from tools.checkout import tracked_files


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("b.py", "a.txt", "in/ü b.py", "in/c.py", "in/stray.py", "gone.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    for command in (["init", "-q"], ["add", "."], ["rm", "-q", "--cached", "in/stray.py"]):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)  # noqa: S607  git, on PATH
    (tmp_path / "gone.py").unlink()
    return tmp_path


def test_what_git_does_not_know_and_what_is_gone_are_left_out(root: Path) -> None:
    assert [str(path) for path in tracked_files(root)] == ["a.txt", "b.py", "in/c.py", "in/ü b.py"]


def test_a_pattern_fits_names_at_any_depth(root: Path) -> None:
    assert PurePosixPath("in/c.py") in tracked_files(root, "*.py")
    assert PurePosixPath("a.txt") not in tracked_files(root, "*.py")
