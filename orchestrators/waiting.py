"""Waits for an activity's last word: calls it again and again, with durable pauses between."""

from datetime import datetime
from typing import Any, Final

import azure.durable_functions as df

from gather_once.model.wire import moment_to_wire
from orchestrators.calling import Steps, call, next_look

LOOKS: Final = 10
"""Pauses in one execution. A replay costs what its history is long, so that a month of looks would
cost with the square of their number; a new execution forgets those that brought nothing."""
ANEW: Final[dict[str, Any]] = {"status": "anew"}
"""What is answered in place of a last word where the orchestrator goes on in a new execution."""


UNTRIED: Final[dict[str, Any]] = {"attempts": 0, "waits_for": None, "next_attempt_at": None}
"""How an ask stands before its first attempt."""


def show_standing(context: df.DurableOrchestrationContext, given: dict[str, Any]) -> None:
    """Set the custom status that the execution before ended with; the first thing in each.

    The extension keeps no custom status over `continue_as_new`: progress would show neither
    attempts nor a list's items until the next pause.
    """
    context.set_custom_status(given.get("waiting", {}).get("standing", UNTRIED))


def settled(context: df.DurableOrchestrationContext, activity: str, given: dict[str, Any]) -> Steps:
    """Call until the answer is neither `pause` nor `look_again`, and return it, or CRASHED.

    `pause` names the moment of the next call (`until`), `look_again` only what is waited for
    (`waits_for`). No pause goes past `given["deadline"]`. The custom status says how it stands.
    After so many looks the orchestrator is started anew with `given`, and ANEW is returned: it has
    to return then, and to come back here by itself when it is started with that.
    """
    waited_for, began = _waiting_since(context, given)
    given = {name: value for name, value in given.items() if name != "waiting"}
    for _ in range(LOOKS):
        answer = yield from call(context, activity, given)
        if answer["status"] not in {"pause", "look_again"}:
            return answer
        if answer.get("waits_for") is None or answer["waits_for"] != waited_for:
            waited_for, began = answer.get("waits_for"), context.current_utc_datetime
        wake_at = _wake_at(context.current_utc_datetime, began, answer, given)
        standing = _standing(answer, wake_at)
        context.set_custom_status(standing)
        yield context.create_timer(wake_at)
    waiting = {"for": waited_for, "since": moment_to_wire(began), "standing": standing}
    context.continue_as_new({**given, "waiting": waiting})
    return ANEW


def _waiting_since(
    context: df.DurableOrchestrationContext, given: dict[str, Any]
) -> tuple[str | None, datetime]:
    if "waiting" not in given:
        return None, context.current_utc_datetime
    return given["waiting"]["for"], datetime.fromisoformat(given["waiting"]["since"])


def _wake_at(
    now: datetime, began: datetime, answer: dict[str, Any], given: dict[str, Any]
) -> datetime:
    """Return when to look again: at the moment named, or by the time waited; never past the end."""
    is_named = answer["status"] == "pause"
    wake_at = datetime.fromisoformat(answer["until"]) if is_named else next_look(now, began)
    deadline = datetime.fromisoformat(given["deadline"])
    return min(wake_at, deadline) if now < deadline else wake_at  # never at once, again and again


def _standing(answer: dict[str, Any], wake_at: datetime) -> dict[str, Any]:
    """Return what a gather's progress shows of an ask that is not at its end."""
    standing = {
        "attempts": answer.get("attempts", 0),
        "waits_for": answer.get("waits_for"),
        "next_attempt_at": moment_to_wire(wake_at),
    }
    return standing | ({"items": answer["items"]} if "items" in answer else {})
