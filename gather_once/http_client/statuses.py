"""Maps an HTTP status and its Retry-After header (RFC 9110, 10.2.3) to a fault."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from gather_once.model.fault import Fault, FaultKind

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""The statuses of redirects (RFC 9110, section 15.4)."""

NO_CONTENT: Final = frozenset({204, 205})

_TIME_OUT, _TOO_EARLY, _TOO_MANY, _SERVER_ERROR, _UNAVAILABLE = 408, 425, 429, 500, 503
_WORTH_ANOTHER_TRY: Final = frozenset({_TIME_OUT, _TOO_EARLY, _TOO_MANY})


def is_success(status: int) -> bool:
    """Return whether the status is a success."""
    return 200 <= status < 300  # noqa: PLR2004  # the class of success


def fault_of(status: int, subject: str, *, until: datetime | None = None) -> Fault:
    """Return the fault for a response with this status, which is not a success.

    `until` is the moment of its Retry-After. `subject` begins the message.
    """
    message = f"{subject}: answered {status}"
    if until and status in {_TOO_MANY, _UNAVAILABLE}:
        wait = f"{message}, not before {until:%Y-%m-%dT%H:%M:%SZ}"
        return Fault(FaultKind.THROTTLED, wait, until=until)
    if status in _WORTH_ANOTHER_TRY or status == _UNAVAILABLE:
        return Fault(FaultKind.PASSING, message)
    if status >= _SERVER_ERROR:
        return Fault(FaultKind.PASSING, message, may_have_acted=True)
    return Fault(FaultKind.REFUSED, message)


LONGEST: Final = timedelta(days=366)
"""No gather runs longer, so later moments are cut to this; it also prevents an overflow."""


def retry_after(value: str | None, now: datetime) -> datetime | None:
    """Return the moment of the header, aware and not before `now`.

    None without a header, and for a value that is neither whole seconds nor a date.
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
