"""Reads the Retry-After header, in both of its forms (RFC 9110, section 10.2.3)."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = timedelta(days=366)
"""No gather lives longer, so a later moment means the same; it also keeps sums in range."""


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Return the moment that the header names, aware and not before `now`.

    None when there is no header, or when it is neither whole seconds nor a date.
    """
    if value is None:
        return None
    text = value.strip()
    moment = _after_seconds(text, now) if re.fullmatch("[0-9]+", text) else _at_date(text)
    return moment and min(max(moment, now), now + LONGEST)


def _after_seconds(digits: str, now: datetime) -> datetime:
    longest = str(int(LONGEST.total_seconds()))
    return now + timedelta(seconds=int(digits if len(digits) <= len(longest) else longest))


def _at_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    # RFC 9110 dates are GMT; one that does not say so is read the same way.
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
