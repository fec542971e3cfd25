"""What an HTTP status means for the next attempt."""

from datetime import datetime
from typing import Final

from gather_once.model.fault import Fault, FaultKind

REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
"""The statuses that lead to another address (RFC 9110, section 15.4)."""

NO_CONTENT: Final = frozenset({204, 205})

_TIME_OUT, _TOO_EARLY, _TOO_MANY, _SERVER_ERROR, _UNAVAILABLE = 408, 425, 429, 500, 503
_WORTH_ANOTHER_TRY: Final = frozenset({_TIME_OUT, _TOO_EARLY, _TOO_MANY})


def is_success(status: int) -> bool:
    """Tell whether the source did what was asked."""
    return 200 <= status < 300  # noqa: PLR2004  # the class of success


def fault_of(status: int, subject: str, *, until: datetime | None = None) -> Fault:
    """Return what is wrong with an answer of this status, which is no success.

    `until` is what its Retry-After says. `subject` begins the message.
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
