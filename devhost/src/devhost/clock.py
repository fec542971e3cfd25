"""The one place where devhost learns what time it is, on a real or on a virtual clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


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
    """Read a .NET time span: `[d.]hh:mm:ss[.fffffff]`."""
    days, _, rest = text.rpartition(".") if "." in text.partition(":")[0] else ("0", "", text)
    hours, minutes, seconds = rest.split(":")
    return timedelta(
        days=int(days or 0), hours=int(hours), minutes=int(minutes), seconds=float(seconds)
    )
