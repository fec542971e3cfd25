"""How recordings are compared: what counts for nothing, and that everything else counts."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from golden_recorder.canon import Canon
from golden_recorder.compact import UNSTABLE, compact
from golden_recorder.compare import Difference, differences
from golden_recorder.rows import Row, read_rows

_NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
_DETAILS = '{"$type":"System.Exception, System.Private.CoreLib","Message":"' + "m" * 300 + '"}'


def _differ(one: Any, other: Any) -> list[str]:
    found = differences(compact({"a/b": {"end": one}}), compact({"a/b": {"end": other}}))
    return [each.path for each in found]


def test_only_times_near_the_recording_are_taken_out() -> None:
    canon = Canon("http://127.0.0.1:1", "r1z", lambda: _NOW)
    soon = (_NOW + timedelta(days=3)).isoformat()

    assert canon("2026-01-01T12:00:01.5Z") == "<time yyyy-mm-ddThh:mm:ss.fZ>"
    assert canon(soon) == "<time+3d yyyy-mm-ddThh:mm:ss+00:00>"
    assert canon("2001-02-03T04:05:06Z") == "2001-02-03T04:05:06Z"
    assert canon("1/1/2026 12:00:00 PM +00:00") == "<time m/d/y h:m:s AM +00:00>"
    assert canon("datetime.datetime(2026, 1, 1, 12, 0)") == "<time datetime>"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("went on", "went off"),
        (1, True),
        (1, "<number 1.0>"),
        ([1, 2], [1, 2, 3]),
        ({"a": None}, {}),
        ("<time yyyy-mm-ddThh:mm:ssZ>", "<time+1h yyyy-mm-ddThh:mm:ssZ>"),
        (f"failed: A \n {_DETAILS}", f"failed: B \n {_DETAILS}"),
    ],
)
def test_everything_else_is_a_difference(one: Any, other: Any) -> None:
    assert _differ(one, other) == (["end/a"] if isinstance(one, dict) else ["end"])


def test_details_of_a_failure_count_for_nothing_also_in_a_text_that_is_cut() -> None:
    assert not _differ(f"failed: A \n {_DETAILS}", 'failed: A \n {"$type":"other"}')


def test_usual_times_are_left_out_of_both_hosts() -> None:
    events = [
        {"EventType": "TaskCompleted", "ScheduledTime": f"<time yyyy-mm-ddThh:mm:ss.f{zone}>"}
        for zone in ("Z", "+00:00")
    ]

    assert not _differ({"historyEvents": events[:1]}, {"historyEvents": events[1:]})


def test_events_that_ran_at_once_may_come_in_any_order() -> None:
    events = [{"EventType": "TaskCompleted", "Result": number} for number in (1, 2)]

    assert not _differ({"historyEvents": events}, {"historyEvents": events[::-1]})
    assert _differ({"historyEvents": events}, {"historyEvents": events[:1] * 2})


def test_what_a_recording_calls_unstable_is_left_out() -> None:
    expected = {"a/b": {"end": {"seen": [1, 2], "more": 1}, UNSTABLE: ["end/seen/0"]}}

    found = differences(expected, {"a/b": {"end": {"seen": [3, 4], "more": 2}}})

    assert [one.path for one in found] == ["end/more"]


def test_a_scenario_of_one_side_alone_is_a_difference() -> None:
    assert [one.scenario for one in differences({"a": {}}, {"b": {}})] == ["a", "b"]


def test_answers_of_different_codes_differ_in_one_place() -> None:
    answers = [{"status": code, "headers": {}, "body": {"n": code}} for code in (200, 404)]

    assert _differ(*answers) == ["end/(answer)"]


def test_an_end_that_never_came_differs_from_one_that_did() -> None:
    end = {"status": 200, "headers": {}, "body": {}, "seen": {"input": ["1"]}}

    assert _differ({"hung": True, "last status": end}, end) == ["end/(hangs)"]


def test_a_row_covers_its_scenarios_and_paths_and_tells_what_it_no_longer_needs(
    tmp_path: Path,
) -> None:
    (tmp_path / "rows.md").write_text(
        "| row | scenarios | paths | class | why |\n|---|---|---|---|---|\n"
        "| ids | `start/id_*` `start/blank` | `end/*` `list` | refused | they cannot be found |\n"
    )
    (row,) = read_rows(tmp_path / "rows.md")
    found = [Difference("start/id_at", "end/body/output", 1, 2)]

    assert row == Row(
        "ids", ("start/id_*", "start/blank"), ("end/*", "list"), "refused", "they cannot be found"
    )
    assert row.covers(found[0])
    assert not row.covers(Difference("start/id_at", "http/status", 1, 2))
    assert row.unused(found, ["start/id_at"]) == ["list"]
    assert row.unused(found, ["start/id_at", "start/blank"]) == ["start/blank"]
    assert row.unused([], ["flow/all"]) == []
