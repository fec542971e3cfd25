"""What `.funcignore` leaves of the checkout: the files that Azure gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

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
    return tuple(sorted(_left(root, PurePosixPath(), patterns)))


def _left(
    root: Path, folder: PurePosixPath, patterns: tuple[Pattern, ...]
) -> Iterator[PurePosixPath]:
    for entry in (root / folder).iterdir():
        path = folder / entry.name
        if any(pattern.matches(path, is_folder=entry.is_dir()) for pattern in patterns):
            continue
        if entry.is_dir():
            yield from _left(root, path, patterns)
        else:
            yield path
