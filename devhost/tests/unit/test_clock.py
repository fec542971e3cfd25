from datetime import timedelta

import pytest

from devhost.clock import parse_timespan


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("00:05:00", timedelta(minutes=5)),
        ("5:0", timedelta(hours=5)),
        ("1.02:03:04.5000000", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("1:02:03:04", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("24:00:00", timedelta(days=24)),
        ("30", timedelta(days=30)),
        (" -00:00:01 ", timedelta(seconds=-1)),
    ],
)
def test_a_time_span_is_read_as_dotnet_reads_it(text: str, expected: timedelta) -> None:
    assert parse_timespan(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "soon",
        "00:60:00",
        "00:00:60",
        "24:00",
        "1.24:00:00",
        "1.5",
        "00:00:01.12345678",
        "10675200000.00:00:00",
    ],
)
def test_what_dotnet_refuses_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time span"):
        parse_timespan(text)
