"""Lets the real worker library and devhost load the same app and call the same functions."""

import asyncio
import contextlib
import importlib
import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from devhost import place
from devhost.appsettings import AppNotLoadable
from devhost.context import RetryContext
from devhost.functions import FunctionInfo
from devhost.invoker import FunctionFailed, Invoker, _datum_of
from devhost.values import Datum, HttpCall
from devhost_support.app_folders import AppFolder
from devhost_support.parity_messages import MESSAGES, Message, ParameterBinding, TypedData

INVOCATION_ID = "call-1"
CLIENT = json.dumps(
    {
        "taskHubName": "Hub",
        "creationUrls": {"createNewInstancePostUri": "http://x/o/{functionName}[/{instanceId}]"},
        "managementUrls": {
            "id": "INSTANCEID",
            "statusQueryGetUri": "http://x/i/INSTANCEID?code=K",
            "terminatePostUri": "http://x/i/INSTANCEID/terminate?reason={text}&code=K",
        },
        "rpcBaseUrl": "http://127.0.0.1:1/durabletask/",
    }
)
REQUEST = _datum_of(
    HttpCall(
        "POST",
        "http://x/api/mirror/1?q=ä",
        {"x-a": "a", "content-type": "application/json"},
        {"q": "ä"},
        {"id": "1"},
        '{"ä": [1]}'.encode(),
    )
)


@dataclass(frozen=True)
class Done:
    """What a call left behind, as far as the host can tell it apart."""

    returned: Any
    outputs: Mapping[str, Any]


@dataclass(frozen=True)
class Failed:
    """How a call, or the loading of an app, failed."""

    text: str
    stack: str = ""


@dataclass(frozen=True)
class Call:
    """What a trigger brings to a function."""

    name: str
    trigger: Datum
    metadata: Mapping[str, Datum] = field(default_factory=dict)
    retry: RetryContext = field(default_factory=RetryContext)


class Devhost:
    """The app as devhost runs it."""

    def __init__(self, folder: AppFolder) -> None:
        self.app = folder.loads()

    def function(self, name: str) -> FunctionInfo:
        return next(one for one in self.app.functions if one.name == name)

    def calls(self, call: Call) -> Done | Failed:
        invoker = Invoker(self.app, lambda: CLIENT)
        function = self.function(call.name)
        try:
            done = asyncio.run(
                invoker.run(
                    function, call.trigger, call.metadata, call.retry, invocation_id=INVOCATION_ID
                )
            )
        except FunctionFailed as failed:
            return Failed(failed.text, failed.stack)
        finally:
            invoker.close()
        outputs = {name: _plain(datum) for name, datum in done.outputs.items()}
        return Done(_plain(done.return_value), outputs)


class Worker:
    """The app as the worker library runs it; there is one at a time in a process."""

    def __init__(self, folder: AppFolder) -> None:
        self._handlers = importlib.import_module("azure_functions_runtime.handle_event")
        _enter(folder)
        request = SimpleNamespace(
            properties={"protos": MESSAGES, "host": "127.0.0.1"},
            request=SimpleNamespace(
                worker_init_request=SimpleNamespace(
                    capabilities={}, function_app_directory=str(folder.path)
                )
            ),
        )
        result = asyncio.run(self._handlers.worker_init_request(request)).result
        self.refusal = None if result.status == MESSAGES.StatusResult.Success else result.exception

    def metadata(self) -> list[Message]:
        response = asyncio.run(self._handlers.functions_metadata_request(None))
        found: list[Message] = response.function_metadata_results
        return found

    def signature(self, name: str) -> Any:
        """Return what the worker found out about a function."""
        return self._handlers._functions.get_function(_id(name))

    def calls(self, call: Call) -> Done | Failed:
        bindings = next(one for one in self.metadata() if one.name == call.name).bindings
        clients = {k for k, one in bindings.items() if one.type == "durableClient"}
        inputs = {
            k: Datum(CLIENT, "string") if k in clients else call.trigger
            for k in self.signature(call.name).input_types
        }
        request = SimpleNamespace(
            invocation_id=INVOCATION_ID,
            function_id=_id(call.name),
            input_data=[ParameterBinding(name=k, data=_sent(v)) for k, v in inputs.items()],
            trigger_metadata={name: _sent(datum) for name, datum in call.metadata.items()},
            trace_context=SimpleNamespace(trace_parent="", trace_state="", attributes={}),
            retry_context=SimpleNamespace(
                retry_count=call.retry.retry_count,
                max_retry_count=call.retry.max_retry_count,
                exception=call.retry.rpc_exception,
            ),
        )
        response = asyncio.run(
            self._handlers.invocation_request(
                SimpleNamespace(request=SimpleNamespace(invocation_request=request))
            )
        )
        if response.result.status != MESSAGES.StatusResult.Success:
            return Failed(response.result.exception.message, response.result.exception.stack_trace)
        return Done(
            _received(response.return_value),
            {one.name: _received(one.data) for one in response.output_data if one.data},
        )


@contextlib.contextmanager
def the_workers_pool() -> Iterator[None]:
    """Let the worker library run plain functions, as its process does after it has started."""
    pool = importlib.import_module("azure_functions_runtime.utils.threadpool")
    pool.start_threadpool_executor()
    yield
    pool.stop_threadpool_executor()


class Both:
    """One app, loaded by devhost and then by the worker library."""

    def __init__(self, folder: AppFolder) -> None:
        self.devhost = Devhost(folder)
        self.worker = Worker(folder)
        assert self.worker.refusal is None, self.worker.refusal

    def call(self, call: Call) -> tuple[Done | Failed, Done | Failed]:
        """Return what devhost and the worker make of a call."""
        return self.devhost.calls(call), self.worker.calls(call)

    def do(self, call: Call) -> Done:
        """Return what a call leaves behind, which has to be the same with both."""
        ours, theirs = self.call(call)
        assert ours == theirs
        assert isinstance(ours, Done)
        return ours

    def fail(self, call: Call) -> tuple[Failed, Failed]:
        """Return how the call fails with devhost and with the worker."""
        ours, theirs = self.call(call)
        assert isinstance(ours, Failed)
        assert isinstance(theirs, Failed)
        return ours, theirs


def both_refuse(folder: AppFolder) -> tuple[Failed, Failed]:
    """Return why devhost and the worker will not load the app."""
    try:
        folder.loads()
    except AppNotLoadable as error:
        ours = str(error)
    else:
        raise AssertionError("devhost loads it")
    refusal = Worker(folder).refusal
    assert refusal, "the worker loads it"
    return Failed(ours), Failed(refusal.message, refusal.stack_trace)


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def _enter(folder: AppFolder) -> None:
    place.enter(folder.path.resolve())
    place.forget_entry_module(folder.path.resolve(), "function_app")


def _sent(datum: Datum) -> TypedData:
    if datum.type != "http":
        return TypedData(**{datum.type or "": datum.value})
    parts = datum.value
    named = {
        ours: {name: text.value for name, text in parts[ours].items()}
        for ours in ("headers", "query", "params")
    }
    return TypedData(
        http=Message(
            method=parts["method"].value,
            url=parts["url"].value,
            body=_sent(parts["body"]),
            **named,
        )
    )


def _received(data: TypedData | None) -> Any:
    """Read what the worker sent, as `_plain` writes what devhost would send."""
    kind = data.WhichOneof("data") if data else None
    if data is None or kind is None:
        return None
    value = getattr(data, kind)
    if kind in {"int", "double"}:  # the host reads a number alike from either
        return ("json", json.dumps(float(value) if kind == "double" else int(value)))
    return _response(value) if kind == "http" else (kind, value)


def _response(http: Message) -> Any:
    cookies = [
        {
            "name": one.name,
            "value": one.value,
            "domain": one.domain.value,
            "path": one.path.value,
            "expires": one.expires is not None,
            "secure": one.secure.value,
            "httponly": one.http_only.value,
            "samesite": one.same_site,
            "max-age": one.max_age and one.max_age.value,
        }
        for one in http.cookies or ()
    ]
    return ("http", http.status_code, http.headers, cookies, http.body.bytes)


def _plain(datum: Datum | None) -> Any:
    if datum is None:
        return None
    if datum.type != "http":
        return (datum.type, datum.value)
    parts = datum.value
    cookies = [
        {
            "name": name,
            "value": one.value,
            "domain": one["domain"],
            "path": one["path"],
            "expires": bool(one["expires"]),
            "secure": bool(one["secure"]),
            "httponly": bool(one["httponly"]),
            "samesite": one["samesite"],
            "max-age": float(one["max-age"]) if one["max-age"] else None,
        }
        for cookie in parts["cookies"] or ()
        for name, one in cookie.items()
    ]
    headers = {name: text.value for name, text in parts["headers"].items()}
    return ("http", parts["status_code"].value, headers, cookies, parts["body"].value)
