"""Finds the places where the SDK and the extension go different ways, and says what to do about it.

The SDK decides what an orchestrator does next, the extension decides when that is scheduled; they
follow different rules for compounds, events and long timers. Most divergences show in one way: the
SDK has gone on, and the extension still waits for an action of before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from devhost.engine.promises import Promise
from devhost.engine.shim import Action, Shim

_RETRIES = frozenset({1, 3})
_TIMER, _EVENT, _ANY, _ALL = 5, 6, 11, 12


class Case(Enum):
    """The ways in which host and SDK are known to differ: number, what happens, what to write."""

    FAILED_ALL = (
        1,
        """a task of a task_all failed and Python went on at once, while the host goes on only when
        every other task of it has ended""",
        "let activities return failures as values, and look at them after the task_all",
    )
    FAILED_ALL_WITH_RETRIES = (
        2,
        """a task of a task_all failed while another may still be retried: Python and the host
        number what follows differently, and results reach the wrong tasks""",
        "let activities return failures as values; put retried tasks into child orchestrations",
    )
    CALL_HTTP = (
        3,
        "call_http is polled by the host when the answer is 202, which Python does not know",
        "call HTTP from an activity",
    )
    LONG_TIMER = (
        4,
        """Python has left a timer of more than six days behind, and the host waits for its next
        hop""",
        "race against timers of at most six days, one for each wait",
    )
    EARLY_EVENT = (
        5,
        """an event that came before its wait has answered a second wait in Python, and the host
        still waits for another event""",
        "give every wait an event name of its own",
    )
    DROPPED_EVENT = (
        6,
        "events that had arrived and were not awaited are dropped by continue_as_new",
        "await every event before continue_as_new, or keep them in an activity's storage",
    )
    EVENT_CASE = (
        7,
        "an event's name differs from the awaited one in case: the host takes it, Python does not",
        "spell event names alike where they are raised and where they are awaited",
    )
    OLD_AND_NEW = (
        8,
        """a task_any or task_all had tasks that were yielded before: the host waits for the new
        ones alone, while Python goes on with an old one""",
        "make every task of a compound anew, or use child orchestrations",
    )

    @property
    def number(self) -> int:
        """Its number, as in the documentation."""
        return self.value[0]


@dataclass(frozen=True)
class Divergence:
    """One place where the real host would not do what the Python code says."""

    case: Case
    orchestrator: str
    instance_id: str
    detail: str = ""

    def __str__(self) -> str:
        happens, remedy = (" ".join(text.split()) for text in self.case.value[1:])
        detail = f" ({self.detail})" if self.detail else ""
        return (
            f"Divergence {self.case.number} in orchestrator '{self.orchestrator}', instance"
            f" '{self.instance_id}': {happens}{detail}. Remedy: {remedy}."
        )


def cases_in(
    shim: Shim, actions: Sequence[Action], state: Mapping[str, Any]
) -> list[tuple[Case, str]]:
    """Return the cases that show after all events were processed, each with a detail."""
    found = [(Case.EVENT_CASE, f"'{came}' for '{awaited}'") for came, awaited in shim.misspelt]
    if shim.continues_with is not None and (dropped := [n for n, c in shim.early.items() if c]):
        found.append((Case.DROPPED_EVENT, ", ".join(dropped)))
    stalled = _stalled(shim, actions, state)
    return [*found, (stalled, "")] if stalled else found


def _stalled(shim: Shim, actions: Sequence[Action], state: Mapping[str, Any]) -> Case | None:
    """Say why the host waits for an action that the SDK has left behind."""
    has_more = shim.position < len(actions)
    has_ended = bool(state.get("isDone") or state.get("error"))
    if shim.is_finished or shim.position == 0 or not (has_more or has_ended):
        return None
    action = actions[shim.position - 1]
    match int(action["actionType"]):
        case t if t == _EVENT:
            return Case.EARLY_EVENT
        case t if t == _TIMER:
            return Case.LONG_TIMER
        case t if t == _ALL and any(child.failed for child in shim.children):
            return _failed_all(action, shim.children) if has_more else None
        case t if t in {_ANY, _ALL}:
            return Case.OLD_AND_NEW
        case _:
            return None


def _failed_all(action: Action, children: Sequence[Promise]) -> Case:
    parts = zip(action["compoundActions"], children, strict=True)
    may_retry = any(_is_retried(part) and not child.ended for part, child in parts)
    return Case.FAILED_ALL_WITH_RETRIES if may_retry else Case.FAILED_ALL


def _is_retried(action: Action) -> bool:
    inner = action.get("compoundActions") or [action]
    return any(int(one["actionType"]) in _RETRIES for one in inner)
