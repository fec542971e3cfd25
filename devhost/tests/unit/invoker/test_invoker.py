import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from azure.durable_functions.models.utils import http_utils

from devhost.context import RetryContext, RetryFailure
from devhost.invoker import FunctionFailed, Invoker
from devhost.loader import FunctionInfo, LoadedApp
from devhost.values import Datum, HttpCall, Invocation
from devhost_support.app_folders import AppFolder, python_runs

pytestmark = pytest.mark.filterwarnings(
    "ignore:azure.functions df_loads was called without expected_type:DeprecationWarning"
)

APP = """
import asyncio, json, threading, time

@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    first = yield context.call_activity("greet", "Paris")
    return first

@app.orchestration_trigger(context_name="context")
def sad(context):
    raise ValueError("no luck")
    yield

@app.activity_trigger(input_name="city")
async def greet(city: str) -> str:
    return f"Hello {city}"

@app.activity_trigger(input_name="what")
def echo(what: dict):
    return what

@app.activity_trigger(input_name="what")
async def fails(what):
    raise KeyError(what)

@app.activity_trigger(input_name="what")
def exits(what):
    raise SystemExit(3)

@app.activity_trigger(input_name="what")
async def gives_up(what):
    raise asyncio.CancelledError("inner")

@app.activity_trigger(input_name="what")
def makes(what):
    return object()

@app.activity_trigger(input_name="what")
def says(what, context: func.Context) -> dict:
    local = context.thread_local_storage.invocation_id
    return {"name": context.function_name, "id": context.invocation_id, "local": local}

@app.activity_trigger(input_name="what")
@app.queue_output(arg_name="out", queue_name="out", connection="c")
def tells(what, out: func.Out[str]):
    out.set("told")
    return "done"

@app.route(route="start/{name}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client) -> func.HttpResponse:
    instance = await client.start_new(req.route_params["name"], None, req.get_json())
    return client.create_check_status_response(req, instance)

@app.route(route="mirror")
def mirror(req: func.HttpRequest) -> str:
    return json.dumps({"body": [req.method, req.url, req.params["q"], req.headers["X-A"],
                                req.get_body().decode()]})

@app.route(route="mute")
def mute(req):
    return None

@app.queue_trigger(arg_name="message", queue_name="in", connection="c")
@app.queue_output(arg_name="out", queue_name="out", connection="c")
@app.queue_output(arg_name="unused", queue_name="other", connection="c")
def copy(message: func.QueueMessage, out: func.Out[str], unused, context) -> None:
    retry = context.retry_context
    out.set(json.dumps([message.get_json(), message.dequeue_count, message.id,
                        message.insertion_time.isoformat(), retry.retry_count,
                        retry.rpc_exception.message if retry.rpc_exception else None]))

@app.queue_trigger(arg_name="message", queue_name="in", connection="c")
def takes_text(message: str) -> None:
    raise RuntimeError(message)

@app.queue_trigger(arg_name="message", queue_name="in", connection="c")
def returns(message) -> None:
    return "something"

@app.timer_trigger(arg_name="timer", schedule="0 * * * * *")
@app.queue_output(arg_name="$return", queue_name="out", connection="c")
async def tick(timer: func.TimerRequest) -> str:
    return json.dumps([timer.past_due, timer.schedule_status])

@app.queue_trigger(arg_name="message", queue_name="in", connection="c")
@app.blob_input(arg_name="blob", path="p", connection="c")
def wants_a_blob(message, blob) -> None: ...

began, may_end, heard = threading.Event(), threading.Event(), []

@app.activity_trigger(input_name="what")
def blocks(what):
    began.set()
    may_end.wait(20)

@app.activity_trigger(input_name="what")
async def lingers(what):
    began.set()
    try:
        await asyncio.sleep(60)
    finally:
        heard.append("cancelled")
"""
HISTORY: list[dict[str, Any]] = [
    {
        "EventType": 12,
        "EventId": -1,
        "IsPlayed": False,
        "Timestamp": "2026-01-01T00:00:00.0000000Z",
    },
    {
        "EventType": 0,
        "EventId": -1,
        "IsPlayed": False,
        "Timestamp": "2026-01-01T00:00:00.0000000Z",
        "Name": "flow",
        "Version": "",
        "Input": None,
    },
]


class Desk:
    """A loaded app at work: calls its functions by name and keeps what they send."""

    def __init__(self, app: LoadedApp, client_json: str = "{}") -> None:
        self.app = app
        self.sent: list[tuple[str, Mapping[str, Datum]]] = []
        self.invoker = Invoker(app, lambda: client_json, deliver=self._keep, new_id=lambda: "id-1")

    def function(self, name: str) -> FunctionInfo:
        return next(one for one in self.app.functions if one.name == name)

    def module(self) -> dict[str, Any]:
        return self.function("blocks").user_function.__globals__

    async def _keep(
        self, function: FunctionInfo, outputs: Mapping[str, Datum], _data: Mapping[str, Any]
    ) -> None:
        self.sent.append((function.name, outputs))

    async def run(self, name: str, trigger: Datum, **metadata: Datum) -> Invocation:
        return await self.invoker.run(self.function(name), trigger, metadata)


@pytest.fixture
def app(folder: AppFolder) -> LoadedApp:
    folder.has_functions(APP)
    return folder.loads()


@pytest.fixture
def desk(app: LoadedApp) -> Iterator[Desk]:
    desk = Desk(app)
    yield desk
    desk.module()["may_end"].set()
    desk.invoker.close()


def context_of(history: list[dict[str, Any]]) -> str:
    return json.dumps(
        {
            "history": history,
            "input": None,
            "instanceId": "abc",
            "isReplaying": False,
            "parentInstanceId": None,
            "upperSchemaVersion": 1,
            "upperSchemaVersionNew": 2,
        }
    )


async def failure_of(call: Awaitable[object]) -> FunctionFailed:
    with pytest.raises(FunctionFailed) as failed:
        await call
    return failed.value


def test_an_orchestrator_answers_with_the_sdks_state(desk: Desk) -> None:
    state = json.loads(asyncio.run(desk.invoker.orchestrate("FLOW", context_of(HISTORY))))

    assert state["isDone"] is False
    assert state["actions"][0][0]["functionName"] == "greet"


def test_a_failed_orchestrator_keeps_the_state_in_its_message(desk: Desk) -> None:
    failed = asyncio.run(failure_of(desk.invoker.orchestrate("sad", context_of(HISTORY))))

    assert "$OutOfProcData$:" in failed.message
    assert failed.text == f"{failed.type_name}: {failed.message}"


@pytest.mark.parametrize(
    ("name", "given", "result"),
    [
        ("greet", '"Paris"', '"Hello Paris"'),
        ("GREET", "not json", '"Hello not json"'),
        ("echo", '{"a": [1, null]}', '{"a": [1, null]}'),
        ("echo", "null", None),
        ("echo", None, None),
    ],
)
def test_an_activity_takes_and_gives_json_text(
    desk: Desk, name: str, given: str | None, result: str | None
) -> None:
    assert asyncio.run(desk.invoker.run_activity(name, given, "id")) == result


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fails", "KeyError: 'x'"),
        ("exits", "SystemExit: 3"),
        ("gives_up", "CancelledError: inner"),
        ("makes", "ValueError: activity trigger output must be json serializable"),
    ],
)
def test_whatever_an_activity_raises_is_reported_as_the_worker_does(
    desk: Desk, name: str, text: str
) -> None:
    failed = asyncio.run(failure_of(desk.invoker.run_activity(name, '"x"', "id")))

    assert failed.text.startswith(text)
    assert "Traceback" in failed.stack
    assert "function_app.py" in failed.stack or name == "makes"


def test_the_context_tells_which_call_it_is(desk: Desk) -> None:
    said = asyncio.run(desk.invoker.run_activity("says", "1", "call-7"))

    assert json.loads(said or "") == {"name": "says", "id": "call-7", "local": "call-7"}


def test_what_activities_put_out_is_delivered(desk: Desk) -> None:
    assert asyncio.run(desk.invoker.run_activity("tells", "1", "id")) == '"done"'

    assert desk.sent == [("tells", {"out": Datum("told", "string")})]


def test_outputs_that_nobody_takes_are_warned_of(
    app: LoadedApp, caplog: pytest.LogCaptureFixture
) -> None:
    invoker = Invoker(app, lambda: "{}")
    asyncio.run(invoker.run_activity("tells", "1", "id"))
    invoker.close()

    assert "tells put out ['out'], which nobody takes" in caplog.text


def test_an_unknown_name_is_a_mistake_of_the_caller(desk: Desk) -> None:
    with pytest.raises(LookupError, match="no enabled function 'flow'"):
        asyncio.run(desk.invoker.run_activity("flow", None, "id"))


def test_an_http_function_sees_the_whole_request(desk: Desk) -> None:
    request = HttpCall(
        "PUT", "http://x/api/mirror?q=1", {"x-a": "b"}, {"q": "1"}, body="ä".encode()
    )

    reply = asyncio.run(desk.invoker.run_http(desk.function("mirror"), request))

    assert json.loads(reply.body) == ["PUT", "http://x/api/mirror?q=1", "1", "b", "ä"]


def test_an_http_function_without_an_answer_fails(desk: Desk) -> None:
    call = desk.invoker.run_http(desk.function("mute"), HttpCall("GET", "http://x/"))

    failed = asyncio.run(failure_of(call))

    assert failed.text == (
        'TypeError: unable to encode outgoing TypedData: unsupported type "http" for '
        'Python type "NoneType"'
    )


def test_a_queue_function_gets_a_message_and_sets_outputs(desk: Desk) -> None:
    metadata = {
        "Id": Datum("m1", "string"),
        "DequeueCount": Datum("2", "json"),
        "InsertionTime": Datum('"2026-01-01T00:00:00+00:00"', "json"),
    }
    retry = RetryContext(1, 3, RetryFailure("", "", "KeyError: 1"))
    call = desk.invoker.run(desk.function("copy"), Datum('{"a": 1}', "string"), metadata, retry)

    done = asyncio.run(call)

    assert done.return_value is None
    assert set(done.outputs) == {"out"}
    assert json.loads(done.outputs["out"].value) == [
        {"a": 1},
        2,
        "m1",
        "2026-01-01T00:00:00+00:00",
        1,
        "KeyError: 1",
    ]


def test_a_parameter_of_type_str_gets_the_text(desk: Desk) -> None:
    failed = asyncio.run(failure_of(desk.run("takes_text", Datum("hi", "string"))))

    assert failed.text == "RuntimeError: hi"


def test_returning_a_value_without_a_binding_for_it_fails(desk: Desk) -> None:
    failed = asyncio.run(failure_of(desk.run("returns", Datum("hi", "string"))))

    assert failed.text == (
        "RuntimeError: function 'returns' without a $return binding returned a non-None value"
    )


def test_data_of_the_wrong_type_fails(desk: Desk) -> None:
    failed = asyncio.run(failure_of(desk.run("copy", Datum("1", "double"))))

    assert failed.text.startswith(
        "TypeError: unable to decode incoming TypedData: unsupported combination of TypedData "
        "field 'double' and expected binding type <class 'azure.functions.queue."
    )


def test_an_input_binding_devhost_does_not_read_fails_readably(desk: Desk) -> None:
    failed = asyncio.run(failure_of(desk.run("wants_a_blob", Datum("1", "string"))))

    assert failed.text == "InputNotServed: devhost has no value for the input binding 'blob'."


def test_a_timer_function_returns_to_its_output(desk: Desk) -> None:
    status = {"Last": "a", "Next": "b", "LastUpdated": "c"}
    info = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status, "IsPastDue": True}

    done = asyncio.run(desk.run("tick", Datum(json.dumps(info), "json")))

    assert done.return_value == Datum(json.dumps([True, status]), "string")


@pytest.mark.parametrize("name", ["sleeps", "blocks"])
def test_a_call_that_takes_longer_than_function_timeout_fails(
    folder: AppFolder, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    folder.writes("host.json", '{"version": "2.0", "functionTimeout": "00:00:00.05"}')
    folder.has_functions(SLOW)
    app = folder.loads()
    invoker = Invoker(app, lambda: "{}")

    async def call() -> None:
        with pytest.raises(FunctionFailed) as failed:
            await invoker.run_activity(name, '"x"', "call-1")
        assert failed.value.type_name == "FunctionTimeoutException"
        assert f"was exceeded by function: {name}" in failed.value.text

    asyncio.run(call())
    [release] = [one for one in app.functions if one.name == "releases"]
    asyncio.run(invoker.run_activity(release.name, "null", "call-2"))
    invoker.close()
    assert f"exceeded by function '{name}' (Id: 'call-1'). Initiating cancel" in caplog.text


SLOW = """
import asyncio, threading
released = threading.Event()

@app.activity_trigger(input_name="what")
async def sleeps(what):
    await asyncio.Event().wait()

@app.activity_trigger(input_name="what")
def blocks(what):
    released.wait()

@app.activity_trigger(input_name="what")
def releases(what):
    released.set()
"""


@asynccontextmanager
async def a_host(started: list[str]) -> AsyncIterator[str]:
    """Answer the SDK's start requests on a port of our own."""

    async def begin(request: web.Request) -> web.Response:
        started.append(f"{request.path} {await request.json()}")
        return web.json_response({"id": "abc"}, status=202)

    site = web.Application()
    site.router.add_post("/durabletask/{rest:.*}", begin)
    runner = web.AppRunner(site)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def client_of(base: str) -> str:
    return json.dumps(
        {
            "taskHubName": "Hub",
            "creationUrls": {"createNewInstancePostUri": f"{base}/x"},
            "managementUrls": {"id": "INSTANCEID", "statusQueryGetUri": f"{base}/i/INSTANCEID"},
            "rpcBaseUrl": f"{base}/durabletask/",
        }
    )


def test_a_starter_talks_to_the_host_through_the_sdks_client(app: LoadedApp) -> None:
    """Twice, each with a host of its own: the SDK's HTTP session ends with the host."""
    started: list[str] = []

    async def story() -> int:
        async with a_host(started) as base:
            desk = Desk(app, client_of(base))
            request = HttpCall(
                "POST", f"{base}/api/start/flow", {}, {}, {"name": "flow"}, b'{"a": 1}'
            )
            reply = await desk.invoker.run_http(desk.function("start"), request)
            desk.invoker.close()
            assert b"/i/abc" in reply.body
            assert http_utils._client_session is None
            return reply.status

    assert [asyncio.run(story()), asyncio.run(story())] == [202, 202]
    assert started == ['/durabletask/orchestrators/flow {"a": 1}'] * 2


async def has_begun(desk: Desk) -> None:
    await asyncio.to_thread(desk.module()["began"].wait, 20)


def test_closing_cancels_coroutines(desk: Desk) -> None:
    async def story() -> None:
        running = asyncio.create_task(desk.invoker.run_activity("lingers", "1", "id"))
        await has_begun(desk)
        await asyncio.to_thread(desk.invoker.close)
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(story())

    assert desk.module()["heard"] == ["cancelled"]


def test_cancelling_a_call_cancels_the_coroutine(desk: Desk) -> None:
    async def story() -> None:
        running = asyncio.create_task(desk.invoker.run_activity("lingers", "1", "id"))
        await has_begun(desk)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)

    asyncio.run(story())
    desk.invoker.close()

    assert desk.module()["heard"] == ["cancelled"]


def test_closing_does_not_wait_for_a_function_that_hangs(desk: Desk) -> None:
    async def story() -> None:
        running = asyncio.create_task(desk.invoker.run_activity("blocks", "1", "id"))
        await has_begun(desk)
        await asyncio.to_thread(desk.invoker.close, 0.05)
        assert not running.done()
        desk.module()["may_end"].set()
        await running

    asyncio.run(story())


def test_nothing_is_called_after_closing(desk: Desk) -> None:
    desk.invoker.close()

    with pytest.raises(RuntimeError, match="echo is called, but its host has stopped"):
        asyncio.run(desk.invoker.run_activity("echo", "1", "id"))


def test_plain_functions_run_side_by_side_up_to_the_set_number(app: LoadedApp) -> None:
    invoker = Invoker(app, lambda: "{}", environ={"PYTHON_THREADPOOL_THREAD_COUNT": "40"})
    names = {one.name for one in threading.enumerate()}
    invoker.close()

    assert "devhost-sync-39" in names


def test_a_function_that_hangs_does_not_keep_the_process(folder: AppFolder) -> None:
    folder.has_functions(APP)

    _, complaints = python_runs(
        "from devhost.loader import load_app\n"
        "from devhost.invoker import Invoker\n"
        "invoker = Invoker(load_app(app_dir, os.environ), lambda: '{}')\n"
        "async def main():\n"
        "    await asyncio.wait_for(invoker.run_activity('blocks', '1', 'id'), 0.1)\n"
        "asyncio.run(main())\n",
        folder,
        started_from=folder.path,
    )

    assert complaints.endswith("TimeoutError\n")
