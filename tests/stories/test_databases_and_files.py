"""From a database by way of an API to a file: each may be late, away, or not there at all."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient

from devhost_support.azurite import SharedAzurite
from support.app import the_app
from support.postgres import SharedPostgres
from support.querying import sqlite_file
from support.sources import Town, reply
from support.story import GatherInTheStory, Standstill, Story, a_plan

CANARY = "cAnArY-5e1f"
CLIENTS = """
create table clients (id int primary key, name text, region text, credit numeric);
insert into clients values (7, 'Ada & Co', 'north', 12.50), (8, 'Bob', 'south', 3);
"""
NORTHERN = {
    "database": "LEDGER",
    "query": "select id, name from clients where region = :region order by id",
    "params": {"region": "north"},
}
CALM = {"max_attempts": 3, "first_interval": "PT1M", "max_interval": "PT1M", "jitter": 0}

Opens = Callable[..., Story]


@pytest.fixture
def opens(azurite: SharedAzurite) -> Iterator[Opens]:
    """Return what opens a story in which an operator has set a database called LEDGER."""
    with ExitStack() as stack:

        def opened(database: str, **more: str) -> Story:
            connection = azurite.fresh_account()
            allowed = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"}
            settings = {"AzureWebJobsStorage": connection, **allowed, **more}
            app = the_app(azurite_clock=azurite.clock, GATHER_SQL_LEDGER=database, **settings)
            town = stack.enter_context(Town())
            return Story(stack.enter_context(app), town, connection)

        yield opened


@pytest.fixture
def clients(postgres: SharedPostgres) -> Iterator[SharedPostgres]:
    """A real PostgreSQL with clients in it."""
    for statement in CLIENTS.strip().split("\n"):
        postgres.run(statement)
    yield postgres
    postgres.run("drop table clients")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return sqlite_file(tmp_path / "clients.db", CLIENTS)
    return str(request.getfixturevalue("clients").url)


def put(story: Story, name: str, content: bytes) -> str:
    """Store a file where plans may read it; returns its ETag."""
    inputs = story.container("inputs")
    with suppress(ResourceExistsError):
        inputs.create_container()
    return str(inputs.upload_blob(name, content, overwrite=True).get_blob_properties().etag)


def test_rows_lead_to_an_api_and_its_answer_to_a_file(opens: Opens, database: str) -> None:
    story = opens(database)
    story.source("score").gives({"grade": "b"})
    etag = put(story, "limits/b.csv", b"product,limit\nbonds,1.50\n")
    plan = (
        a_plan()
        .asking_of("sql", "clients", **NORTHERN)
        .asking("score", query={"id": "${clients.rows[0].id}", "of": "${clients.rows[0].name}"})
        .asking_of("blob", "limits", container="inputs", name="limits/${score.grade}.csv")
    )

    gather = story.gathers(plan)

    assert story.source("score").last.query == {"id": ["7"], "of": ["Ada & Co"]}
    assert gather.dossier == {
        "clients": {"rows": [{"id": 7, "name": "Ada & Co"}]},
        "score": {"grade": "b"},
        "limits": [{"product": "bonds", "limit": "1.50"}],
    }
    assert gather.whole_dossier["asks"]["limits"]["etag"] == etag
    assert "etag" not in gather.whole_dossier["asks"]["clients"]


def test_a_file_that_arrives_later_is_waited_for_and_no_attempt_is_counted(opens: Opens) -> None:
    story = opens("sqlite:////nowhere")
    story.source("score").gives(1.0)
    late = {"container": "inputs", "name": "late.json", "wait_until_exists": True}
    plan = (
        a_plan()
        .asking_of("blob", "late", **late, retry={"max_attempts": 1})
        .asking("score", query={"of": "${late.name}"})
    )

    gather = story.start(plan)
    story.pass_time(hours=6)
    assert gather.status == "running"
    assert gather.waits_for("late") == ["the blob inputs/late.json"]
    put(story, "late.json", b'{"name": "Ada"}')
    gather.end(within=timedelta(hours=2))

    assert gather.dossier["late"] == {"name": "Ada"}
    assert story.source("score").last.query == {"of": ["Ada"]}
    assert len(gather.attempts_at("late")) == 1


def test_a_file_that_nobody_waits_for_is_missing_at_once(opens: Opens) -> None:
    story = opens("sqlite:////nowhere")
    begun = story.now
    plan = a_plan().asking_of("blob", "limits", container="inputs", name="limits.json")

    gather = story.gathers(plan)

    assert gather.reasons == {"limits": "refused"}
    assert story.now - begun < timedelta(seconds=1)


def test_a_file_is_waited_for_no_longer_than_to_the_deadline(opens: Opens) -> None:
    story = opens("sqlite:////nowhere")
    late = {"container": "inputs", "name": "late.json", "wait_until_exists": True}

    gather = story.gathers(a_plan(deadline="PT1H").asking_of("blob", "late", **late))

    assert gather.reasons == {"late": "deadline"}


def test_a_database_that_is_stopped_in_the_middle_is_asked_again_when_it_is_back(
    opens: Opens, clients: SharedPostgres
) -> None:
    story = opens(clients.url)
    bridge = Standstill(reply(b"8", "application/json"))
    story.source("bridge").gives(bridge)
    credit = {"database": "LEDGER", "query": "select credit from clients where id = :id"}
    plan = (
        a_plan()
        .asking_of("sql", "clients", **NORTHERN)
        .asking("bridge", needs=["clients"])
        .asking_of("sql", "credit", **credit, params={"id": "${bridge}"}, retry=CALM)
    )

    gather = story.start(plan)
    bridge.is_under_way()
    clients.kill()
    story.source("bridge").release()
    story.pass_time(seconds=30)
    assert [one["fault"]["kind"] for one in attempts_of(gather, "credit")] == ["passing"]
    clients.start()
    gather.end()

    assert gather.dossier["credit"] == {"rows": [{"credit": "3"}]}
    assert gather.attempts_at("credit") == [timedelta(0), timedelta(minutes=1)]
    assert gather.outcomes == dict.fromkeys(("clients", "bridge", "credit"), "kept")


def attempts_of(gather: GatherInTheStory, ask: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = gather.get("/timeline").json()["asks"][ask]["attempts"]
    return found


def test_the_way_to_a_database_and_a_secret_bound_there_are_written_nowhere(
    opens: Opens, clients: SharedPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    clients.run(f"create role reader login password '{CANARY}'")
    clients.run("grant select (id, name) on clients to reader")
    clients.require_password("reader")
    story = opens(clients.url_of("reader", CANARY), GATHER_SECRET_TOKEN=CANARY)
    plan = a_plan()
    for ask, query in {
        "answered": "select id from clients where name <> :it",
        "refused": "select credit from clients where name = :it",
        "broken": "select cast(:it as int)",
    }.items():
        params = {"it": {"secret": "TOKEN"}}
        plan.asking_of("sql", ask, database="LEDGER", query=query, params=params)

    gather = story.gathers(plan)

    assert gather.outcomes == {"answered": "kept", "refused": "missing", "broken": "missing"}
    written = caplog.text + "".join(gather.get(path).text for path in ("", "/timeline", "/dossier"))
    assert "reader" not in written
    assert CANARY not in written
    assert [name for name, content in everything(story) if CANARY.encode() in content] == []


def everything(story: Story) -> Iterator[tuple[str, bytes]]:
    """Return all blobs of the account, by name."""
    with BlobServiceClient.from_connection_string(story.connection) as service:
        for container in service.list_containers():
            blobs = service.get_container_client(container.name)
            for blob in blobs.list_blobs():
                yield blob.name, blobs.download_blob(blob.name).readall()
