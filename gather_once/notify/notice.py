"""What humans are told of a question: that it is asked, or that it is still open."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Place:
    """One asking of a question: where it lies, which asking it is, and who opened it.

    `opener` is the fresh random name of the execution that opened it, so no other asking ever has
    the same place, not even one of a question that was forgotten in between.
    """

    question: str
    generation: int
    opener: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What is told: `reminder` counts from 0, which is the first telling.

    `due` is when the first of those who wait gives up.
    """

    place: Place
    question: str
    to: str | None
    due: datetime
    reminder: int = 0
