"""The files of a checkout that git knows; what else lies in it is no part of the repository."""

import subprocess
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).parents[1]


def tracked_files(root: Path = ROOT, pattern: str = "*") -> tuple[PurePosixPath, ...]:
    """Return, relative to the root and in order, those whose path or name fits and that exist."""
    answer = subprocess.run(  # noqa: S603  git with patterns of our own
        ["git", "ls-files", "-z", "--", pattern],  # noqa: S607  git, on PATH
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (PurePosixPath(path) for path in answer.stdout.split("\0") if path)
    return tuple(sorted(path for path in paths if (root / path).is_file()))
