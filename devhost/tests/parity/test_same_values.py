import itertools
import json
from typing import Any

import pytest

from devhost.context import RetryContext, RetryFailure
from devhost.values import Datum
from devhost_support.parity import REQUEST, Both, Call, Failed

# Each is given once in a process, by whichever test comes first.
pytestmark = pytest.mark.filterwarnings(
    "ignore:azure.functions df_loads was called without expected_type:DeprecationWarning",
    "ignore:azure.functions Durable JSON codec reconstructed:DeprecationWarning",
)

METADATA = {
    "Id": Datum("m1", "string"),
    "PopReceipt": Datum("receipt", "string"),
    "QueueTrigger": Datum("text", "string"),
    "DequeueCount": Datum("2", "json"),
    "InsertionTime": Datum('"2026-01-01T00:00:00+00:00"', "json"),
    "ExpirationTime": Datum('"2026-01-08T00:00:00.1234567+00:00"', "json"),
    "NextVisibleTime": Datum('"2026-01-01T00:10:00Z"', "json"),
}


@pytest.mark.parametrize(
    "name",
    ["mirror", "mirror_slowly", "bare", "rich", "text", "sends", "with_context", "client_of"],
)
def test_an_http_function_answers_the_same(both: Both, name: str) -> None:
    assert both.do(Call(name, REQUEST)).returned


def test_the_context_of_a_coroutine_says_the_same(both: Both) -> None:
    retry = RetryContext(1, 3, RetryFailure("a", "b", "c"))

    done = both.do(Call("with_context_async", REQUEST, retry=retry))

    assert '"retry": [1, 3' in done.returned[1]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *itertools.product(
            ["same", "same_async", "as_text", "a_tuple", "returns_nothing", "activity_sends"],
            ["null", '"text"', "plain text", "", "0", "[1, {}]", '{"a": {"ä": 1.5}}', '"\\u00e4"'],
        ),
        ("a_thing", "3"),
        ("size", '{"__class__": "Thing", "__module__": "function_app", "__data__": "3"}'),
    ],
)
def test_an_activity_takes_and_gives_the_same(both: Both, name: str, text: str) -> None:
    both.do(Call(name, Datum(text, "string")))


@pytest.mark.parametrize(
    ("name", "body", "metadata"),
    [
        *itertools.product(
            ["message", "message_async", "message_text"],
            [Datum("text", "string"), Datum('{"a": 1}', "string"), Datum("", "string")],
            [METADATA, {}],
        ),
        ("message", Datum(b"bytes", "bytes"), METADATA),
        ("message_bytes", Datum(b"\xff", "bytes"), METADATA),
        ("message_with_client", Datum("text", "string"), METADATA),
    ],
)
def test_a_message_is_the_same(
    both: Both, name: str, body: Datum, metadata: dict[str, Datum]
) -> None:
    both.do(Call(name, body, metadata))


def test_every_value_is_put_out_alike_or_fails_alike(both: Both) -> None:
    names = [
        one.name
        for one in both.devhost.app.functions
        if one.name.startswith(("queue_", "blob_")) and one.kind == "queueTrigger"
    ]
    sent = set()
    for name in names:
        ours, theirs = both.call(Call(name, Datum("", "string")))
        if isinstance(ours, Failed) and isinstance(theirs, Failed):
            assert (name, ours.text) == (name, theirs.text)
        else:
            assert (name, ours) == (name, theirs)
            sent.add(name)

    assert len(names) == 62
    assert {"queue_text", "queue_list", "queue_str_true", "blob_bytes_bytes"} <= sent


@pytest.mark.parametrize("name", ["tick", "tick_async"])
@pytest.mark.parametrize(
    "timer",
    [
        {
            "Schedule": {"AdjustForDST": True},
            "ScheduleStatus": {"Last": "a", "Next": "b", "LastUpdated": "c"},
            "IsPastDue": True,
        },
        {"Schedule": {"AdjustForDST": False}, "ScheduleStatus": None, "IsPastDue": False},
    ],
)
def test_a_timer_is_the_same(both: Both, name: str, timer: dict[str, Any]) -> None:
    metadata = {"TimerTrigger": Datum("01/01/2026 00:00:00", "string")}
    both.do(Call(name, Datum(json.dumps(timer), "json"), metadata))


def event(kind: int, number: int = -1, **more: Any) -> dict[str, Any]:
    moment = "2026-01-01T00:00:00.0000000Z"
    return {"EventType": kind, "EventId": number, "IsPlayed": False, "Timestamp": moment} | more


def replay(name: str, *more: dict[str, Any], given: object = None) -> Call:
    started = event(0, Name=name, Version="", Input=json.dumps(given))
    context = {
        "history": [event(12), started, *more],
        "input": json.dumps(given),
        "instanceId": "abc",
        "isReplaying": False,
        "parentInstanceId": None,
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 2,
    }
    return Call(name, Datum(json.dumps(context), "string"))


SCHEDULED = (event(4, 0, Name="same", Version="", Input='["\\"\\""]'), event(13), event(12))
COMPLETED = event(5, TaskScheduledId=0, Result='["a", "b"]')
TASK_FAILED = event(6, TaskScheduledId=0, Reason="of no use", Details="none")


@pytest.mark.parametrize(
    "call",
    [
        replay("flow", given=["a", "b"]),
        replay("flow", *SCHEDULED, COMPLETED, given=["a", "b"]),
        replay("at_once", given={"a": [1]}),
    ],
)
def test_an_orchestrator_decides_the_same(both: Both, call: Call) -> None:
    assert both.do(call).returned[0] == "json"


def test_an_orchestrator_that_never_yields_fails_without_a_state(both: Both) -> None:
    ours, theirs = both.fail(replay("fails_at_once"))

    assert ours.text == theirs.text == "ValueError: no luck"


@pytest.mark.parametrize(
    "call",
    [
        replay("returns_a_thing"),
        replay("flow", *SCHEDULED, TASK_FAILED, given=["a", "b"]),
    ],
)
def test_a_failed_orchestrator_says_the_same(both: Both, call: Call) -> None:
    ours, theirs = both.fail(call)

    assert "$OutOfProcData$" in ours.text
    assert ours.text == theirs.text
