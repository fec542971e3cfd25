"""devhost beside the real extension: every recorded scenario, played on devhost's own engine.

The scenarios are played on the real clock: the extension's recordings hold what happened within
seconds of it. What differs is a row of docs/differences.md, or an error.
"""

from pathlib import Path

import pytest

from golden_recorder.compact import compact, read
from golden_recorder.compare import differences
from golden_recorder.host import RECORDINGS, hosted
from golden_recorder.playing import play, scenarios_of
from golden_recorder.rows import read_rows

ROWS = read_rows(Path(__file__).parents[2] / "docs" / "differences.md")
_WORKERS = 16


@pytest.mark.parametrize("name", ["extension", "versions"])
def test_every_difference_from_the_extension_is_mended_or_has_a_row(
    name: str, tmp_path: Path
) -> None:
    with hosted(name, tmp_path) as url:
        played = play(url, scenarios_of(url), workers=_WORKERS)
    found = differences(read(RECORDINGS / f"{name}.json"), compact(played.recording))

    without = [str(one) for one in found if not any(row.covers(one) for row in ROWS)]
    idle = [f"{row.id}: {one}" for row in ROWS for one in row.unused(found, played.recording)]

    assert not without, "\n".join(["differences without a row:", *without])
    assert not idle, "\n".join(["rows, or patterns of them, that differ no longer:", *idle])


def test_every_row_is_about_recorded_scenarios_and_gives_a_reason() -> None:
    recorded = {one for path in RECORDINGS.glob("*.json") for one in read(path)}

    assert ROWS
    assert not [row.id for row in ROWS if not row.is_about(recorded) or not row.reason]
    assert len({row.id for row in ROWS}) == len(ROWS)
