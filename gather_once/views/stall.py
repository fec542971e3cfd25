"""A run in which nothing has happened for long: since when, what it waits for, and what to do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gather_once.gathers.host import Instance
from gather_once.gathers.state import View
from gather_once.model.progress import AskProgress, GatherStatus, Progress
from gather_once.model.wire import moment_to_wire
from gather_once.plans.asks import ComputeAsk, HumanAsk
from gather_once.plans.graph import needs_of

LONG: Final = timedelta(hours=2)
"""Longer than the longest attempt, and than the time between two looks at what is waited for."""

Json = dict[str, Any]

_WAIT: Final = "wait"
"""It goes on by itself."""
_RESUME: Final = "resume"
"""It is suspended; what was answered is kept if it is terminated instead."""
_CHECK_HOST: Final = "check_host"
"""The host, its task hub or the maintenance timer does not do its part."""

Causes = list[Json]


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of a run: `pursuers` by ask, of those that were looked at."""

    view: View
    told: Progress
    root: Instance | None
    pursuers: Mapping[str, Instance | None]


def stall_of(seen: Seen, now: datetime) -> Json | None:
    """Return `since`, `causes` and `action`, or None: it moves, waits for its start, or has ended.

    Parts of an ask (lanes, shards) are not looked at, so while there are any nothing is said.
    """
    if seen.view.dossier is not None or _is_unknown(seen):
        return None
    since = max(moment for moment in _moves(seen) if moment is not None)
    if now - since < LONG:
        return None
    causes, action = _reasons(seen, now)
    return {"since": moment_to_wire(since), "causes": causes, "action": action}


def needs_somebody(stall: Json) -> bool:
    """Say whether a stalled run goes on only if somebody sees to the host or to upkeep."""
    return bool(stall["action"] == _CHECK_HOST)


def _is_unknown(seen: Seen) -> bool:
    """Say whether an ask may have moved without anybody seeing it from here."""
    return seen.told.status is GatherStatus.RUNNING and any(
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
    if seen.root is not None and seen.told.status is GatherStatus.TERMINATING:
        yield seen.root.last_updated_at
    for outcome in seen.view.outcomes.values():
        yield from (attempt.ended_at for attempt in outcome.attempts)
        if outcome.receipt:
            yield outcome.receipt.obtained_at
    for ask in _open(seen):
        pursuer = seen.pursuers.get(ask.ask)
        if pursuer is not None and not ask.waits_for:
            yield pursuer.last_updated_at


def _reasons(seen: Seen, now: datetime) -> tuple[Causes, str]:
    match seen.told.status:
        case GatherStatus.SUSPENDED:
            return [_cause("suspended", "The gather is suspended.")], _RESUME
        case GatherStatus.TERMINATING:
            what = "It was terminated, and maintenance has not written its dossier yet."
            return [_cause("no_dossier", what)], _CHECK_HOST
        case GatherStatus.SCHEDULED:
            what = f"The host has not started it on task hub {seen.view.control.hub}."
            return [_cause("not_started", what)], _CHECK_HOST
    found = [_reason(ask, seen.pursuers.get(ask.ask), now) for ask in _open(seen)]
    if not found:
        what = "Every ask has its outcome, and there is no dossier."
        return [_cause("no_dossier", what)], _CHECK_HOST
    is_lost = any(lost for _, lost in found)
    return [cause for cause, _ in found], _CHECK_HOST if is_lost else _WAIT


def _reason(ask: AskProgress, pursuer: Instance | None, now: datetime) -> tuple[Json, bool]:
    """Return what an ask waits for, and whether the host should have continued it."""
    if pursuer is None:
        return _cause("unknown_to_host", "The host has no instance of it.", ask.ask), True
    due = ask.next_attempt_at
    when = moment_to_wire(due) if due else ""
    if due is not None and now - due >= LONG:
        return _cause("overdue", f"It was due at {when}.", ask.ask), True
    if ask.waits_for:
        return _cause("waiting", f"It waits for {', '.join(ask.waits_for)}.", ask.ask), False
    if due is not None:
        what = f"After {ask.attempts} calls, its next attempt is at {when}."
        return _cause("retrying", what, ask.ask), False
    return _cause("silent", "The host has not reported what came of it.", ask.ask), True


def _cause(code: str, detail: str, ask: str | None = None) -> Json:
    return ({"ask": ask} if ask else {}) | {"code": code, "detail": detail}
