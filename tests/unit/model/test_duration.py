from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather_once.model.durations import InvalidDuration, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT0S", timedelta(0)),
        ("P1DT2H", timedelta(days=1, hours=2)),
        ("P2W", timedelta(weeks=2)),
        ("P1W2DT3H4M5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5)),
        ("PT90M", timedelta(minutes=90)),
        ("PT0.5S", timedelta(milliseconds=500)),
    ],
)
def test_durations_are_read(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "P", "PT", "P1DT", "1D", "P1H", "PT1D", "-P1D", "P-1D", "+P1D", "P1M", "P1Y", "p1d"),
        *(
            "P1D ",
            " P1D",
            "P1D\n",
            "PT1.5H",
            "PT,5S",
            "PT1,5S",
            "PT1.S",
            "P1D2W",
            "P\u0661D",
            "PT1S1M",
        ),
        *("P" + "9" * 5000 + "D", "P999999999W", "P1DT"),
    ],
)
def test_what_is_not_a_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidDuration, match=r"PT30S|too long"):
        parse_duration(text)


def test_a_year_has_365_days_where_years_are_allowed() -> None:
    assert parse_duration("P1Y", with_years=True) == timedelta(days=365)


def test_months_are_refused_even_where_years_are_allowed() -> None:
    with pytest.raises(InvalidDuration, match="no months"):
        parse_duration("P1M", with_years=True)


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=9999)))
def test_what_is_written_is_read_as_the_same(duration: timedelta) -> None:
    assert parse_duration(format_duration(duration)) == duration


def test_durations_are_written_in_days_and_clock_time() -> None:
    assert format_duration(timedelta(0)) == "PT0S"
    assert format_duration(timedelta(days=9)) == "P9D"
    assert format_duration(timedelta(hours=25, seconds=1.5)) == "P1DT1H1.5S"


def test_a_negative_duration_cannot_be_written() -> None:
    with pytest.raises(InvalidDuration, match="negative"):
        format_duration(timedelta(seconds=-1))
