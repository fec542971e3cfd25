"""The asks of a plan, gathered by hand: a level after the other, each ask an activity with retries.

POST /api/gathers `{"id", "asks": {name: {"url", "needs": [name]}}}` starts a gather. An ask's
address is called once the asks that it needs have answered, with their answers in its query. What
this leaves to its callers is what Gather Once is for: an ask waits for all of the level before it,
one source that fails ends the gather, and a second start under one id asks everything again.
"""

import json
from collections.abc import Generator
from typing import Any

import azure.durable_functions as df
import azure.functions as func
import requests

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)

_RETRIES = df.RetryOptions(first_retry_interval_in_milliseconds=1000, max_number_of_attempts=3)
_TIMEOUT = 30  # seconds

Asks = dict[str, dict[str, Any]]


@app.route("gathers", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start a gather and answer with the links to follow it."""
    plan = req.get_json()
    started = await client.start_new("gather", plan.get("id"), plan["asks"])
    return client.create_check_status_response(req, started)


@app.orchestration_trigger(context_name="context")
def gather(context: df.DurableOrchestrationContext) -> Generator[Any, Any, dict[str, Any]]:
    """Return the answers by the names of their asks."""
    asks: Asks = context.get_input(expected_type=dict) or {}
    answers: dict[str, Any] = {}
    while len(answers) < len(asks):
        level = _next_level(asks, answers)
        calls = [
            context.call_activity_with_retry("ask", _RETRIES, _call(asks[name], answers))
            for name in level
        ]
        answers |= zip(level, (yield context.task_all(calls)), strict=True)
    return answers


def _next_level(asks: Asks, answers: dict[str, Any]) -> list[str]:
    """Return the open asks whose needs are all answered; there is always one."""
    level = [
        name
        for name, ask in asks.items()
        if name not in answers and all(need in answers for need in ask.get("needs", ()))
    ]
    if not level:
        raise ValueError(f"asks need each other or what is not in the plan: {[*asks]}")
    return level


def _call(ask: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    return {"url": ask["url"], "query": {need: answers[need] for need in ask.get("needs", ())}}


@app.activity_trigger(input_name="call")
def ask(call: dict) -> Any:  # type: ignore[type-arg]  # noqa: ANN401  the worker takes no dict[...]; any JSON
    """Call an address and return its JSON; raises for what is no answer, so that it is retried."""
    query = {name: json.dumps(answer) for name, answer in call["query"].items()}
    reply = requests.get(call["url"], params=query, timeout=_TIMEOUT)
    reply.raise_for_status()
    return reply.json()
