"""The parts of a computation: each has a receipt of its own, beside that of the whole.

Beside, not below: a receipt that is forgotten takes all with it that lies below its key.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gather_once.ledger.asking import Asking
from gather_once.ledger.claims import Clock, peek
from gather_once.ledger.decision import Answered
from gather_once.ledger.payloads import content_of
from gather_once.model.outcome import AttemptRecord
from gather_once.storage.blobs import Blobs, Container


@dataclass(frozen=True, slots=True)
class Part:
    """What is known of one part: its answer or none, and this run's attempts at it."""

    answer: Answered | None
    attempts: tuple[AttemptRecord, ...]


def part_of(asking: Asking, number: int, of: int) -> Asking:
    """Return how a run asks for one part, `number` from 0, of so many.

    What is for ever needs no copy: the part is read once, for the whole, which has one.
    """
    return replace(
        asking,
        key=f"{asking.key}-{number}-{of}",
        keeps_copy=asking.keeps_copy and asking.fresh_for is not None,
    )


async def parts_of(blobs: Blobs, asking: Asking, of: int, now: Clock) -> tuple[Part, ...]:
    """Look at all parts without claiming any; one request each, two where there are copies."""
    looks = (peek(blobs, part_of(asking, number, of), now()) for number in range(of))
    return tuple(map(_part, await asyncio.gather(*looks)))


async def contents_of(
    blobs: Blobs, asking: Asking, answers: Sequence[Answered]
) -> tuple[bytes, ...]:
    """Return what the parts hold; no request for those inside their receipts."""
    has_copies = part_of(asking, 0, len(answers)).copy is not None
    container = Container.GATHERS if has_copies else asking.container
    reads = (content_of(blobs, container, answer.receipt) for answer in answers)
    return tuple(await asyncio.gather(*reads))


def _part(found: Answered | tuple[AttemptRecord, ...]) -> Part:
    return Part(found, found.attempts) if isinstance(found, Answered) else Part(None, found)
