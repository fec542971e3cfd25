"""Notices of a run's end and of questions: small, and equal however often they are sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """The word on a run's end.

    `key` tells a repetition from news: delivery is at least once. `missing` has the reasons by ask,
    `dossier` the path of the dossier.
    """

    key: str
    gather: str
    run: int
    status: str
    missing: Mapping[str, str]
    dossier: str

    def as_json(self) -> dict[str, Any]:
        """Return it as it is sent."""
        return {
            "key": self.key,
            "id": self.gather,
            "run": self.run,
            "status": self.status,
            "missing": dict(self.missing),
            "dossier": self.dossier,
        }


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
    assignee: str | None
    due: datetime
    reminder: int = 0
