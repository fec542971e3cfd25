from datetime import UTC, datetime
from typing import Any

import pytest

from gather_once.model.outcome import Outcome, OutcomeStatus, missing
from gather_once.model.progress import AskProgress, GatherStatus, progress_of
from gather_once.model.receipt import ReceiptSummary
from gather_once.model.settings import Limits, Settings
from gather_once.plans.plan import parse_plan
from gather_once.views.validation import max_calls

NOW = datetime(2030, 1, 31, 6, tzinfo=UTC)
SUMMARY = ReceiptSummary("k", "d", 2, "application/json", NOW)


def test_progress_says_of_every_ask_where_it_stands() -> None:
    needs = {
        "report": frozenset({"rates", "clients", "scores"}),
        "rates": frozenset[str](),
        "clients": frozenset[str](),
        "scores": frozenset({"clients"}),
    }
    outcomes = {
        "rates": Outcome("rates", OutcomeStatus.REUSED, receipt=SUMMARY),
        "scores": missing("scores", "deadline"),
    }
    progress = progress_of("q3", 2, GatherStatus.RUNNING, needs, outcomes)
    assert progress.asks == (
        AskProgress("report", waits_for=("clients",)),
        AskProgress("rates", OutcomeStatus.REUSED),
        AskProgress("clients"),
        AskProgress("scores", OutcomeStatus.MISSING, "deadline"),
    )
    assert progress.reused_asks == 1
    assert progress.open == ("report", "clients")


def test_what_has_an_outcome_waits_for_nothing() -> None:
    with pytest.raises(ValueError, match="waits for nothing"):
        AskProgress("a", OutcomeStatus.MISSING, "deadline", next_attempt_at=NOW)


@pytest.mark.parametrize(
    ("ask", "calls"),
    [
        ({}, 5),
        ({"retry": {"max_attempts": 2}}, 2),
        ({"each": [1, 2, 3]}, 15),
        ({"each": "${b.items}"}, 5 * 10_000),
        ({"from": "compute", "function": "pi", "url": None, "shards": 4}, 25),
        ({"from": "human", "question": "?", "choices": ["y"], "url": None}, 0),
    ],
)
def test_the_calls_of_a_plan_are_bounded(ask: dict[str, Any], calls: int) -> None:
    url = "https://example.com/"
    fields = {"from": "http", "url": url, **ask}
    asked = {name: value for name, value in fields.items() if value is not None}
    plan = parse_plan({"asks": {"a": asked, "b": {"from": "http", "url": url}}}, Settings())
    assert max_calls(plan, Limits()) == calls + 5
