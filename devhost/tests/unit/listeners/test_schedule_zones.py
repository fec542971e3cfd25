"""Timers go by a wall clock, also on the days when it is changed, or by elapsed time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from devhost.listeners.cron import BadExpression
from devhost.listeners.schedule import schedule_of

BERLIN = ZoneInfo("Europe/Berlin")
BEFORE_SPRING = datetime(2026, 3, 29, 0, 20, tzinfo=UTC)  # 01:20; 02:00 becomes 03:00
BEFORE_AUTUMN = datetime(2026, 10, 24, 23, 50, tzinfo=UTC)  # 01:50; 03:00 becomes 02:00 again
A_DAY = timedelta(days=1)


def following(text: str, start: datetime, count: int) -> list[str]:
    schedule, found = schedule_of(text, BERLIN), []
    for _ in range(count):
        start = schedule.after(start)
        found.append(f"{start.astimezone(BERLIN):%d %H:%M%z}")
    return found


def test_an_interval_runs_in_both_passes_of_the_repeated_hour() -> None:
    assert following("0 */30 * * * *", BEFORE_AUTUMN, 5) == [
        *("25 02:00+0200", "25 02:30+0200", "25 02:00+0100", "25 02:30+0100", "25 03:00+0100"),
    ]


def test_an_interval_longer_than_the_hour_runs_twice_in_it_too() -> None:
    assert following("0 10 */2 * * *", BEFORE_AUTUMN, 3) == [
        *("25 02:10+0200", "25 02:10+0100", "25 04:10+0100"),
    ]


def test_a_fixed_time_in_the_repeated_hour_runs_once() -> None:
    assert following("0 30 2 * * *", BEFORE_AUTUMN, 2) == ["25 02:30+0200", "26 02:30+0100"]


def test_a_fixed_time_seen_from_the_second_pass_is_tomorrows() -> None:
    second_pass = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert following("0 30 2 * * *", second_pass, 1) == ["26 02:30+0100"]


def test_a_time_that_spring_leaves_out_runs_an_hour_later() -> None:
    assert following("0 30 2 * * *", BEFORE_SPRING, 2) == ["29 03:30+0200", "30 02:30+0200"]


def test_an_interval_goes_on_after_the_hour_that_is_left_out() -> None:
    assert following("0 */30 * * * *", BEFORE_SPRING, 3) == [
        *("29 01:30+0100", "29 03:00+0200", "29 03:30+0200"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:05:00", timedelta(minutes=5)),
        ("00:00:30", timedelta(seconds=30)),
        ("1.02:00:00", timedelta(days=1, hours=2)),
        ("23:59", timedelta(hours=23, minutes=59)),
        ("24:00:00", timedelta(days=24)),
        ("5", timedelta(days=5)),
        ("00:00:00:05", timedelta(seconds=5)),
    ],
)
def test_a_time_span_is_elapsed_time(text: str, expected: timedelta) -> None:
    schedule = schedule_of(text, BERLIN)

    assert schedule.after(BEFORE_AUTUMN) - BEFORE_AUTUMN == expected
    assert not schedule.adjusts_for_dst


@pytest.mark.parametrize(
    "text", ["", "soon", "00:00:00", "00:60:00", "-00:05:00", "1:2:3:4:5", "* *"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadExpression):
        schedule_of(text, BERLIN)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("00:00:59", True), ("00:01:00", False), ("*/20 * * * * *", True), ("0 * * * * *", False)],
)
def test_what_runs_more_than_once_a_minute_has_no_status(text: str, *, expected: bool) -> None:
    assert schedule_of(text, BERLIN).is_too_dense_to_monitor is expected


def test_without_a_zone_it_is_the_machines_wall_clock() -> None:
    noon = schedule_of("0 0 12 * * *", None).after(BEFORE_SPRING)

    assert noon.astimezone().hour == 12
    assert noon - BEFORE_SPRING <= A_DAY + timedelta(hours=1)
