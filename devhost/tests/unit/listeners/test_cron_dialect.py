"""Schedules are read in the host's dialect of cron, and refused where the host refuses them."""

from datetime import datetime

import pytest

from devhost.listeners.cron import BadExpression, Cron

START = datetime.fromisoformat("2026-01-01T00:00:00")  # a Thursday


def following(expression: str, count: int = 3, start: datetime = START) -> list[str]:
    cron, found = Cron(expression), []
    for _ in range(count):
        start = cron.after(start)
        found.append(f"{start:%m-%d %H:%M:%S}")
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 */5 * * * *", ["01-01 00:05:00", "01-01 00:10:00", "01-01 00:15:00"]),
        ("*/5 * * * *", ["01-01 00:05:00", "01-01 00:10:00", "01-01 00:15:00"]),
        ("30 0 9 * * *", ["01-01 09:00:30", "01-02 09:00:30", "01-03 09:00:30"]),
        ("0 40/10 * * * *", ["01-01 00:40:00", "01-01 00:50:00", "01-01 01:40:00"]),
        ("0 0 9-7 * * *", ["01-01 07:00:00", "01-01 08:00:00", "01-01 09:00:00"]),
        ("0 0 0 1 J-mar *", ["02-01 00:00:00", "03-01 00:00:00", "01-01 00:00:00"]),
        ("0 0 9 * * Mo-FRIday", ["01-01 09:00:00", "01-02 09:00:00", "01-05 09:00:00"]),
        ("0 0 0 * * 0,6", ["01-03 00:00:00", "01-04 00:00:00", "01-10 00:00:00"]),
        ("0 0 0 13 * Fri", ["02-13 00:00:00", "03-13 00:00:00", "11-13 00:00:00"]),
        ("0 0 0 29 2 *", ["02-29 00:00:00", "02-29 00:00:00", "02-29 00:00:00"]),
    ],
)
def test_an_expression_means_these_times(expression: str, expected: list[str]) -> None:
    assert following(expression) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "0 0 0 L * *",
        "0 0 0 15W * *",
        "0 0 0 * * 1#2",
        "0 0 0 ? * *",
        "0 0 0 * * 7",
        "60 * * * * *",
        "0 0 24 * * *",
        "0 0 0 0 * *",
        "0 0 0 1 13 *",
        "*/0 * * * * *",
        "*-3 * * * * *",
        "0 0 x * * *",
        "0 0 0 * Monday *",
        "* * * *",
        "0 0 0 * * * 2026",
    ],
)
def test_what_the_host_does_not_take_is_refused(expression: str) -> None:
    with pytest.raises(BadExpression):
        Cron(expression)


def test_the_next_time_is_strictly_later_and_ignores_fractions_of_a_second() -> None:
    assert following("0 * * * * *", 1, datetime.fromisoformat("2026-01-01T00:01:00")) == [
        "01-01 00:02:00"
    ]
    assert following("1 * * * * *", 1, datetime.fromisoformat("2026-01-01T00:00:00.999")) == [
        "01-01 00:00:01"
    ]


def test_an_impossible_date_never_comes() -> None:
    assert Cron("0 0 0 31 2 *").after(START).year == 9999


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("*/30 * * * * *", True),
        ("* * * * * *", True),
        ("0,30 * * * * *", True),
        ("0 * * * * *", False),
        ("*/30 5 * * * *", False),
    ],
)
def test_an_expression_may_hit_more_than_once_a_minute(expression: str, *, expected: bool) -> None:
    assert Cron(expression).is_within_a_minute is expected
