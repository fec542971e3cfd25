"""From the rows of a database, by a call for each to an API, to a file for each."""

from contextlib import suppress
from pathlib import Path

from azure.core.exceptions import ResourceExistsError

from devhost_support.azurite import SharedAzurite
from support.app import the_app
from support.lists import ManyScripts
from support.querying import sqlite_file
from support.sources import Town
from support.story import Story, a_plan

ROWS = "".join(f"insert into clients values ({n}, 'client {n}');\n" for n in range(40))  # noqa: S608  numbers
CLIENTS = f"create table clients (id int primary key, name text);\n{ROWS}"


def put(story: Story, name: str, content: bytes) -> None:
    inputs = story.container("inputs")
    with suppress(ResourceExistsError):
        inputs.create_container()
    inputs.upload_blob(name, content, overwrite=True)


def test_rows_lead_to_calls_and_calls_to_files(azurite: SharedAzurite, tmp_path: Path) -> None:
    connection = azurite.fresh_account()
    settings = {
        "AzureWebJobsStorage": connection,
        "GATHER_ALLOW_LOOPBACK": "1",
        "GATHER_ALLOWED_HOSTS": "*",
        "GATHER_SQL_LEDGER": sqlite_file(tmp_path / "clients.db", CLIENTS),
    }
    grades = ManyScripts(lambda item, before: {"grade": "ab"[item % 2]} if before else 503)
    with Town() as town, the_app(azurite_clock=azurite.clock, **settings) as host:
        story = Story(host, town, connection)
        story.source("grades").gives(grades)
        put(story, "limits/a.json", b'{"limit": 1}')
        plan = (
            a_plan()
            .asking_of("sql", "clients", database="LEDGER", query="select * from clients")
            .asking("grades", "grades/${each.id}", each="${clients.rows}", max_parallel=40)
            .asking_of(
                "blob",
                "limits",
                each="${grades[0:4]}",
                container="inputs",
                name="limits/${each.grade}.json",
                wait_until_exists=True,
            )
        )

        gather = story.start(plan)
        story.pass_time(minutes=10)
        assert gather.progress["asks"]["limits"]["items"]["open"] == 2
        put(story, "limits/b.json", b'{"limit": 2}')
        gather.end()

        assert gather.dossier["grades"] == [{"grade": "ab"[n % 2]} for n in range(40)]
        assert gather.dossier["limits"] == [{"limit": 1}, {"limit": 2}] * 2
        assert grades.attempts == dict.fromkeys(range(40), 2)
