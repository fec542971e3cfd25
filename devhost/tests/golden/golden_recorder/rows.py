"""The rows of devhost's docs/differences.md: which differences stand, where, and why."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from golden_recorder.compare import Difference

_COLUMNS = 5
_QUOTED = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Row:
    """One row: the scenarios and the paths it stands for, as patterns, its class and its reason."""

    id: str
    scenarios: tuple[str, ...]
    paths: tuple[str, ...]
    kind: str
    reason: str

    def covers(self, difference: Difference) -> bool:
        """Say whether a difference is one of this row's."""
        return self._names(difference.scenario) and _any(self.paths, difference.path)

    def is_about(self, scenarios: Iterable[str]) -> bool:
        """Say whether it stands for one of these scenarios at least."""
        return any(self._names(one) for one in scenarios)

    def unused(self, found: Sequence[Difference], played: Iterable[str]) -> list[str]:
        """Return the patterns, of those about what was played, that no difference needs."""
        covered = [one for one in found if self.covers(one)]
        names = [one for one in self.scenarios if any(fnmatchcase(p, one) for p in played)]
        idle = [one for one in names if not any(fnmatchcase(d.scenario, one) for d in covered)]
        if names and not idle:
            idle = [one for one in self.paths if not any(fnmatchcase(d.path, one) for d in covered)]
        return idle

    def _names(self, scenario: str) -> bool:
        return _any(self.scenarios, scenario)


def read_rows(path: Path) -> list[Row]:
    """Read every table row of five cells whose second and third hold patterns in backticks."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        cells = [one.strip() for one in line.strip().strip("|").split(" | ")]
        if line.startswith("| ") and len(cells) == _COLUMNS and _QUOTED.search(cells[1]):
            scenarios, paths = (tuple(_QUOTED.findall(one)) for one in cells[1:3])
            rows.append(Row(cells[0], scenarios, paths, cells[3], cells[4]))
    return rows


def _any(patterns: Iterable[str], text: str) -> bool:
    return any(fnmatchcase(text, one) for one in patterns)
