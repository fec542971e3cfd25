"""Queue functions of an unmodified app, on the real Azurite and in virtual time."""

import logging
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient

from devhost.testing import DevHost
from devhost_support.app_folders import AppFolder
from devhost_support.azurite import SharedAzurite
from devhost_support.rawqueue import RawQueue

APP = """
import threading
from datetime import timedelta
from typing import List

SEEN = []
GATE = threading.Event()
GATE.set()


@app.queue_trigger(arg_name="m", queue_name="%WORK%", connection="AzureWebJobsStorage")
@app.queue_output(arg_name="$return", queue_name="{to}", connection="")
@app.blob_output(arg_name="copy", path="papers/{name}-{rand-guid:N}.txt", connection="")
def eats(m: func.QueueMessage, copy: func.Out[str]) -> str:
    SEEN.append((m.get_body().decode(), m.dequeue_count))
    GATE.wait(10)
    body = m.get_json()
    if body.get("fails"):
        raise ValueError("told to")
    copy.set("about " + body["name"])
    return body["gives"]


@app.queue_trigger(arg_name="m", queue_name="flows", connection="Storage")
@app.durable_client_input(client_name="client")
async def begins(m: func.QueueMessage, client) -> None:
    await client.start_new("flow", m.get_body().decode())


@app.orchestration_trigger(context_name="context")
def flow(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(days=3))
    return (yield context.call_activity("sends", "x"))


@app.activity_trigger(input_name="text")
@app.queue_output(arg_name="out", queue_name="Told", connection="")
def sends(text: str, out: func.Out[List[str]]) -> str:
    out.set([text, "two"])
    return text


@app.queue_trigger(arg_name="m", queue_name="work-poison", connection="")
def buries(m: func.QueueMessage) -> None:
    SEEN.append(("buried " + m.get_body().decode(), m.dequeue_count))


@app.route("send", methods=["POST"])
@app.queue_output(arg_name="out", queue_name="%WORK%", connection="")
def send(req: func.HttpRequest, out: func.Out[bytes]) -> func.HttpResponse:
    out.set(req.get_body())
    return func.HttpResponse("sent")
"""


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


@dataclass
class Stage:
    """A host of the app above, and its queues as seen from outside."""

    host: DevHost
    connection: str

    @property
    def module(self) -> Any:
        return sys.modules["function_app"]

    @property
    def seen(self) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = self.module.SEEN
        return found

    def queue(self, name: str = "work") -> RawQueue:
        return RawQueue(self.connection, name)

    def texts(self, name: str) -> list[str]:
        return [b64decode(one.text).decode() for one in self.queue(name).receive()]


@pytest.fixture
def folder(tmp_path: Path) -> AppFolder:
    folder = AppFolder(tmp_path / "app")
    folder.has_functions(APP)
    return folder


def staged(
    folder: AppFolder,
    azurite: SharedAzurite,
    changes: Mapping[str, str] | None = None,
    *,
    clock: Any = "virtual",
    moved: bool = True,
) -> tuple[DevHost, str]:
    connection = azurite.fresh_account()
    settings = {"AzureWebJobsStorage": connection, "WORK": "Work", **(changes or {})}
    azurite_clock = azurite.clock if moved else None
    host = DevHost(
        folder.path, clock=clock, settings=settings, azurite="auto", azurite_clock=azurite_clock
    )
    return host, connection


@pytest.fixture
def stage(folder: AppFolder, azurite: SharedAzurite) -> Iterator[Stage]:
    host, connection = staged(folder, azurite)
    with host:
        yield Stage(host, connection)


GOOD = '{"name": "n", "to": "answers", "gives": "done"}'
BAD = '{"name": "n", "to": "answers", "fails": true}'


def test_a_message_is_handled_once_and_its_outputs_are_sent(stage: Stage) -> None:
    stage.queue().put(encoded(GOOD))

    stage.host.settle()

    assert stage.seen == [(GOOD, 1)]
    assert stage.texts("answers") == ["done"]
    with BlobServiceClient.from_connection_string(stage.connection) as service:
        papers = service.get_container_client("papers")
        (name,) = papers.list_blob_names()
        assert name.startswith("n-")
        assert papers.download_blob(name).readall() == b"about n"
    stage.host.advance(minutes=11)
    assert len(stage.seen) == 1


def test_an_array_in_text_becomes_many_messages(stage: Stage) -> None:
    message = '{"name": "n", "to": "answers", "gives": "[\\"a\\", {\\"b\\": 1}]"}'
    stage.queue().put(encoded(message))

    stage.host.settle()

    assert stage.texts("answers") == ["a", '{\n  "b": 1\n}']


def test_what_an_http_function_sends_is_handled_at_this_moment(stage: Stage) -> None:
    before = stage.host.now
    assert stage.host.post("/api/send", data=GOOD).text == "sent"

    stage.host.settle()

    assert stage.seen == [(GOOD, 1)]
    assert stage.host.now == before


def test_queues_timers_and_activities_take_turns_in_virtual_time(stage: Stage) -> None:
    began = stage.host.now
    stage.queue("flows").put(encoded("flow-1"), hidden_seconds=86400)

    stage.host.advance(days=1, minutes=1)
    done = stage.host.wait("flow-1")

    assert done["output"] == "x"
    assert timedelta(days=4) <= stage.host.now - began <= timedelta(days=4, minutes=2)
    assert stage.texts("told") == ["x", "two"]


def test_a_bad_message_runs_five_times_and_then_lies_in_the_poison_queue(stage: Stage) -> None:
    stage.queue().put(encoded(BAD))

    stage.host.settle()

    assert stage.seen == [(BAD, count) for count in (1, 2, 3, 4, 5)] + [("buried " + BAD, 1)]
    assert stage.queue().receive() == []


def test_between_failures_lies_the_visibility_timeout(
    folder: AppFolder, azurite: SharedAzurite
) -> None:
    folder.writes(
        "host.json",
        '{"version": "2.0", "extensions": {"queues": {"visibilityTimeout": "01:00:00"}}}',
    )
    host, connection = staged(folder, azurite)
    with host:
        stage = Stage(host, connection)
        stage.queue().put(encoded(BAD))
        host.settle()
        assert len(stage.seen) == 1
        host.advance(hours=2, minutes=1)
        assert len(stage.seen) == 3
        host.advance(hours=3)
        assert stage.seen[-1] == ("buried " + BAD, 1)


def test_what_is_not_base64_goes_to_the_poison_queue_as_it_is(
    folder: AppFolder, azurite: SharedAzurite
) -> None:
    host, connection = staged(folder, azurite, {"AzureWebJobs.buries.Disabled": "1"})
    with host:
        stage = Stage(host, connection)
        stage.queue().put("no base64!")
        host.settle()
        assert stage.seen == []
        assert [one.text for one in stage.queue("work-poison").receive()] == ["no base64!"]
        host.advance(minutes=11)
        assert stage.queue().receive() == []


def test_a_kill_in_the_middle_brings_the_message_back_ten_minutes_later(stage: Stage) -> None:
    module = stage.module
    module.GATE.clear()
    stage.host.post("/api/send", data=GOOD)
    _until(lambda: module.SEEN)

    stage.host.kill()
    module.GATE.set()

    stage.host.advance(minutes=9)
    assert stage.seen == []
    stage.host.advance(minutes=2)
    assert stage.seen == [(GOOD, 2)]


def _until(holds: Callable[[], object]) -> None:
    limit = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < limit, "it never came to hold"


def test_an_output_that_cannot_be_sent_fails_the_call(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    stage.queue().put(encoded('{"name": "n", "gives": "x"}'))

    stage.host.settle()

    assert [count for _, count in stage.seen if count][:5] == [1, 2, 3, 4, 5]
    assert "the queue output '$return' of eats is not sent: '{to}' is not known" in caplog.text


def test_storage_whose_time_does_not_move_is_looked_into_whenever_something_ran(
    folder: AppFolder, azurite: SharedAzurite
) -> None:
    host, connection = staged(folder, azurite, moved=False)
    with host:
        stage = Stage(host, connection)
        stage.host.post("/api/send", data=GOOD)
        stage.queue("flows").put(encoded("flow-1"))
        stage.host.settle()
        assert stage.seen == [(GOOD, 1)]
        assert stage.host.wait("flow-1")["output"] == "x"
        assert stage.texts("told") == ["x", "two"]


def test_on_the_machines_clock_messages_are_found_by_polling(
    folder: AppFolder, azurite: SharedAzurite
) -> None:
    host, connection = staged(folder, azurite, clock="real", moved=False)
    with host:
        stage = Stage(host, connection)
        stage.queue().put(encoded(GOOD))
        _until(lambda: stage.seen)
        stage.host.post("/api/send", data=GOOD)
        _until(lambda: len(stage.seen) == 2)


def test_without_storage_queue_functions_are_warned_of_and_the_rest_is_served(
    folder: AppFolder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    developers_own = '{"IsEncrypted": false, "Values": {"AzureWebJobsStorage": "%s"}}'
    folder.writes("local.settings.json", developers_own % "UseDevelopmentStorage=true")
    with DevHost(folder.path, settings={"WORK": "work", "AzureWebJobsStorage": ""}) as host:
        host.settle()
        assert "Queue function eats is not served: there is no storage" in caplog.text
        assert host.post("/api/send", data=GOOD).status_code == 500
