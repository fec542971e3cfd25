import json

import pytest

from gather_once.model.errors import InvalidPlan
from gather_once.model.settings import Settings
from gather_once.plans.plan import parse_plan
from support.malformed import CASES, a, plan


@pytest.mark.parametrize(("raw", "pointer", "advice"), CASES)
def test_a_malformed_plan_is_refused_where_it_is_wrong(
    raw: object, pointer: str, advice: str
) -> None:
    for form in (raw, raw if isinstance(raw, bytes | str) else json.dumps(raw)):
        with pytest.raises(InvalidPlan) as caught:
            parse_plan(form, Settings())
        found = [defect for defect in caught.value.defects if defect.pointer == pointer]
        assert any(advice in defect.message for defect in found), caught.value.defects
        assert len({defect.pointer for defect in caught.value.defects}) == 1


def test_all_defects_are_told_at_once() -> None:
    wrong = {
        "deadline": "soon",
        "notify": {"queue": "elsewhere"},
        "asks": {
            "a": {"from": "http", "url": "no", "timeout": "PT1H", "bogus": 1, "needs": ["b", "z"]},
            "b": {"from": "sql", "database": "LEDGER", "params": {"x": "${c.y} ${nobody}"}},
            "c": {"from": "http", "url": "https://example.com/${b}", "headers": {"cookie": "x"}},
            "d": {"from": "human", "question": "?", "default": "x", "each": [1]},
        },
    }
    with pytest.raises(InvalidPlan) as caught:
        parse_plan(wrong, Settings())
    assert sorted({defect.pointer for defect in caught.value.defects}) == [
        "/asks/a/bogus",
        "/asks/a/needs/1",
        "/asks/a/timeout",
        "/asks/a/url",
        "/asks/b",  # waits for c, which waits for b
        "/asks/b/params/x",
        "/asks/b/query",
        "/asks/c/headers/cookie",
        "/asks/d/choices",
        "/asks/d/default",
        "/asks/d/each",
        "/deadline",
        "/notify",
    ]


def test_an_ask_that_says_no_kind_is_told_which_there_are() -> None:
    with pytest.raises(InvalidPlan) as caught:
        parse_plan({"asks": {"a": {}}}, Settings())
    (defect,) = caught.value.defects
    assert defect.pointer == "/asks/a/from"
    assert defect.message.startswith("this is missing: `from` says the kind of source; there are")


def test_too_many_defects_are_counted_but_not_told() -> None:
    needs = [f"nobody{n}" for n in range(10_000)]
    with pytest.raises(InvalidPlan) as caught:
        parse_plan(a(needs=needs), Settings())
    *shown, last = caught.value.defects
    assert len(shown) == 200
    assert last.message.startswith("there are 9,800 more errors")


def test_every_defect_is_said_in_our_words_and_not_at_length() -> None:
    for raw, _, _ in CASES:
        with pytest.raises(InvalidPlan) as caught:
            parse_plan(raw, Settings())
        for defect in caught.value.defects:
            assert not {"Input", "Value", "error"} & set(defect.message.split())
            assert "; " in defect.message or "," in defect.message or "write " in defect.message
            assert 20 < len(defect.message) < 500


def test_secrets_that_are_refused_are_not_repeated() -> None:
    canary = "hush-3f9c"
    leaky = [
        a(headers={"authorization": canary}),
        a(query={"code": canary}),
        a(url=f"https://u:{canary}@example.com/"),
        a(url=f"https://example.com/?sig={canary}"),
        plan(notify={"webhook": f"https://example.com/?sig={canary}"}),
    ]
    for raw in leaky:
        with pytest.raises(InvalidPlan) as caught:
            parse_plan(raw, Settings())
        assert canary not in str(caught.value)
