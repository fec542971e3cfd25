"""Cron expressions in the host's dialect."""

from datetime import UTC, datetime

import pytest

from gather_once.schedules.cron import check_cron, moments_between, next_moments

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 0 6 * * *", ["01-01 06:00", "01-02 06:00"]),
        ("0 */20 * * * *", ["01-01 00:20", "01-01 00:40"]),
        ("0 0 6 13 * 5", ["02-13 06:00", "03-13 06:00"]),
        ("0 30 8 * * 1-5", ["01-01 08:30", "01-02 08:30"]),
    ],
)
def test_the_next_moments(cron: str, expected: list[str]) -> None:
    found = [f"{moment:%m-%d %H:%M}" for moment in next_moments(check_cron(cron), NEW_YEAR, 2)]
    assert found == expected


def test_day_and_weekday_must_both_match() -> None:
    [first] = next_moments("0 0 0 1 * 1", NEW_YEAR, 1)
    assert (first.day, first.weekday()) == (1, 0)


def test_moments_between_leave_out_the_first_and_take_the_last() -> None:
    found = list(moments_between("0 0 * * * *", NEW_YEAR, NEW_YEAR.replace(hour=2)))
    assert [moment.hour for moment in found] == [1, 2]


@pytest.mark.parametrize(
    ("cron", "why"),
    [
        ("* * * * *", "six fields"),
        ("30 0 6 * * *", "seconds, must be 0"),
        ("0 0 6 * * 7", "Sunday is 0"),
        ("0 0 6 L * *", "none of L W # ?"),
        ("0 0 6 ? * *", "none of L W # ?"),
        ("0 0 6 * * 1#2", "none of L W # ?"),
        ("0 0 6 31 2 *", "never occurs"),
        ("0 0 25 * * *", "never occurs"),
        ("0 0 x * * *", "never occurs"),
    ],
)
def test_what_the_host_would_not_follow_is_refused(cron: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        check_cron(cron)
