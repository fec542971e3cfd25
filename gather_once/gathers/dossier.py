"""Dossiers: how a run ended, written once; a run has ended exactly when its dossier exists."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gather_once.model.outcome import Outcome
from gather_once.model.wire import outcome_from_wire, outcome_to_wire
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

_FORM: Final = 1


class End(StrEnum):
    """How a run ended, in the host's words."""

    COMPLETED = "Completed"
    """Every required ask has an answer."""
    FAILED = "Failed"
    """A required ask has none."""
    TERMINATED = "Terminated"
    """It was broken off before every ask had its outcome."""


@dataclass(frozen=True, slots=True)
class Dossier:
    """The outcomes of a run by ask, all asks of the plan, without their attempts."""

    gather: str
    run: int
    end: End
    ended_at: datetime
    outcomes: Mapping[str, Outcome]

    @property
    def answered(self) -> dict[str, Outcome]:
        """What a further run never asks again."""
        return {ask: o for ask, o in self.outcomes.items() if o.status.has_answer}


async def leave(blobs: Blobs, dossier: Dossier) -> Dossier:
    """Write the dossier of a run unless there is one; return the one that stands."""
    name = paths.dossier(dossier.gather, dossier.run)
    try:
        await blobs.create(
            Container.GATHERS, name, _write(dossier), metadata={"end": dossier.end.value}
        )
    except Conflict:
        return await read(blobs, dossier.gather, dossier.run) or dossier
    return dossier


async def read(blobs: Blobs, gather: str, run: int) -> Dossier | None:
    """Return the dossier of a run, or None: it has not ended."""
    found = await blobs.read(Container.GATHERS, paths.dossier(gather, run))
    return _read(found.content) if found else None


async def end_of(blobs: Blobs, gather: str, run: int) -> End | None:
    """Return how a run ended without reading its dossier, or None: it has not."""
    found = await blobs.look(Container.GATHERS, paths.dossier(gather, run))
    return End(found.metadata["end"]) if found else None


def _write(dossier: Dossier) -> bytes:
    told = {
        "v": _FORM,
        "id": dossier.gather,
        "run": dossier.run,
        "end": dossier.end.value,
        "ended_at": dossier.ended_at.isoformat(),
        "outcomes": {ask: outcome_to_wire(o) for ask, o in dossier.outcomes.items()},
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def _read(content: bytes) -> Dossier:
    told: dict[str, Any] = json.loads(content)
    outcomes = {ask: outcome_from_wire(o) for ask, o in told["outcomes"].items()}
    ended_at = datetime.fromisoformat(told["ended_at"])
    return Dossier(told["id"], told["run"], End(told["end"]), ended_at, outcomes)
