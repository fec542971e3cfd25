"""A clock for code that waits in real time: every wait is over at once, and its length is noted."""

from datetime import UTC, datetime, timedelta


class HurriedClock:
    """Shows at once the moment that somebody waits for; it stops after `most` waits."""

    def __init__(self, most: int) -> None:
        self.waits: list[timedelta] = []
        self._most = most
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def seconds_until(self, deadline: datetime | None) -> float | None:
        if deadline is None or len(self.waits) == self._most:
            return None
        self.waits.append(deadline - self._now)
        self._now = deadline
        return 0.0
