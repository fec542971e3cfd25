"""One lane's share of a list: portion after portion, for a minute at most.

Answers of the activity: `{"status": "pause", "until"}`; `{"status": "look_again", "waits_for"}`;
`{"status": "done"}`, nothing is left for this run; `{"status": "stopped"}`. All but the last also
say how the items stand (`items`).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar
from zlib import crc32

from gather_once.executor.context import Surroundings
from gather_once.executor.journal_work import Done, LeftOver, Terms, work_through
from gather_once.executor.old.item_calls import CallsInPool
from gather_once.executor.old.share import Share
from gather_once.gathers import control
from gather_once.gathers.admission import admitted
from gather_once.gathers.control import State
from gather_once.inputs.items import AskOfMany, questions_of, scope_of_items
from gather_once.ledger import lists
from gather_once.ledger.journal import Journal, Stand
from gather_once.ledger.lists import Portion
from gather_once.ledger.old.versions import with_version
from gather_once.model.media import view
from gather_once.model.wire import Json, moment_from_wire, moment_to_wire
from gather_once.plans.asks import BlobAsk, HumanAsk
from gather_once.plans.plan import Plan

T = TypeVar("T")

LASTS: Final = timedelta(seconds=60)
"""How long an activity works: its host allows half an hour, and a stop is to be heard."""
LOOKS_EVERY: Final = timedelta(seconds=5)
"""How often it looks whether its run is still wanted."""
SOON: Final = timedelta(seconds=1)
"""How long an item that is due may wait for others that will be."""

_SHOWN: Final = {
    Stand.KEPT: "kept",
    Stand.IN_DOUBT: "in_doubt",
    Stand.SPENT: "failed",
    Stand.HANGING: "open",
    Stand.DUE: "open",
}


async def share_obtained(given: Json, around: Surroundings) -> Json:
    """Ask for what is due among the lane's items, and say what is next."""
    plan = await admitted(given, around.blobs, around.now())
    if not isinstance(plan, Plan):
        return plan
    gather, run, name = given["id"], given["run"], given["ask"]
    asked = plan.asks[name]
    items = await lists.read(around.blobs, gather, run, name)
    if items is None or isinstance(asked, HumanAsk):
        return {"status": "done", "items": {}}
    ask = await with_version(around.blobs, gather, run, asked, around.newest)
    scope = await scope_of_items(around.blobs, gather, run, plan, name, view)
    lane = _Lane(given, ask, scope, items, around, Watch(given, around))
    return await _worked_through(lane)


class Watch:
    """Says whether an activity may begin one more call: time is left, and its run is wanted."""

    def __init__(self, given: Json, around: Surroundings) -> None:
        self._given, self._around = given, around
        self._ends = around.now() + LASTS
        self._looks_at = around.now() + LOOKS_EVERY
        self._is_wanted = True

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to be begun by this activity."""
        return self.is_late or not self._is_wanted or self._around.now() >= self._ends

    @property
    def is_late(self) -> bool:
        """Whether the run's deadline has passed."""
        return self._around.now() >= moment_from_wire(self._given["deadline"])

    async def may_begin(self) -> bool:
        """Look at the control blob now and then; what is under way comes to its end anyway."""
        now = self._around.now()
        if self._is_wanted and now >= self._looks_at:
            self._looks_at = now + LOOKS_EVERY
            found = await control.read(self._around.blobs, self._given["id"])
            is_ours = found is not None and found.carries(self._given["run"])
            self._is_wanted = is_ours and found is not None and found.state is State.GO
        return not self.is_over


@dataclass(frozen=True, slots=True)
class _Lane:
    given: Json
    ask: AskOfMany
    scope: Mapping[str, Any]
    items: Sequence[Any]
    around: Surroundings
    watch: Watch

    @property
    def portions(self) -> tuple[Portion, ...]:
        part, parallel = self.given["part"], self.ask.max_parallel
        return self.in_turn(tuple(lists.portions_of(part, len(self.items), parallel)))

    def in_turn(self, those: Sequence[T]) -> tuple[T, ...]:
        """Return the order to look at them in: where looks may be in vain, always another start.

        Else an activity whose time is over before it has seen all would never come to the last.
        """
        may_wait = isinstance(self.ask, BlobAsk) and self.ask.wait_until_exists
        start = crc32(self.around.execution.encode()) % len(those) if may_wait else 0
        return (*those[start:], *those[:start])


async def _worked_through(lane: _Lane) -> Json:
    """Work through all portions; what waits in one of them stops none of the others."""
    left: list[LeftOver] = []
    standing: Counter[str] = Counter()
    for portion in lane.portions:
        if lane.watch.is_over and not lane.watch.is_late:
            left.append(LeftOver(Journal({}), (lane.around.now(),)))
            break
        found, unclear = await _portion(lane, portion)
        standing.update(_standing(found.journal, lane, unclear))
        if isinstance(found, LeftOver):
            left.append(found)
    shown = dict(standing)
    if not left or lane.watch.is_late:
        return {"status": "done", "items": shown}
    return {**_next(left, lane.around.now()), "items": shown}


async def _portion(lane: _Lane, portion: Portion) -> tuple[Done | LeftOver, int]:
    """Return what is left of a portion, and how many of its items nobody can be asked for."""
    given, ask, around = lane.given, lane.ask, lane.around
    questions = questions_of(ask, lane.scope, lane.items, lane.in_turn(portion.items))
    deadline = moment_from_wire(given["deadline"])
    watch = lane.watch
    share = Share(
        given["id"], given["run"], ask, questions.requests, deadline, lambda: watch.is_over
    )
    terms = Terms(
        run=given["run"],
        writer=around.execution,
        slots=lists.slots_of(portion.lane, ask.max_parallel),
        max_attempts=ask.retry.max_attempts,
        announces=share.announces,
    )
    name = portion.journal(given["id"], given["ask"])
    calls = CallsInPool(share, watch.may_begin, around)
    found = await work_through(around.blobs, name, questions.keys, terms, calls, around.now)
    return found, len(questions.unclear)


def _standing(journal: Journal, lane: _Lane, unclear: int) -> Counter[str]:
    run, max_attempts = lane.given["run"], lane.ask.retry.max_attempts
    stands = (journal.item(number).stand(run, max_attempts) for number in journal.keys)
    return Counter({"failed": unclear}) + Counter(_SHOWN[stand] for stand in stands)


def _next(left: Sequence[LeftOver], now: datetime) -> Json:
    """Say when to go on: what is waited for is looked at more often than what is due later."""
    moments = [moment for one in left for moment in one.moments]
    waits_for = next((one.waits_for for one in left if one.waits_for), None)
    if waits_for and all(moment > now for moment in moments):
        return {"status": "look_again", "waits_for": waits_for}
    return {"status": "pause", "until": moment_to_wire(_all_soon(moments, now))}


def _all_soon(moments: Sequence[datetime], now: datetime) -> datetime:
    """Return when the earliest is due and those with it that are due hardly later.

    Pauses of many items end at as many moments. One execution for each of them would cost more
    than the calls; so one waits for another, but no longer than a second or a tenth of its pause.
    """
    earliest = max(min(moments, default=now), now)
    latest = earliest + max(SOON, (earliest - now) / 10)
    return max((moment for moment in moments if earliest <= moment <= latest), default=earliest)
