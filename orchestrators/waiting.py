"""Waits for an activity's last word: calls it again and again, with durable pauses between."""

from datetime import datetime
from typing import Any

import azure.durable_functions as df

from model.wire import moment_to_wire
from orchestrators.calling import Steps, call, next_look


def settled(context: df.DurableOrchestrationContext, activity: str, given: dict[str, Any]) -> Steps:
    """Call until the answer is neither `pause` nor `look_again`, and return it, or CRASHED.

    `pause` names the moment of the next call (`until`), `look_again` only what is waited for
    (`waits_for`). No pause goes past `given["deadline"]`. The custom status says how it stands.
    """
    waited_for, began = None, context.current_utc_datetime
    while True:
        answer = yield from call(context, activity, given)
        if answer["status"] not in {"pause", "look_again"}:
            return answer
        if answer.get("waits_for") is None or answer["waits_for"] != waited_for:
            waited_for, began = answer.get("waits_for"), context.current_utc_datetime
        wake_at = _wake_at(context.current_utc_datetime, began, answer, given)
        context.set_custom_status(_standing(answer, wake_at))
        yield context.create_timer(wake_at)


def _wake_at(
    now: datetime, began: datetime, answer: dict[str, Any], given: dict[str, Any]
) -> datetime:
    """Return when to look again: at the moment named, or by the time waited; never past the end."""
    is_named = answer["status"] == "pause"
    wake_at = datetime.fromisoformat(answer["until"]) if is_named else next_look(now, began)
    return min(wake_at, datetime.fromisoformat(given["deadline"]))


def _standing(answer: dict[str, Any], wake_at: datetime) -> dict[str, Any]:
    """Return what a gather's progress shows of an ask that is not at its end."""
    return {
        "attempts": answer.get("attempts", 0),
        "waits_for": answer.get("waits_for"),
        "next_attempt_at": moment_to_wire(wake_at),
    }
