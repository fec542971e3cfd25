"""What a run writes about itself: the outcome of each ask, and the mark that its end was told.

An outcome's short form lies in the metadata of its blob too, so that one listing tells them all.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, Final
from urllib.parse import quote, unquote

from gather_once.model.outcome import Outcome, OutcomeStatus
from gather_once.model.wire import outcome_from_wire, outcome_to_wire
from gather_once.storage import paths
from gather_once.storage.blobs import Blob, Blobs, Conflict, Container, Listed, all_under

_LONGEST_METADATA: Final = 6_000
"""Characters; blob storage takes 8 KiB of metadata in all, names included."""


class Delivery(StrEnum):
    """What became of telling a run's end."""

    SENT = "sent"
    FAILED = "failed"


async def leave_outcome(blobs: Blobs, gather: str, run: int, outcome: Outcome) -> None:
    """Write the last word on an ask; where one stands already, that one is the last word."""
    content = _json(outcome_to_wire(outcome))
    metadata = {"status": outcome.status.value, **_short_form(outcome)}
    with suppress(Conflict):
        name = paths.outcome(gather, run, outcome.ask)
        await blobs.create(Container.GATHERS, name, content.encode(), metadata=metadata)


async def has_outcome(blobs: Blobs, gather: str, run: int, ask: str) -> bool:
    """Say whether the last word on an ask has been spoken in this run."""
    return await blobs.look(Container.GATHERS, paths.outcome(gather, run, ask)) is not None


async def outcome_of(blobs: Blobs, gather: str, run: int, ask: str) -> Outcome | None:
    """Return the last word on an ask in this run, its attempts with it."""
    found = await blobs.read(Container.GATHERS, paths.outcome(gather, run, ask))
    return _read(found) if found else None


async def outcomes_of(blobs: Blobs, gather: str, run: int) -> dict[str, Outcome]:
    """Return a run's outcomes so far by ask, without their attempts: one listing."""
    prefix = paths.outcomes(gather, run)
    lines = [line async for line in all_under(blobs, Container.GATHERS, prefix)]
    return {line.name.removeprefix(prefix): await _from_line(blobs, line) for line in lines}


async def statuses_of(blobs: Blobs, gather: str, run: int) -> dict[str, OutcomeStatus]:
    """Return how a run's asks ended so far: one listing, nothing read."""
    prefix = paths.outcomes(gather, run)
    lines = all_under(blobs, Container.GATHERS, prefix)
    return {
        line.name.removeprefix(prefix): OutcomeStatus(line.metadata["status"])
        async for line in lines
    }


async def mark_delivery(blobs: Blobs, gather: str, run: int, delivery: Delivery) -> None:
    """Leave the mark that a run's end was told, or that patience is over; the first mark stands."""
    with suppress(Conflict):
        await blobs.create(
            Container.GATHERS,
            paths.delivered(gather, run),
            b"",
            metadata={"delivery": delivery.value},
        )


async def delivery_of(blobs: Blobs, gather: str, run: int) -> Delivery | None:
    """Return what became of telling a run's end; None while it is still to be told."""
    found = await blobs.look(Container.GATHERS, paths.delivered(gather, run))
    return Delivery(found.metadata["delivery"]) if found else None


def _short_form(outcome: Outcome) -> dict[str, str]:
    """Return the outcome without its attempts as metadata, or nothing where it is too long."""
    told = {**outcome_to_wire(outcome), "attempts": []}
    text = quote(_json(told), safe='{}[]":,+/')
    return {"outcome": text} if len(text) <= _LONGEST_METADATA else {}


async def _from_line(blobs: Blobs, line: Listed) -> Outcome:
    if text := line.metadata.get("outcome"):
        return outcome_from_wire(json.loads(unquote(text)))
    found = await blobs.read(Container.GATHERS, line.name)
    if found is None:
        raise Erased(line.name)
    return _read(found)


class Erased(Exception):
    """A blob that was just listed is gone: the gather is being erased."""


def _read(found: Blob) -> Outcome:
    return outcome_from_wire(json.loads(found.content))


def _json(told: Mapping[str, Any]) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)
