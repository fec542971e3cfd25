"""Faults on purpose: a host that dies at the worst moment, an activity that is delivered twice.

What a durable host promises is at-least-once, and these are the ways to see it. All chance comes
from one seed, so a run that went wrong can be repeated.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Point(StrEnum):
    """Where in the engine's work a fault may strike."""

    EPISODE_BEFORE_COMMIT = "episode before commit"
    EPISODE_AFTER_COMMIT = "episode after commit"
    ACTIVITY_BEFORE_COMMIT = "activity before commit"
    """The activity has run, and its result is lost: it runs again."""
    ACTIVITY_AFTER_COMMIT = "activity after commit"
    ACTIVITY_TWICE = "activity delivered twice"
    """The activity runs once more after its first answer was taken; the second is ignored."""
    ACTIVITY_LATE = "activity answers late"
    """The activity has run, and its answer takes its time to reach the instance."""


class Crashed(Exception):
    """The engine died here, on purpose; everything uncommitted is forgotten."""


@dataclass
class Faults:
    """Which faults strike how often; without any rule, none ever does."""

    seed: int = 0
    latest: timedelta = timedelta(minutes=5)
    """How late a late answer comes at most."""
    _chances: dict[Point, float] = field(default_factory=dict)
    _limits: dict[Point, int] = field(default_factory=dict)
    _struck: dict[Point, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311  chance, not secrecy

    def at(self, point: Point, *, chance: float = 1.0, times: int | None = None) -> None:
        """Strike at this point with a chance from 0 to 1, at most so many times."""
        self._chances[point] = chance
        self._struck[point] = 0
        self._limits.pop(point, None)
        if times is not None:
            self._limits[point] = times

    def before_commit(self, *, chance: float = 1.0, times: int | None = 1) -> None:
        """Die between what an episode or an activity did and the writing of it."""
        self.at(Point.EPISODE_BEFORE_COMMIT, chance=chance, times=times)
        self.at(Point.ACTIVITY_BEFORE_COMMIT, chance=chance, times=times)

    def after_commit(self, *, chance: float = 1.0, times: int | None = 1) -> None:
        """Die right after the writing of what an episode or an activity did."""
        self.at(Point.EPISODE_AFTER_COMMIT, chance=chance, times=times)
        self.at(Point.ACTIVITY_AFTER_COMMIT, chance=chance, times=times)

    def twice(self, *, chance: float = 1.0, times: int | None = None) -> None:
        """Deliver activities twice."""
        self.at(Point.ACTIVITY_TWICE, chance=chance, times=times)

    def late(self, latest: timedelta, *, chance: float = 1.0, times: int | None = None) -> None:
        """Let answers of activities arrive late, by any time up to `latest`."""
        self.latest = latest
        self.at(Point.ACTIVITY_LATE, chance=chance, times=times)

    def stop(self) -> None:
        """Strike no more; what has struck stays known."""
        self._chances.clear()

    def strikes(self, point: Point) -> bool:
        """Throw the dice at a point."""
        chance = self._chances.get(point, 0.0)
        struck = self._struck.get(point, 0)
        if struck >= self._limits.get(point, struck + 1) or self._dice.random() >= chance:
            return False
        self._struck[point] = struck + 1
        return True

    def delay(self) -> timedelta:
        """Return how late the next answer comes."""
        if not self.strikes(Point.ACTIVITY_LATE):
            return timedelta(0)
        return self.latest * self._dice.random()

    def crash_at(self, point: Point) -> None:
        """Raise `Crashed` if a fault strikes here."""
        if self.strikes(point):
            raise Crashed(point)

    @property
    def struck(self) -> dict[Point, int]:
        """How often each fault has struck."""
        return dict(self._struck)
