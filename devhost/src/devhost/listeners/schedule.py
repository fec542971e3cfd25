"""When a timer runs: a schedule's next moment, in a time zone whose clocks may be changed."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from devhost.clock import parse_timespan
from devhost.listeners.cron import BadExpression, Cron

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)


class Schedule(Protocol):
    """Tells one moment after the other."""

    @property
    def adjusts_for_dst(self) -> bool:
        """Whether it goes by the wall clock."""
        ...

    @property
    def is_too_dense_to_monitor(self) -> bool:
        """Whether it runs more than once a minute: such timers have no status."""
        ...

    def after(self, moment: datetime) -> datetime:
        """Return the first moment after `moment`, aware, in UTC."""
        ...


def schedule_of(text: str, zone: tzinfo | None) -> Schedule:
    """Read a cron expression or a .NET time span; `zone` is the wall clock's, None the machine's.

    Raises:
        BadExpression: it is neither.
    """
    words = text.split()
    if len(words) > 1:
        return WallClock(Cron(text), zone)
    return Elapsing(_span(text.strip()))


class Elapsing:
    """The same span again and again."""

    adjusts_for_dst = False

    def __init__(self, span: timedelta) -> None:
        self._span = span
        self.is_too_dense_to_monitor = span < _MINUTE

    def after(self, moment: datetime) -> datetime:
        """Return the moment one span later."""
        return moment + self._span


class WallClock:
    """A cron expression on a wall clock.

    Where clocks go forward, the times left out are made up for by as much later. Where they go
    back, expressions with `*`, `/` or `-` in their time run in both hours, others in the first.
    """

    adjusts_for_dst = True

    def __init__(self, cron: Cron, zone: tzinfo | None) -> None:
        self._cron, self._zone = cron, zone
        self.is_too_dense_to_monitor = cron.is_within_a_minute

    def after(self, moment: datetime) -> datetime:
        """Return the next moment of the expression."""
        local = moment.astimezone(self._zone)
        wall, fold = local.replace(tzinfo=None), local.fold
        if self._cron.is_interval and fold == 0 and self._is_twofold(wall):
            found = self._in_second_pass(wall)
            if found:
                return found
        found = self._moment(self._cron.after(wall), fold if self._cron.is_interval else 0)
        while found <= moment:
            wall = self._cron.after(wall)
            found = self._moment(wall, 0)
        return found

    def _in_second_pass(self, wall: datetime) -> datetime | None:
        """Return the first time of the repeated hour's second pass, if the first pass is over."""
        following = self._cron.after(wall)
        if self._is_twofold(following):
            return None
        again = wall.replace(microsecond=0, fold=0) - self._repeated(wall) - _SECOND
        while (again := self._cron.after(again)) < following:
            if self._is_twofold(again):
                return self._moment(again, 1)
        return None

    def _is_twofold(self, wall: datetime) -> bool:
        return self._moment(wall, 0) < self._moment(wall, 1)

    def _repeated(self, wall: datetime) -> timedelta:
        return self._moment(wall, 1) - self._moment(wall, 0)

    def _moment(self, wall: datetime, fold: int) -> datetime:
        return wall.replace(fold=fold, tzinfo=self._zone).astimezone(UTC)


def _span(text: str) -> timedelta:
    try:
        span = parse_timespan(text)
    except ValueError as error:
        raise BadExpression(
            f"'{text}' is neither a cron expression nor a time span hh:mm:ss"
        ) from error
    if span <= timedelta():
        raise BadExpression(f"'{text}' is no time at all: a timer needs a span to wait")
    return span
