from typing import Any

import pytest

from gather_once.model.key import key_of
from gather_once.model.settings import Settings
from gather_once.plans.asks import Ask
from gather_once.plans.expressions import NotResolved
from gather_once.plans.plan import parse_plan
from gather_once.plans.requests import items_of, request_of

URL = "https://example.com/"
OTHERS = {name: {"from": "http", "url": URL} for name in ("x", "y")}


def an_ask(kind: str = "http", **fields: Any) -> Ask:
    given = {"url": URL} if kind == "http" else {}
    plan = {"asks": {"a": {"from": kind, **given, **fields}, **OTHERS}}
    return parse_plan(plan, Settings()).asks["a"]


def test_an_http_request_says_all_that_is_asked() -> None:
    ask = an_ask(
        url=URL + "${x.id}",
        method="post",
        query={"day": "${x.day}", "n": 3},
        headers={"X-Day": "d ${x.day}", "Authorization": {"secret": "TOKEN"}},
        body={"rows": "${y}"},
    )
    assert request_of(ask, {"x": {"id": "a/b", "day": 31}, "y": [1, 2]}) == {
        "url": URL + "a%2Fb",
        "method": "POST",
        "query": {"day": 31, "n": 3},
        "headers": {"x-day": "d 31", "authorization": {"secret": "TOKEN"}},
        "body": {"rows": [1, 2]},
    }


def test_other_kinds_say_all_that_is_asked() -> None:
    sql = an_ask("sql", database="LEDGER", query="select :day", params={"day": "${x}"})
    assert request_of(sql, {"x": 31}) == {
        "database": "LEDGER",
        "query": "select :day",
        "params": {"day": 31},
    }
    blob = an_ask("blob", container="inputs", name="${x}.json", wait_until_exists=True)
    assert request_of(blob, {"x": "q3"}) == {"container": "inputs", "name": "q3.json"}
    compute = an_ask("compute", function="pi", input="${x}", shards=4)
    assert request_of(compute, {"x": [1]}) == {"function": "pi", "version": None, "input": [1]}
    human = an_ask("human", question="${x}?", form={"why": {}}, context="${y}", assignee="desk")
    assert request_of(human, {"x": "Go", "y": {"risk": 1}}) == {
        "question": "Go?",
        "context": {"risk": 1},
        "choices": None,
        "form": {"why": {"type": "text", "label": None, "required": True}},
        "assignee": "desk",
    }


def test_how_is_no_part_of_what_is_asked() -> None:
    plain = request_of(an_ask(), {})
    eager = an_ask(
        timeout="PT1S",
        retry={"max_attempts": 1},
        needs=["x"],
        optional=True,
        fresh_for="P1D",
        idempotent=False,
        method="get",
    )
    assert key_of("http", request_of(eager, {})) == key_of("http", plain)


@pytest.mark.parametrize(
    "fields",
    [
        {"query": {"q": "${x}"}},
        {"headers": {"h": "${x}"}},
        {"headers": {"x-api-key": {"secret": "OWN"}, "h": "${x}"}},
    ],
)
@pytest.mark.parametrize("answer", [{"secret": "OTHER_TOKEN"}, ["a"], {}])
def test_no_answer_of_a_source_can_name_a_secret(fields: dict[str, Any], answer: Any) -> None:
    with pytest.raises(NotResolved, match="is not allowed here"):
        request_of(an_ask(**fields), {"x": answer})


def test_what_must_be_text_must_become_text() -> None:
    with pytest.raises(NotResolved) as caught:
        request_of(an_ask(url="${x}"), {"x": 5})
    assert caught.value.pointer == "/url"
    assert request_of(an_ask(url="${x}"), {"x": URL})["url"] == URL


def test_a_list_may_stand_in_the_plan_or_come_from_an_answer() -> None:
    assert items_of(an_ask(), {}, at_most=9) is None
    assert items_of(an_ask(each=[1, "${x}"]), {"x": 2}, at_most=2) == [1, 2]
    assert items_of(an_ask(each="${x.items}"), {"x": {"items": []}}, at_most=2) == []


@pytest.mark.parametrize("answer", [None, {"items": None}, {"items": {}}, {"items": [1, 2, 3]}])
def test_what_gives_no_list_or_too_long_a_one_is_said(answer: Any) -> None:
    with pytest.raises(NotResolved) as caught:
        items_of(an_ask(each="${x.items}"), {"x": answer}, at_most=2)
    assert caught.value.pointer == "/each"
