"""A run in which nothing has happened for long: since when, what it waits for, and what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gather_once.gathers.host import Instance
from gather_once.gathers.state import View
from gather_once.model.progress import AskProgress, Phase, Progress
from gather_once.model.wire import moment_to_wire
from gather_once.plans.asks import ComputeAsk, HumanAsk
from gather_once.plans.graph import needs_of

LONG: Final = timedelta(hours=2)
"""Longer than the longest attempt, and than the time between two looks at what is waited for."""

Json = dict[str, Any]

_WAIT: Final = (
    "Nothing has to be done: it goes on by itself. To end it with what it has, terminate it."
)
_RESUME: Final = "Resume it, or terminate it: what was answered is kept."
_UPKEEP: Final = (
    "Upkeep ends it: see that the timer timer_upkeep runs. PUT its plan to end it at once."
)
_HOST: Final = (
    "See that the Functions host is up, works on the task hub {hub} and reaches its storage. If it"
    " does, terminate the gather and run it again: what was answered is kept."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a run: `pursuers` by ask, of those that were looked at."""

    view: View
    told: Progress
    root: Instance | None
    pursuers: Mapping[str, Instance | None]


def stall_of(seen: Seen, now: datetime) -> Json | None:
    """Return `since`, `because` and `advice`, or None: it moves, waits for its start, or has ended.

    Parts of an ask (lanes, shards) are not looked at, so while there are any nothing is said.
    """
    if seen.told.phase is Phase.ENDED or _is_unknown(seen):
        return None
    since = max(moment for moment in _moves(seen) if moment is not None)
    if now - since < LONG:
        return None
    because, advice = _reasons(seen, now)
    return {"since": moment_to_wire(since), "because": because, "advice": advice}


def needs_somebody(stall: Json) -> bool:
    """Say whether a stalled run goes on only if somebody sees to the host or to upkeep."""
    return stall["advice"] not in {_WAIT, _RESUME}


def _is_unknown(seen: Seen) -> bool:
    """Say whether an ask may have moved without anybody seeing it from here."""
    return seen.told.phase is Phase.RUNNING and any(
        ask.ask not in seen.pursuers or _has_parts(seen.view, ask.ask) for ask in _open(seen)
    )


def _has_parts(view: View, ask: str) -> bool:
    wanted = view.plan.asks[ask]
    is_list = not isinstance(wanted, HumanAsk) and wanted.each is not None
    return is_list or (isinstance(wanted, ComputeAsk) and wanted.shards > 1)


def _open(seen: Seen) -> list[AskProgress]:
    """Return the asks that are on their way: they wait for no other ask."""
    needs, outcomes = needs_of(seen.view.plan.asks), seen.view.outcomes
    return [a for a in seen.told.asks if a.ask not in outcomes and needs[a.ask] <= outcomes.keys()]


def _moves(seen: Seen) -> Iterator[datetime | None]:
    """Yield when something happens that is more than a look at what is waited for.

    A start that is still to come counts, so that who waits for it is not stalled.
    """
    control = seen.view.control
    yield seen.view.plan.starts_at(control.claimed_at) if control.run == 1 else control.claimed_at
    if seen.root is not None:
        yield seen.root.created_at
    if seen.root is not None and seen.told.phase is Phase.STOPPED:
        yield seen.root.last_updated_at
    for outcome in seen.view.outcomes.values():
        yield from (attempt.ended_at for attempt in outcome.attempts)
        if outcome.receipt:
            yield outcome.receipt.obtained_at
    for ask in _open(seen):
        pursuer = seen.pursuers.get(ask.ask)
        if pursuer is not None and not ask.waits_for:
            yield pursuer.last_updated_at


def _reasons(seen: Seen, now: datetime) -> tuple[list[str], str]:
    hub = _HOST.format(hub=seen.view.control.hub)
    match seen.told.phase:
        case Phase.HELD:
            return ["It is held: nothing new is asked."], _RESUME
        case Phase.STOPPED:
            return ["It was broken off, and has no dossier yet."], _UPKEEP
        case Phase.WAITING:
            return ["It was to start, and the host has not begun it."], hub
    said = [_reason(ask, seen.pursuers.get(ask.ask), now) for ask in _open(seen)]
    is_lost = not said or any(lost for _, lost in said)
    because = [text for text, _ in said] or ["Every ask has its outcome, and no dossier came."]
    return because, hub if is_lost else _WAIT


def _reason(ask: AskProgress, pursuer: Instance | None, now: datetime) -> tuple[str, bool]:
    """Return what an ask waits for, and whether the host should have come back to it."""
    if pursuer is None:
        return f"{ask.ask}: the host knows nothing of it.", True
    due = ask.next_attempt_at
    when = moment_to_wire(due) if due else ""
    if due is not None and now - due >= LONG:
        return f"{ask.ask}: it was due at {when}.", True
    if ask.waits_for:
        return f"{ask.ask}: it waits for {', '.join(ask.waits_for)}.", False
    if due is not None:
        return f"{ask.ask}: after {ask.attempts} calls it is tried again at {when}.", False
    return f"{ask.ask}: the host has not said what came of it.", True
