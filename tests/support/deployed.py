"""What `.funcignore` leaves of the checkout: the files that Azure gets."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from tools.checkout import tracked_files

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Pattern:
    """One line of an ignore file, of the part of .gitignore's language that is used here.

    Comments, names (at any depth), names with `*` and `?`, a leading or inner `/` (from the root)
    and a final `/` (folders only). Not `!`, `**` and `[...]`, which are refused.
    """

    text: str

    def __post_init__(self) -> None:
        if self.text.startswith("!") or "**" in self.text or "[" in self.text:
            raise ValueError(f"{self.text!r}: teach tests/support/deployed.py to read this first")

    def matches(self, path: PurePosixPath, *, is_folder: bool) -> bool:
        """Tell whether this line alone ignores the path, which is relative to the root."""
        pattern = self.text.rstrip("/")
        if self.text.endswith("/") and not is_folder:
            return False
        if "/" not in pattern:
            return fnmatchcase(path.name, pattern)
        parts = pattern.lstrip("/").split("/")
        return len(parts) == len(path.parts) and all(map(fnmatchcase, path.parts, parts))


def read_patterns(text: str) -> tuple[Pattern, ...]:
    """Read an ignore file's text."""
    lines = (line.strip() for line in text.splitlines())
    return tuple(Pattern(line) for line in lines if line and not line.startswith("#"))


def deployed_files(root: Path = ROOT) -> tuple[PurePosixPath, ...]:
    """List what is left of the folder, relative to it, in order."""
    patterns = read_patterns((root / ".funcignore").read_text())
    return tuple(path for path in tracked_files(root) if not _is_ignored(path, patterns))


def _is_ignored(path: PurePosixPath, patterns: tuple[Pattern, ...]) -> bool:
    """Tell whether a line ignores the file or a folder above it."""
    folders = path.parents[:-1]  # the last one is the root
    return any(
        pattern.matches(path, is_folder=False)
        or any(pattern.matches(folder, is_folder=True) for folder in folders)
        for pattern in patterns
    )
