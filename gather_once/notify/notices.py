"""Notices of ended runs and of questions; a repeated notice is equal to the first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """The completion notice of a run.

    Delivery is at least once; the receiver recognises duplicates by `key`. `missing` has the
    reasons by ask, `dossier_url` the path of the dossier.
    """

    key: str
    gather: str
    run: int
    status: str
    missing: Mapping[str, str]
    dossier_url: str

    def as_json(self) -> dict[str, Any]:
        """Return the JSON text that is sent."""
        return {
            "key": self.key,
            "id": self.gather,
            "run": self.run,
            "status": self.status,
            "missing": dict(self.missing),
            "dossier_url": self.dossier_url,
        }


@dataclass(frozen=True, slots=True)
class Place:
    """A generation of a question: its blob, its number, and the execution that opened it.

    `opener` is the random name of that execution. It makes the reference unique, also when the
    question is deleted and its generations count from 1 again.
    """

    question: str
    generation: int
    opener: str


@dataclass(frozen=True, slots=True)
class Notice:
    """The notice of a question: `reminder` counts from 0, which is the first notice.

    `due` is the earliest time limit of the waiting asks.
    """

    place: Place
    question: str
    assignee: str | None
    due: datetime
    reminder: int = 0
