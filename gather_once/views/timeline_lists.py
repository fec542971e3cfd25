"""The attempts at the items of a list, drawn from the journals of its lanes."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from gather_once.ledger.journal import Attempt, Begun, Doubted, Entry, Failed, Kept
from gather_once.ledger.journal_log import entries_of
from gather_once.model.fault import Fault
from gather_once.model.wire import fault_to_wire, moment_to_wire
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Container
from gather_once.storage.listing import all_under

Json = dict[str, Any]
_End = Kept | Failed | Doubted


async def attempts_at_items(blobs: Blobs, gather: str, ask: str) -> list[Json]:
    """Return every attempt at every item over all runs, oldest first; each also says its `item`.

    Its `outcome` may be `in_doubt` besides: that item waits for a human. One listing, and one
    request for each journal.
    """
    prefix = paths.journals(gather, ask)
    names = [line.name async for line in all_under(blobs, Container.GATHERS, prefix)]
    told = [one for name in names for one in _attempts(await entries_of(blobs, name))]
    return sorted(told, key=lambda one: str(one["started_at"]))


def _attempts(entries: Iterable[Entry]) -> Iterator[Json]:
    begun = {e.attempt: e.at for e in entries if isinstance(e, Begun)}
    ends: dict[Attempt, _End] = {}
    for entry in entries:
        if isinstance(entry, Kept | Failed | Doubted):
            ends.setdefault(_whose_end(entry, begun, ends), entry)
    for attempt in {**begun, **ends}:
        end = ends.get(attempt)
        began = begun.get(attempt) or (end.began if end else None)
        is_not_made = isinstance(end, Failed) and end.began is None
        if began and not is_not_made:
            yield _json(attempt, began, end)


def _whose_end(entry: _End, begun: Iterable[Attempt], ends: Iterable[Attempt]) -> Attempt:
    """Return the attempt that an entry ends: of a doubt written by who came later, the lost one."""
    mine = entry.attempt
    if not (isinstance(entry, Doubted) and entry.began is None):
        return mine
    same = [a for a in begun if (a.item, a.key, a.generation) == _asking_of(mine)]
    return next((attempt for attempt in same if attempt not in ends), mine)


def _asking_of(attempt: Attempt) -> tuple[int, str, int]:
    return attempt.item, attempt.key, attempt.generation


def _json(attempt: Attempt, began: datetime, end: _End | None) -> Json:
    fault = end.fault if isinstance(end, Failed | Doubted) else None
    return {
        "run": attempt.run,
        "item": attempt.item,
        "started_at": moment_to_wire(began),
        "ended_at": moment_to_wire(_ended_at(end)) if end else None,
        "outcome": _outcome(end, fault) if end else None,
        "fault": fault_to_wire(fault) if fault else None,
    }


def _ended_at(end: _End) -> datetime:
    return end.receipt.obtained_at if isinstance(end, Kept) else end.ended


def _outcome(end: _End, fault: Fault | None) -> str:
    if isinstance(end, Doubted):
        return "in_doubt"
    return fault.kind.value if fault else "answered"
