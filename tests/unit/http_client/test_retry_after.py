"""Both forms of Retry-After."""

from datetime import UTC, datetime, timedelta

import pytest

from gather_once.http_client.statuses import LONGEST, retry_after

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "after"),
    [
        ("0", timedelta(0)),
        (" 120 ", timedelta(minutes=2)),
        ("Tue, 01 Jan 2030 00:02:00 GMT", timedelta(minutes=2)),
        ("Tuesday, 01-Jan-30 00:02:00 GMT", timedelta(minutes=2)),
        ("Tue Jan  1 00:02:00 2030", timedelta(minutes=2)),
        ("Tue, 01 Jan 2030 02:02:00 +0200", timedelta(minutes=2)),
        ("Mon, 31 Dec 2029 00:00:00 GMT", timedelta(0)),
        ("9" * 5_000, LONGEST),
        ("31622401", LONGEST),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST),
    ],
)
def test_the_moment_is_now_or_later_and_a_year_ahead_at_most(header: str, after: timedelta) -> None:
    assert retry_after(header, NOW) == NOW + after


@pytest.mark.parametrize(
    "header", [None, "", "soon", "-1", "1.5", "٣", "1e3", "Tue, 99 Jan", "P1D"]
)
def test_what_is_neither_form_names_no_moment(header: str | None) -> None:
    assert retry_after(header, NOW) is None
