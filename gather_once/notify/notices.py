"""What is told of the end of a run: small, and the same however often it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
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
