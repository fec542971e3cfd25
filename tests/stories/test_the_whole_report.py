"""The whole report: database, list, per-item API, computation, sign-off; told on the queue."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from devhost_support.azurite import SharedAzurite
from support.app import the_app
from support.messages import Mailbox
from support.people import People
from support.querying import sqlite_file
from support.sources import Handler, Town, reply, status
from support.story import PlanInTheMaking, Story, a_plan

POSITIONS = """
create table positions (day text, rate text, value numeric);
insert into positions values ('2026-09-29', 'eur', 1);
insert into positions values ('2026-09-30', 'eur', 700), ('2026-09-30', 'usd', -300);
"""
RATES = {"eur": [1.0, 1.1, 1.05, 1.2, 1.15, 1.3], "usd": [1.0, 0.9, 1.0, 0.95, 1.1, 1.0]}
CLIENTS = [{"id": number} for number in range(60)]
HANGS, IS_DOWN_FIRST = 17, 40


class Scores:
    """An API of one score per client: one is down at first, one hangs while the host dies."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.hangs = threading.Event()

    def __call__(self, to: Handler, released: threading.Event) -> None:
        client = int(to.path.rpartition("/")[2])
        is_first = client not in self.asked
        self.asked.append(client)
        if client == HANGS and is_first:
            self.hangs.set()
            released.wait()
        elif client == IS_DOWN_FIRST and is_first:
            status(503)(to, released)
        else:
            reply(json.dumps({"score": client * 2}).encode(), "application/json")(to, released)


@pytest.fixture
def office(azurite: SharedAzurite, tmp_path: Path) -> Iterator[Story]:
    connection = azurite.fresh_account()
    settings = {
        "AzureWebJobsStorage": connection,
        "AzureWebJobs.timer_upkeep.Disabled": "0",
        "GATHER_MAINTENANCE_CRON": "0 0 */6 * * *",
        "GATHER_LINK_SIGNING_KEYS": "a key that signs the links of this story",
        "GATHER_SQL_LEDGER": sqlite_file(tmp_path / "ledger.db", POSITIONS),
        "GATHER_ALLOW_LOOPBACK": "1",
        "GATHER_ALLOWED_HOSTS": "*",
    }
    with Town() as town, the_app(azurite_clock=azurite.clock, **settings) as host:
        yield Story(host, town, connection)


def the_report() -> PlanInTheMaking:
    positions = {
        "database": "LEDGER",
        "query": "select rate, value from positions where day = :day order by rate",
        "params": {"day": "2026-09-30"},
    }
    book = {"positions": "${positions.rows}", "rates": "${rates}", "confidence": 0.8}
    sign_off: dict[str, Any] = {
        "question": "Release it? The worst loss is ${risk.worst_loss}.",
        "choices": ["yes", "no"],
        "needs": ["scores"],
        "remind_every": "P1D",
        "timeout": "P3D",
        "default": "no",
    }
    return (
        a_plan(id="q3-exposure", notify={"queue": "completions"})
        .asking_of("sql", "positions", **positions)
        .asking("rates")
        .asking("clients")
        .asking("scores", "score/${each.id}", each="${clients.items}", max_parallel=10)
        .computing("risk", "value_at_risk", book, shards=3)
        .asking_of("human", "sign_off", **sign_off)
    )


def test_the_whole_report_comes_together_though_the_host_dies_twice(office: Story) -> None:
    scores = Scores()
    office.source("rates").gives(RATES)
    office.source("clients").gives({"items": CLIENTS})
    office.source("score").gives(scores)

    gather = office.start(the_report())
    assert scores.hangs.wait(20)
    office.host.kill()
    office.source("score").release()
    people = People(office)
    assert office.host.until(lambda: bool(people.notices), office.now + timedelta(hours=1))
    office.host.kill()

    office.pass_time(days=2)
    asked, reminded = people.notices[0], people.notices[1:]
    assert len(reminded) == 1
    assert people.answer(asked.token, "yes").status_code == 200
    dossier = gather.end().dossier
    assert dossier["scores"] == [{"score": client["id"] * 2} for client in CLIENTS]
    assert dossier["risk"]["scenarios"] == 5
    assert dossier["sign_off"] == "yes"
    asked_again = {HANGS, IS_DOWN_FIRST}
    assert set(scores.asked) == set(range(60))
    assert {one for one in scores.asked if scores.asked.count(one) > 1} >= asked_again
    assert len(scores.asked) <= 60 + 10 + 1
    office.host.settle()
    (told,) = Mailbox(office.connection, "completions").gives()
    assert (told["id"], told["status"]) == ("q3-exposure", "completed")
