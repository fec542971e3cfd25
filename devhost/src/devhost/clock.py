"""The one place where devhost learns what time it is, on a real or on a virtual clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_TIME = r"(?P<hours>0*(?:1?\d|2[0-3])):(?P<minutes>0*[1-5]?\d)"
_SECONDS = r"(?::(?P<seconds>0*[1-5]?\d(?:\.\d{1,7})?))?"
_TIMESPANS = (  # the first that fits is .NET's reading
    re.compile(r"(?P<days>\d+)"),
    re.compile(rf"(?:(?P<days>\d+)\.)?{_TIME}{_SECONDS}"),
    re.compile(rf"(?P<days>\d+):{_TIME}{_SECONDS}"),
)


class Clock(Protocol):
    """Tells the time everything in the host goes by."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        ...

    def seconds_until(self, deadline: datetime | None) -> float | None:
        """Return how long to wait in real time; None is until woken."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  the host's one reading of the machine's clock

    def seconds_until(self, deadline: datetime | None) -> float | None:
        """Return the seconds left until the deadline, never less than 0; None without one."""
        return None if deadline is None else max((deadline - self.now()).total_seconds(), 0.0)


class VirtualClock:
    """A clock that stands still until it is told to move; it never goes back."""

    def __init__(self, start: datetime = _EPOCH) -> None:
        self._now = start
        self._followers: list[Callable[[datetime], None]] = []

    def now(self) -> datetime:
        """Return the moment the clock stands at, aware, in UTC."""
        return self._now

    def seconds_until(self, deadline: datetime | None) -> float | None:
        """Return 0 for what is due and None else: this clock moves only when it is told to."""
        return 0.0 if deadline is not None and deadline <= self._now else None

    def move_to(self, moment: datetime) -> None:
        """Move forward to `moment`; an earlier moment changes nothing."""
        if moment > self._now:
            self._now = moment
            for follow in self._followers:
                follow(moment)

    def is_followed_by(self, follow: Callable[[datetime], None]) -> None:
        """Tell `follow` each new moment from now on: another clock that is to show the same."""
        self._followers.append(follow)


def timestamp(moment: datetime) -> str:
    """Write a moment as the extension does: seven decimals and `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def parse_timestamp(text: str) -> datetime:
    """Read a moment written by `timestamp`, by the SDK (`…ffffffZ`) or as plain ISO 8601."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def parse_timespan(text: str) -> timedelta:
    """Read a .NET time span: days, `[d.]hh:mm[:ss[.fffffff]]` or `d:hh:mm[:ss[.fffffff]]`.

    `24:00:00` is 24 days: no day has a 24th hour. A minus sign may come first.

    Raises:
        ValueError: it is no time span, or longer than a `timedelta` can be.
    """
    unsigned = text.strip().removeprefix("-")
    found = next((match for form in _TIMESPANS if (match := form.fullmatch(unsigned))), None)
    if found is None:
        raise ValueError(f"{text!r} is no time span such as 00:05:00")
    parts = {unit: float(number or 0) for unit, number in found.groupdict().items()}
    try:
        span = timedelta(**parts)
    except OverflowError as error:
        raise ValueError(f"{text!r} is too long a time span") from error
    return -span if text.strip().startswith("-") else span
