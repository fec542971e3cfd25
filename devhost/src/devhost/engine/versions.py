"""Which instances this app may run, by the version they were started with.

The extension's rules: an instance without a version is older than any; versions of two to four
numbers compare as numbers (`1.10` is newer than `1.9`), all others as text without case, so `9` is
newer than `10`.
"""

from dataclasses import dataclass
from typing import Literal

Match = Literal["None", "Strict", "CurrentOrOlder"]
OnMismatch = Literal["Reject", "Fail"]


@dataclass(frozen=True)
class Versioning:
    """`defaultVersion`, `versionMatchStrategy` and `versionFailureStrategy` of host.json."""

    default: str | None = None
    match: Match = "CurrentOrOlder"
    on_mismatch: OnMismatch = "Reject"

    def accepts(self, version: str | None) -> bool:
        """Say whether an instance of this version may run here."""
        match self.match:
            case "None":
                return True
            case "Strict":
                return version == self.default
            case "CurrentOrOlder":
                return not _is_newer(version or "", self.default or "")


def _is_newer(version: str, current: str) -> bool:
    if not version.strip() or not current.strip():
        return bool(version.strip()) and not current.strip()
    ours, theirs = _numbers(current), _numbers(version)
    if ours is not None and theirs is not None:
        return theirs > ours
    return version.upper() > current.upper()


def _numbers(version: str) -> tuple[int, ...] | None:
    """Read a version of two to four numbers; a number that is not there is less than zero."""
    parts = version.split(".")
    if not 2 <= len(parts) <= 4 or not all(part.isdecimal() for part in parts):  # noqa: PLR2004  System.Version
        return None
    return (*map(int, parts), *[-1] * (4 - len(parts)))
