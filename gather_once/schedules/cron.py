"""Cron expressions of six fields, in the dialect of the Functions host's timers, in UTC.

The dialect has neither `7` for Sunday nor `L`, `W`, `#` and `?`, and both day and weekday must
match. Seconds come first.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice, takewhile
from typing import Final

_FIELDS: Final = 6
_WEEKDAYS: Final = 5
_FOREIGN: Final = re.compile(r"[LW#?]", re.IGNORECASE)
_NAMES: Final = re.compile(r"[A-Za-z]{3}")


def check_cron(text: str) -> str:
    """Return the expression if it is valid and has at most one occurrence a minute.

    Raises ValueError with a sentence that says what is wrong.
    """
    fields = text.split()
    if len(fields) != _FIELDS:
        raise ValueError("write six fields, seconds first, such as 0 0 6 * * 1-5")
    if fields[0] not in {"0", "00"}:
        raise ValueError("the first field, the seconds, must be 0")
    if _FOREIGN.search(_NAMES.sub("", text)) or "7" in fields[_WEEKDAYS]:
        raise ValueError("none of L W # ? can be used, and Sunday is 0; write lists and ranges")
    try:
        next(_moments(text, datetime(2026, 1, 1, tzinfo=UTC)))
    except (ValueError, KeyError, StopIteration) as error:
        raise ValueError(f"{text!r} is not a valid cron expression, or never occurs") from error
    return text


def moments_between(cron: str, after: datetime, until: datetime) -> Iterator[datetime]:
    """Return the moments of a checked expression after one moment and up to another."""
    return takewhile(lambda moment: moment <= until, _moments(cron, after))


def next_moments(cron: str, after: datetime, count: int) -> list[datetime]:
    """Return the next moments of a checked expression."""
    return list(islice(_moments(cron, after), count))


def _moments(cron: str, after: datetime) -> Iterator[datetime]:
    from croniter import croniter  # noqa: PLC0415  only who has schedules should wait for it

    start = after.astimezone(UTC).replace(microsecond=0)
    moments = croniter(cron, start, ret_type=datetime, day_or=False, second_at_beginning=True)
    while True:
        yield moments.get_next()  # type: ignore[no-untyped-call]  # untyped library
