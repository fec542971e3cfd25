"""Dossiers: how a run ended, written once; a run has ended exactly when its dossier exists.

Every execution that may end a run assembles the dossier; the first conditional create wins.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.ledger.old import runs
from gather_once.model.outcome import Outcome, missing
from gather_once.model.progress import GatherStatus
from gather_once.model.wire import outcome_from_wire, outcome_to_wire
from gather_once.plans.plan import Plan
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

_FORM: Final = 1


@dataclass(frozen=True, slots=True)
class Dossier:
    """The outcomes of a run by ask, all asks of the plan, without their attempts."""

    gather: str
    run: int
    status: GatherStatus
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
            Container.GATHERS, name, _write(dossier), metadata={"status": dossier.status.value}
        )
    except Conflict:
        return await read(blobs, dossier.gather, dossier.run) or dossier
    return dossier


async def read(blobs: Blobs, gather: str, run: int) -> Dossier | None:
    """Return the dossier of a run, or None: it has not ended."""
    found = await blobs.read(Container.GATHERS, paths.dossier(gather, run))
    return _read(found.content) if found else None


async def final_status_of(blobs: Blobs, gather: str, run: int) -> GatherStatus | None:
    """Return how a run ended without reading its dossier, or None: it has not."""
    found = await blobs.look(Container.GATHERS, paths.dossier(gather, run))
    return GatherStatus(found.metadata["status"]) if found else None


def _write(dossier: Dossier) -> bytes:
    told = {
        "v": _FORM,
        "id": dossier.gather,
        "run": dossier.run,
        "status": dossier.status.value,
        "ended_at": dossier.ended_at.isoformat(),
        "outcomes": {ask: outcome_to_wire(o) for ask, o in dossier.outcomes.items()},
    }
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False).encode()


def _read(content: bytes) -> Dossier:
    told: dict[str, Any] = json.loads(content)
    outcomes = {ask: outcome_from_wire(o) for ask, o in told["outcomes"].items()}
    ended_at = datetime.fromisoformat(told["ended_at"])
    return Dossier(told["id"], told["run"], GatherStatus(told["status"]), ended_at, outcomes)


STOPPED: Final = "stopped"
"""Why an ask has no answer: the run was broken off before."""
UNSETTLED: Final = "unsettled"
"""Why an ask has no answer: its end could not be written down, however often that was tried."""


async def assemble(blobs: Blobs, gather: str, run: int, *, now: datetime) -> Dossier | None:
    """Write the dossier of a run unless there is one, and return the one that stands.

    None where the gather is gone, or another run has begun: then nothing is written. What the run
    before kept counts also if this run ended before it could carry it over.
    """
    found = await control.read_with_plan(blobs, gather)
    if found is None or found[0].state is State.GONE or found[0].run != run:
        return None
    now_stands, content = found
    carried = await carried_into(blobs, gather, run)
    outcomes = carried | await runs.outcomes_of(blobs, gather, run)
    plan = control.stored_plan(gather, content)
    is_stopped = now_stands.state is State.STOP
    return await leave(
        blobs,
        Dossier(
            gather,
            run,
            status=_end(plan, outcomes, is_stopped=is_stopped),
            ended_at=now,
            outcomes=_of_all(plan, outcomes, STOPPED if is_stopped else UNSETTLED),
        ),
    )


async def carried_into(blobs: Blobs, gather: str, run: int) -> dict[str, Outcome]:
    """Return what the run before this one holds as answered; nothing before the first run."""
    if run == 1:
        return {}
    before = await read(blobs, gather, run - 1)
    return before.answered if before else {}


def _of_all(plan: Plan, outcomes: dict[str, Outcome], reason: str) -> dict[str, Outcome]:
    return {ask: outcomes.get(ask) or missing(ask, reason) for ask in plan.asks}


def _end(plan: Plan, outcomes: dict[str, Outcome], *, is_stopped: bool) -> GatherStatus:
    if is_stopped and not plan.asks.keys() <= outcomes.keys():
        return GatherStatus.TERMINATED
    answered = {ask for ask, outcome in outcomes.items() if outcome.status.has_answer}
    required = {name for name, ask in plan.asks.items() if not ask.optional}
    return GatherStatus.COMPLETED if required <= answered else GatherStatus.FAILED
