"""`python -m golden_recorder`: plays scenarios on a host and prints how it differs.

On devhost's own engine nothing is written: it shows what a change of the engine does to a scenario.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from golden_recorder.compact import compact, read
from golden_recorder.compare import differences
from golden_recorder.host import RECORDINGS, SETTINGS, hosted
from golden_recorder.playing import play, scenarios_of
from golden_recorder.scenario import Scenario


def main(arguments: Sequence[str] | None = None) -> int:
    """Play both recordings' scenarios, or some; return 1 when something differs."""
    parser = argparse.ArgumentParser(prog="golden_recorder", description=__doc__)
    parser.add_argument("--only", action="append", help="a name, its beginning or a pattern")
    parser.add_argument("--workers", type=int, default=16, help="scenarios played at once")
    parser.add_argument("--patience", type=float, default=1.0, help="factor on every limit")
    asked = parser.parse_args(arguments)
    number = 0
    for name in SETTINGS:
        number += _played(name, asked)
    return 1 if number else 0


def _played(name: str, asked: argparse.Namespace) -> int:
    """Play the scenarios of one recording; print and count those that differ."""
    expected = read(RECORDINGS / f"{name}.json")
    wanted = [one for one in expected if _is_wanted(one, asked.only)]
    if not wanted:
        return 0
    with tempfile.TemporaryDirectory() as folder, hosted(name, Path(folder)) as url:
        scenarios: list[Scenario] = [one for one in scenarios_of(url) if one.name in wanted]
        played = play(url, scenarios, workers=asked.workers, patience=asked.patience)
    found = differences({one: expected[one] for one in wanted}, compact(played.recording))
    for one in found:
        print(one)
    differing = {one.scenario for one in found}
    print(f"{name}: {len(wanted) - len(differing)} equal, {len(differing)} differ")
    return len(differing)


def _is_wanted(name: str, patterns: Sequence[str] | None) -> bool:
    return not patterns or any(fnmatchcase(name, one) or name.startswith(one) for one in patterns)


if __name__ == "__main__":
    sys.exit(main())
