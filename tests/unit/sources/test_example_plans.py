"""The plans in examples/ can be carried out, and the town does what its description says."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from examples.town import TOKEN, Town, server_of
from gather_once.http_client.call import Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.media import view
from gather_once.model.names import EACH
from gather_once.model.settings import Settings
from gather_once.plans.graph import order_of
from gather_once.plans.plan import Plan, parse_plan
from gather_once.plans.requests import items_of, request_of
from gather_once.sources.http import HttpSource

PLANS = Path(__file__).parents[3] / "examples" / "plans"
ON_LOOPBACK = Settings.of({"GATHER_ALLOW_LOOPBACK": "1"})
SECRETS = Secrets({"GATHER_SECRET_TOWN_TOKEN": TOKEN})


@pytest.fixture
def base() -> Iterator[str]:
    with server_of(Town(slow=0), 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.002,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def ask(request: dict[str, Any]) -> tuple[Any, list[Fault]]:
    """Ask until there is an answer, or a fault that does not pass."""
    faults: list[Fault] = []
    while not faults or faults[-1].kind.may_pass:
        try:
            answer = HttpSource().fetch(
                Call(request, timedelta(seconds=10), "asking-1", SECRETS, ON_LOOPBACK)
            )
        except SourceFailed as failed:
            faults.append(failed.fault)
        else:
            return view(answer.content, answer.media_type), faults
    return None, faults


def carried_out(plan: Plan) -> tuple[dict[str, Any], dict[str, list[str]]]:
    answers: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name in order_of(plan.asks):
        one = plan.asks[name]
        items = items_of(one, answers, at_most=100)
        scopes = [answers] if items is None else [{**answers, EACH: item} for item in items]
        told = [ask(request_of(one, scope)) for scope in scopes]
        answers[name] = told[0][0] if items is None else [answer for answer, _ in told]
        faults[name] = [fault.kind.value for _, met in told for fault in met]
    return answers, faults


def test_the_towns_plan_is_carried_out_among_its_faults(
    base: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (PLANS / "town.json").read_text().replace("http://127.0.0.1:7072", base)

    answers, faults = carried_out(parse_plan(text, ON_LOOPBACK))

    assert {name: met for name, met in faults.items() if met} == {
        "rates": ["passing", "passing"],
        "limits": ["throttled"],
        "archive": ["refused"],
    }
    assert answers["quote"] == {
        "number": 1,
        "for": {
            "client": "Ada",
            "usd": 1.08,
            "limit": "750000",
            "archive": None,
            "note": "The sky is clear.",
        },
    }
    assert [client["name"] for client in answers["details"]] == ["Ada", "Bob", "Cleo"]
    assert answers["asked"]["/rates"] == 3
    capsys.readouterr()  # what http.server says about each request


def test_the_public_plan_asks_what_its_description_tells_to_allow() -> None:
    described = (PLANS.parent / "README.md").read_text()
    hosts = next(line for line in described.splitlines() if "GATHER_ALLOWED_HOSTS" in line)
    settings = Settings.of({"GATHER_ALLOWED_HOSTS": hosts.split("`")[3]})

    plan = parse_plan((PLANS / "public.json").read_text(), settings)

    assert {"place", "weather", "rates", "holidays"} == set(plan.asks)


def test_the_same_quote_is_not_made_twice(base: str, capsys: pytest.CaptureFixture[str]) -> None:
    request = {"method": "POST", "url": f"{base}/quotes", "body": "null"}

    assert ask(request) == ask(request)
    capsys.readouterr()  # same
