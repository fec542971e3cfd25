import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.model.errors import InvalidPlan
from gather_once.model.settings import Settings
from gather_once.model.targets import Secret
from gather_once.plans.asks import ComputeAsk, HttpAsk, HumanAsk, SqlAsk
from gather_once.plans.notify_target import ToBlob, ToQueue, ToWebhook
from gather_once.plans.plan import Plan, parse_plan, plan_digest
from gather_once.plans.retry import RetryPolicy

SETTINGS = Settings()
EVERY_KIND: dict[str, Any] = {
    "id": "q3-exposure",
    "start_at": "2030-12-01T06:00:00Z",
    "deadline": "P2D",
    "asks": {
        "rates": {"from": "http", "url": "https://example.com/rates", "fresh_for": "P1D"},
        "positions": {
            "from": "sql",
            "database": "LEDGER",
            "query": "select * from positions where day = :day",
            "params": {"day": "2030-09-30", "who": {"secret": "TRADER"}},
        },
        "limits": {
            "from": "blob",
            "container": "inputs",
            "name": "limits.json",
            "wait_until_exists": True,
        },
        "clients": {
            "from": "http",
            "url": "https://example.com/clients",
            "headers": {"authorization": {"secret": "CLIENTS_TOKEN"}},
        },
        "scores": {
            "from": "http",
            "each": "${clients.items}",
            "url": "https://example.com/clients/${each.id}/score",
            "max_parallel": 50,
        },
        "risk": {
            "from": "compute",
            "function": "value_at_risk",
            "input": {"positions": "${positions.rows}", "rates": "${rates}"},
            "shards": 16,
        },
        "sign_off": {
            "from": "human",
            "question": "Release the report of ${limits.day}?",
            "choices": ["yes", "no"],
            "assignee": "risk-desk",
            "needs": ["risk"],
            "remind_every": "P1D",
            "timeout": "P3D",
            "default": "no",
        },
    },
    "notify": {"queue": "completions"},
}


def parsed(plan: object, settings: Settings = SETTINGS, **more: Any) -> Plan:
    return parse_plan(plan, settings, **more)


def one(**ask: Any) -> dict[str, Any]:
    return {"asks": {"a": {"from": "http", "url": "https://example.com/", **ask}}}


def test_a_plan_with_every_kind_of_source_is_read() -> None:
    plan = parsed(json.dumps(EVERY_KIND).encode())
    assert plan.id == "q3-exposure"
    assert plan.start_at == datetime(2030, 12, 1, 6, tzinfo=UTC)
    assert plan.deadline == timedelta(days=2)
    assert plan.notify == ToQueue("completions")
    assert [ask.kind for ask in plan.asks.values()] == [
        *("http", "sql", "blob", "http", "http", "compute", "human"),
    ]
    clients, positions = plan.asks["clients"], plan.asks["positions"]
    assert isinstance(clients, HttpAsk)
    assert clients.headers == {"authorization": Secret("CLIENTS_TOKEN")}
    assert isinstance(positions, SqlAsk)
    assert positions.params == {"day": "2030-09-30", "who": Secret("TRADER")}


def test_text_bytes_and_values_are_the_same_plan() -> None:
    text = json.dumps(EVERY_KIND)
    assert parsed(text) == parsed(text.encode()) == parsed(EVERY_KIND)


def test_what_a_plan_leaves_out_has_its_default() -> None:
    plan = parsed(one())
    ask = plan.asks["a"]
    assert isinstance(ask, HttpAsk)
    assert (plan.id, plan.start_at, plan.notify) == (None, None, None)
    assert plan.deadline == timedelta(days=365)
    assert ask.timeout == timedelta(seconds=30)
    assert ask.retry == RetryPolicy(
        max_attempts=5,
        first_interval=timedelta(seconds=1),
        backoff_coefficient=2,
        max_interval=timedelta(minutes=5),
        jitter=0.2,
    )
    assert (ask.method, ask.body, ask.each, ask.max_parallel) == ("GET", None, None, 25)
    assert not ask.optional
    assert not ask.is_shared


def test_the_default_deadline_keeps_within_what_is_allowed() -> None:
    settings = Settings.of({"GATHER_MAX_DEADLINE": "P7D"})
    assert parsed(one(), settings).deadline == timedelta(days=7)


@pytest.mark.parametrize(
    ("ask", "is_idempotent"),
    [
        ({}, True),
        ({"method": "post"}, False),
        ({"method": "PATCH"}, False),
        ({"method": "PUT"}, True),
        ({"method": "DELETE"}, True),
        ({"method": "POST", "idempotent": True}, True),
        ({"idempotent": False}, False),
    ],
)
def test_what_may_act_twice_is_not_repeated_unless_the_plan_says_so(
    ask: dict[str, Any],
    is_idempotent: bool,  # noqa: FBT001  # a parametrized expectation
) -> None:
    assert parsed(one(**ask)).asks["a"].is_idempotent is is_idempotent


def test_a_computation_answers_everywhere_for_ever() -> None:
    ask = parsed({"asks": {"a": {"from": "compute", "function": "pi"}}}).asks["a"]
    assert isinstance(ask, ComputeAsk)
    assert ask.is_shared
    assert ask.fresh_for is None


def test_a_question_stands_open_unless_it_has_a_limit() -> None:
    ask = parsed({"asks": {"a": {"from": "human", "question": "?", "choices": ["y"]}}}).asks["a"]
    assert isinstance(ask, HumanAsk)
    assert ask.timeout is None


def test_a_form_is_read() -> None:
    form = {"amount": {"type": "number", "label": "How much?"}, "why": {"required": False}}
    ask = parsed({"asks": {"a": {"from": "human", "question": "?", "form": form}}}).asks["a"]
    assert isinstance(ask, HumanAsk)
    assert ask.form is not None
    assert not ask.form["why"].required


@pytest.mark.parametrize(
    ("notify", "expected"),
    [
        ({"queue": "completions"}, ToQueue("completions")),
        ({"webhook": "https://example.com/done"}, ToWebhook("https://example.com/done")),
        ({"blob": "delivered/2030/q3.json"}, ToBlob("delivered", "2030/q3.json")),
    ],
)
def test_a_gather_can_be_told_of_in_three_ways(notify: dict[str, str], expected: object) -> None:
    assert parsed({**one(), "notify": notify}).notify == expected


def test_the_id_of_the_path_is_the_plans_id() -> None:
    assert parsed(one(), id="from-path").id == "from-path"
    assert parsed({**one(), "id": "from-path"}, id="from-path").id == "from-path"
    with pytest.raises(InvalidPlan) as caught:
        parsed({**one(), "id": "other"}, id="from-path")
    assert [defect.pointer for defect in caught.value.defects] == ["/id"]


def test_a_plan_starts_when_it_says() -> None:
    now = datetime(2030, 1, 31, tzinfo=UTC)
    later = now + timedelta(hours=2)
    assert parsed(one()).starts_at(now) == now
    assert parsed({**one(), "start_in": "PT2H"}).starts_at(now) == later
    assert parsed({**one(), "start_at": "2030-01-31T03:00:00+01:00"}).starts_at(now) == later
    assert parsed({**one(), "start_at": "2020-01-01T00:00:00Z"}).starts_at(now) == now


def test_only_what_was_sent_makes_the_digest_and_the_id_does_not() -> None:
    plan = parsed(EVERY_KIND)
    turned = dict(reversed(EVERY_KIND.items()))
    assert plan_digest(plan) == plan_digest(parsed(json.dumps(turned, indent=3)))
    assert plan_digest(plan) == plan_digest(parsed({**EVERY_KIND, "id": "another"}))
    assert plan_digest(plan) != plan_digest(parsed({**EVERY_KIND, "deadline": "P3D"}))
    assert plan_digest(parsed(one())) != plan_digest(parsed(one(method="GET")))


def test_only_what_is_available_here_can_be_asked() -> None:
    with pytest.raises(InvalidPlan) as caught:
        parsed(EVERY_KIND, kinds={"http"})
    pointers = [defect.pointer for defect in caught.value.defects]
    assert pointers == [f"/asks/{ask}/from" for ask in ("positions", "limits", "risk", "sign_off")]
    assert "sql is not available here; there are http" in caught.value.defects[0].message


@pytest.mark.parametrize(
    ("ask", "pointer"),
    [
        ({"function": "value_at_rsk"}, "/asks/a/function"),
        ({"function": "value_at_risk", "version": 3}, "/asks/a/version"),
        ({"function": "value_at_risk", "version": 1, "shards": 2}, "/asks/a/shards"),
    ],
)
def test_only_registered_functions_can_be_computed(ask: dict[str, Any], pointer: str) -> None:
    functions = {"value_at_risk": {1: False, 2: True}}
    plan = {"asks": {"a": {"from": "compute", **ask}}}
    with pytest.raises(InvalidPlan) as caught:
        parsed(plan, functions=functions)
    assert [defect.pointer for defect in caught.value.defects] == [pointer]
    known = {"asks": {"a": {"from": "compute", "function": "value_at_risk", "shards": 2}}}
    assert parsed(known, functions=functions)


def at_every_limit() -> dict[str, Any]:
    """A plan that asks for as much as is allowed, in everything that has a limit."""
    most = {
        "from": "http",
        "url": "https://example.com/${each}",
        "each": list(range(10_000)),
        "max_parallel": 1_000,
        "timeout": "PT10M",
        "retry": {"max_attempts": 20},
    }
    human = {
        "from": "human",
        "question": "?",
        "choices": [str(n) for n in range(20)],
        "timeout": "P1Y",
    }
    compute = {"from": "compute", "function": "pi", "shards": 1_000}
    rest = {f"a{n}": {"from": "http", "url": "https://example.com/"} for n in range(196)}
    plan: dict[str, Any] = {
        "deadline": "P1Y",
        "start_in": "P1Y",
        "asks": {"most": most, "human": human, "compute": compute, **rest},
    }
    plan["asks"]["padding"] = {"from": "http", "url": "https://example.com/", "method": "PUT"}
    plan["asks"]["padding"]["body"] = ""
    short = 256 * 1024 - len(json.dumps(plan))
    plan["asks"]["padding"]["body"] = "x" * short
    return plan


def test_a_plan_at_every_limit_is_accepted() -> None:
    text = json.dumps(at_every_limit())
    assert len(text) == 256 * 1024
    assert len(parsed(text).asks) == 200


@pytest.mark.parametrize(
    ("path", "value", "pointer"),
    [
        (("asks", "padding", "body"), "x" * 256 * 1024, ""),
        (("asks", "one_more"), {"from": "http", "url": "https://example.com/"}, "/asks"),
        (("asks", "most", "each"), list(range(10_001)), "/asks/most/each"),
        (("asks", "most", "max_parallel"), 1_001, "/asks/most/max_parallel"),
        (("asks", "most", "timeout"), "PT10M1S", "/asks/most/timeout"),
        (("asks", "most", "retry", "max_attempts"), 21, "/asks/most/retry/max_attempts"),
        (("asks", "compute", "shards"), 1_001, "/asks/compute/shards"),
        (("asks", "human", "timeout"), "P1YT1S", "/asks/human/timeout"),
        (("asks", "human", "choices"), [str(n) for n in range(21)], "/asks/human/choices"),
        (("deadline",), "P1YT1S", "/deadline"),
        (("start_in",), "P1YT1S", "/start_in"),
    ],
)
def test_one_more_than_a_limit_is_refused(path: tuple[str, ...], value: Any, pointer: str) -> None:
    plan = at_every_limit()
    if path != ("asks", "padding", "body"):
        plan["asks"]["padding"]["body"] = ""
    *way, last = path
    place = plan
    for step in way:
        place = place[step]
    place[last] = value
    with pytest.raises(InvalidPlan) as caught:
        parsed(json.dumps(plan))
    assert [defect.pointer for defect in caught.value.defects] == [pointer]


def test_a_plan_given_as_a_value_has_the_same_limit_of_size() -> None:
    with pytest.raises(InvalidPlan, match="bytes"):
        parsed(one(method="PUT", body="x" * 256 * 1024))
