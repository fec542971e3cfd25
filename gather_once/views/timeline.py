"""The timeline of a gather: every attempt of every ask and list item over all its runs."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from gather_once.executor.shards import part_of
from gather_once.gathers.state import View
from gather_once.inputs.items import is_list
from gather_once.inputs.scope import InTheWay, scope_among
from gather_once.ledger.journal import Attempt, Begun, Doubted, Entry, Failed, Kept
from gather_once.ledger.journal_log import entries_of
from gather_once.ledger.keys import Asking, Claim, Standing, asking_of, read_key
from gather_once.ledger.old import runs
from gather_once.ledger.old.versions import settled_version
from gather_once.model.fault import Fault
from gather_once.model.media import Unreadable, view
from gather_once.model.names import child_id
from gather_once.model.outcome import AttemptRecord, Outcome
from gather_once.model.wire import fault_to_wire, moment_to_wire
from gather_once.plans.asks import ComputeAsk, HumanAsk
from gather_once.plans.expressions import NotResolved
from gather_once.plans.requests import request_of
from gather_once.questions import registration
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Container, all_under

Json = dict[str, Any]


async def timeline_json(blobs: Blobs, seen: View) -> Json:
    """Return the attempts of each ask in the plan's order, oldest first, those under way last.

    An attempt says `run`, `started_at`, `ended_at` (null: under way), `outcome` (`answered`, the
    kind of its fault, or null) and `fault`. One request for each ask and each run, and for each
    shard of a computation under way.
    """
    ended = await _ended(blobs, seen)
    ended |= await _of_lists(blobs, seen)
    open_asks = [ask for ask in seen.plan.asks if ask not in seen.outcomes]
    going = await asyncio.gather(*(_under_way(blobs, seen, ask) for ask in open_asks))
    under_way = dict(zip(open_asks, going, strict=True))
    return {
        "id": seen.control.gather,
        "run": seen.control.run,
        "asks": {
            ask: {
                "status": _status(seen.outcomes.get(ask)),
                "attempts": [*ended.get(ask, ()), *under_way.get(ask, ())],
            }
            for ask in seen.plan.asks
        },
    }


async def _ended(blobs: Blobs, seen: View) -> dict[str, list[Json]]:
    """Return the attempts that outcomes tell of; an ask with an answer is in no later run's."""
    told: dict[str, list[Json]] = {}
    answered: set[str] = set()
    for run in range(1, seen.control.run + 1):
        statuses = await runs.statuses_of(blobs, seen.control.gather, run)
        asks = [ask for ask in statuses if ask not in answered]
        read_key = (runs.outcome_of(blobs, seen.control.gather, run, ask) for ask in asks)
        for ask, outcome in zip(asks, await asyncio.gather(*read_key), strict=True):
            attempts = outcome.attempts if outcome else ()
            told.setdefault(ask, []).extend(_attempt_json(one, run) for one in attempts)
        answered |= {ask for ask in asks if statuses[ask].has_answer}
    return told


async def _of_lists(blobs: Blobs, seen: View) -> dict[str, list[Json]]:
    """Return the attempts at items: all of them stand in journals, under way or not."""
    asks = [name for name, ask in seen.plan.asks.items() if is_list(ask)]
    found = (attempts_at_items(blobs, seen.control.gather, ask) for ask in asks)
    return dict(zip(asks, await asyncio.gather(*found), strict=True))


async def _under_way(blobs: Blobs, seen: View, ask: str) -> list[Json]:
    """Return the attempts of an ask that has no outcome yet, from where they are counted."""
    wanted, run = seen.plan.asks[ask], seen.control.run
    if is_list(wanted):
        return []
    try:
        scope = await scope_among(blobs, seen.plan, ask, seen.outcomes, view)
        if isinstance(scope, InTheWay):
            return []
        gather = seen.control.gather
        request = request_of(await settled_version(blobs, gather, run, wanted), scope)
    except (NotResolved, Unreadable):
        return []
    asking = asking_of(wanted, request, gather, run)
    if isinstance(wanted, HumanAsk):
        return await _waiting(blobs, asking, ask)
    shards = wanted.shards if isinstance(wanted, ComputeAsk) and wanted.shards > 1 else 0
    askings = [*(part_of(asking, number, shards) for number in range(shards)), asking]
    found = await asyncio.gather(*(read_key(blobs, one) for one in askings))
    attempts = [one for standing in found for one in standing.blob.attempts_by(asking.by)]
    attempts.sort(key=lambda one: one.started_at)
    going_on = [one for standing in found for one in _going_on(standing, asking.by, run)]
    return [*(_attempt_json(one, run) for one in attempts), *going_on]


async def _waiting(blobs: Blobs, asking: Asking, ask: str) -> list[Json]:
    """Return the wait for a human, which is told like an attempt."""
    question = (await registration.read(blobs, registration.name_of(asking))).question
    entry = question and question.entry_of(child_id(asking.gather, asking.run, ask))
    return [_open_json(entry.since, asking.run)] if entry else []


def _going_on(found: Standing, by: str, run: int) -> list[Json]:
    hold = found.blob.hold
    if not isinstance(hold, Claim) or hold.by != by:
        return []
    return [_open_json(hold.since, run)]


def _open_json(since: datetime, run: int) -> Json:
    began = moment_to_wire(since)
    return {"run": run, "started_at": began, "ended_at": None, "outcome": None, "fault": None}


def _attempt_json(attempt: AttemptRecord, run: int) -> Json:
    fault = attempt.fault
    return {
        "run": run,
        "started_at": moment_to_wire(attempt.started_at),
        "ended_at": moment_to_wire(attempt.ended_at),
        "outcome": fault.kind.value if fault else "answered",
        "fault": fault_to_wire(fault) if fault else None,
    }


def _status(outcome: Outcome | None) -> str | None:
    return outcome.status.value if outcome else None


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
