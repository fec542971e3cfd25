"""Reads schedule expressions in the host's dialect of cron, and finds the next time one means.

The dialect is NCrontab's: six fields, seconds first, or five, which mean second 0. A day must match
both day fields. Names may be cut to any length; `5/10` is from 5 on; `L W # ?` do not exist.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from croniter import CroniterBadDateError, croniter

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_PART = re.compile(r"(\*|[0-9a-z]+)(?:-([0-9a-z]+))?(?:/([0-9]+))?", re.IGNORECASE)
_FIVE, _SIX = 5, 6
_NEVER = datetime.fromisoformat("9999-12-30T00:00:00")  # in every time zone


class BadExpression(ValueError):
    """A schedule that the host would not take; says which part and why."""


@dataclass(frozen=True)
class _Field:
    name: str
    first: int
    last: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> frozenset[int]:
        """Return the values the field's text stands for."""
        found: set[int] = set()
        for part in text.split(","):
            found.update(self._part(part, text))
        return frozenset(found)

    def _part(self, part: str, text: str) -> range:
        match = _PART.fullmatch(part)
        if not match or (match[1] == "*" and match[2]) or match[3] == "0":
            raise BadExpression(f"'{text}' is no {self.name}: '{part}' has no meaning there")
        step = int(match[3] or 1)
        if match[1] == "*":
            return range(self.first, self.last + 1, step)
        low = self._number(match[1], text)
        high = self._number(match[2], text) if match[2] else (self.last if match[3] else low)
        return range(min(low, high), max(low, high) + 1, step)

    def _number(self, text: str, whole: str) -> int:
        if text.isdecimal() and self.first <= int(text) <= self.last:
            return int(text)
        for number, name in enumerate(self.names, self.first):
            if name.startswith(text.lower()):
                return number
        raise BadExpression(f"'{whole}' is no {self.name}: {self.first} to {self.last}")


_FIELDS = (
    _Field("second", 0, 59),
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of the month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, 6, _DAYS),
)


class Cron:
    """One expression; its times are those of a wall clock, without a zone."""

    def __init__(self, expression: str) -> None:
        """Read it.

        Raises:
            BadExpression: it is none.
        """
        texts = expression.split()
        if len(texts) not in {_FIVE, _SIX}:
            raise BadExpression(f"'{expression}' has {len(texts)} fields, and five or six make one")
        texts = ["0", *texts] if len(texts) == _FIVE else texts
        self._values = [field.values(text) for field, text in zip(_FIELDS, texts, strict=True)]
        self.is_interval = any(mark in text for text in texts[:3] for mark in "*/-")
        """Whether it runs at several times of a day by rule, not at fixed ones."""
        self._text = " ".join(
            ",".join(map(str, sorted(values))) if len(values) <= field.last - field.first else "*"
            for field, values in zip(_FIELDS, self._values, strict=True)
        )

    @property
    def is_within_a_minute(self) -> bool:
        """Whether it runs every minute, more than once."""
        every = (
            len(v) > f.last - f.first for f, v in zip(_FIELDS[1:], self._values[1:], strict=True)
        )
        return len(self._values[0]) > 1 and all(every)

    def after(self, wall: datetime) -> datetime:
        """Return the first time after `wall`, cut to the second; the year 9999 if there is none."""
        start = wall.replace(microsecond=0, tzinfo=None, fold=0)
        times = croniter(self._text, start, day_or=False, second_at_beginning=True)
        try:
            found: datetime = times.get_next(datetime)  # type: ignore[no-untyped-call]  # has no types
        except CroniterBadDateError:
            return _NEVER
        return found.replace(tzinfo=None)
