"""Calls the app's functions: gives each its values, in the place where such code may run."""

import asyncio
import logging
import os
import sys
import uuid
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from devhost.call import Call, FunctionFailed
from devhost.context import Context, RetryContext
from devhost.functions import FunctionInfo, LoadedApp
from devhost.httpreply import reply_from
from devhost.triggerdata import data_of_input, data_of_request
from devhost.validation import Signature, examine
from devhost.values import Datum, HttpCall, HttpReply, Invocation
from devhost.workers import AsyncCalls, ThreadedCalls, pool_size

__all__ = ["Deliver", "FunctionFailed", "Invoker"]

Deliver = Callable[[FunctionInfo, Mapping[str, Datum], Mapping[str, Any]], Awaitable[None]]
"""Sends what a function put out; the last argument is what names of outputs may refer to. Raises
FunctionFailed when it cannot."""

_SDK_HTTP = "azure.durable_functions.models.utils.http_utils"
_RETURN = "$return"
_TOO_LONG = "Timeout value of %s exceeded by function '%s' (Id: '%s'). Initiating cancellation."
_log = logging.getLogger(__name__)


class Invoker:
    """Runs functions of one app; its coroutines are awaited on the host's loop.

    `client_json` makes the value of a durable client binding, `deliver` takes what a function set
    on its output bindings. Nothing here retries or stores. `calls` counts the beginnings and the
    ends of calls: while it stays the same, no user code has done anything.
    """

    def __init__(
        self,
        app: LoadedApp,
        client_json: Callable[[], str],
        *,
        deliver: Deliver | None = None,
        environ: Mapping[str, str] = os.environ,
        new_id: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        self._app = app
        self._client_json = client_json
        self._deliver = deliver
        self._new_id = new_id
        self._signatures: dict[str, Signature] = {}
        self._coroutines = AsyncCalls()
        self._threads = ThreadedCalls(pool_size(environ))
        self._is_closed = False
        self.calls = 0

    async def orchestrate(self, name: str, context_json: str) -> str:
        """Replay an orchestrator over its history and return the SDK's state, as JSON text.

        Raises:
            FunctionFailed: the SDK raised; its message carries the state, as the SDK wrote it.
            LookupError: no enabled orchestrator has that name.
        """
        function = self._named("orchestrationTrigger", name)
        done = await self.run(function, Datum(context_json, "string"), {})
        return str(done.return_value.value) if done.return_value else ""

    async def run_activity(
        self, name: str, input_text: str | None, invocation_id: str
    ) -> str | None:
        """Run an activity on its JSON input and return its result as JSON text, None for None.

        Raises:
            FunctionFailed: it raised, or its input or result cannot be converted.
            LookupError: no enabled activity has that name.
        """
        function = self._named("activityTrigger", name)
        trigger = Datum("null" if input_text is None else input_text, "string")
        done = await self.run(function, trigger, {}, invocation_id=invocation_id)
        await self._send(function, done.outputs, data_of_input(input_text))
        result = done.return_value.value if done.return_value else None
        return None if result in (None, "null") else str(result)

    async def run_http(self, function: FunctionInfo, request: HttpCall) -> HttpReply:
        """Let an HTTP function answer a request.

        Raises:
            FunctionFailed: it raised, or returned what is no response.
        """
        done = await self.run(function, _datum_of(request), {})
        returned = done.return_value
        answers = any(one.type == "http" and one.name == _RETURN for one in function.bindings)
        if answers or returned is None:
            await self._send(function, done.outputs, data_of_request(request))
            return reply_from(returned) if returned else HttpReply(204, (), b"")
        outputs = {**done.outputs, _RETURN: returned}
        await self._send(function, outputs, data_of_request(request))
        return HttpReply(204, (), b"")

    async def run(
        self,
        function: FunctionInfo,
        trigger: Datum,
        metadata: Mapping[str, Datum],
        retry: RetryContext | None = None,
        *,
        invocation_id: str | None = None,
    ) -> Invocation:
        """Call a function with what its trigger brought; the caller sends what it put out.

        Raises:
            FunctionFailed: it raised, or a value cannot be converted.
            RuntimeError: the invoker is closed.
        """
        if self._is_closed:
            raise RuntimeError(f"{function.name} is called, but its host has stopped.")
        context = Context(
            function_name=function.name,
            function_directory=str(function.folder),
            invocation_id=invocation_id or self._new_id(),
            retry_context=retry or RetryContext(),
        )
        inputs = self._inputs(function, trigger)
        call = Call(function, self._signature(function), inputs, metadata, context)
        self.calls += 1
        try:
            return await self._in_time(call)
        finally:
            self.calls += 1

    async def _in_time(self, call: Call) -> Invocation:
        """Run the call for as long as host.json's functionTimeout lets it, in the machine's time.

        A coroutine is cancelled then; a plain function is left behind on its thread. The real host
        restarts the worker, so that the other calls of that moment fail as well.
        """
        limit = self._app.host.function_timeout
        try:
            async with asyncio.timeout(limit.total_seconds() if limit else None):
                if call.function.is_async:
                    return await self._coroutines.run(call.run_async)
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, call.run_sync)
        except TimeoutError as error:
            name, call_id = call.function.name, call.context.invocation_id
            _log.error(_TOO_LONG, limit, name, call_id)
            text = f"Timeout value of {limit} was exceeded by function: {name}"
            raise FunctionFailed("FunctionTimeoutException", text, "") from error

    async def run_trigger(
        self,
        function: FunctionInfo,
        trigger: Datum,
        metadata: Mapping[str, Datum],
        *,
        data: Mapping[str, Any],
        retry: RetryContext | None = None,
        invocation_id: str | None = None,
    ) -> None:
        """Call a function with what its trigger brought, and send what it put out or returned.

        Raises:
            FunctionFailed: it raised, or its outputs cannot be sent.
        """
        done = await self.run(function, trigger, metadata, retry, invocation_id=invocation_id)
        returned = {_RETURN: done.return_value} if done.return_value else {}
        await self._send(function, {**done.outputs, **returned}, data)

    def close(self, patience: float = 2.0) -> None:
        """Cancel running coroutines and give everything `patience` seconds each to end.

        Plain functions cannot be interrupted: one that takes longer is left behind on its thread.
        """
        self._is_closed = True
        self._coroutines.close(patience)
        self._coroutines.finish(_close_sdk_session, patience)
        self._threads.close(patience)

    def _named(self, kind: str, name: str) -> FunctionInfo:
        function = self._app.find(kind, name)
        if function is None:
            raise LookupError(f"no enabled function '{name}' with a trigger of type {kind}")
        return function

    def _signature(self, function: FunctionInfo) -> Signature:
        if function.name not in self._signatures:
            self._signatures[function.name] = examine(function)
        return self._signatures[function.name]

    def _inputs(self, function: FunctionInfo, trigger: Datum) -> dict[str, Datum]:
        clients = [one.name for one in function.bindings if one.type == "durableClient"]
        inputs = {name: Datum(self._client_json(), "string") for name in clients}
        return inputs | {function.trigger.name: trigger}

    async def _send(
        self, function: FunctionInfo, outputs: Mapping[str, Datum], data: Mapping[str, Any]
    ) -> None:
        if outputs and self._deliver:
            await self._deliver(function, outputs, data)
        elif outputs:
            _log.warning("%s put out %s, which nobody takes", function.name, sorted(outputs))


def _datum_of(request: HttpCall) -> Datum:
    def texts(values: Mapping[str, str]) -> dict[str, Datum]:
        return {name: Datum(text, "string") for name, text in values.items()}

    parts: dict[str, Any] = {
        "method": Datum(request.method, "string"),
        "url": Datum(request.url, "string"),
        "headers": texts(request.headers),
        "query": texts(request.query),
        "params": texts(request.route_params),
        "body": Datum(request.body, "bytes"),
    }
    return Datum(parts, "http")


async def _close_sdk_session() -> None:
    """Close the HTTP session that the SDK keeps for the process and never closes itself."""
    close = getattr(sys.modules.get(_SDK_HTTP), "_close_session", None)
    if close:
        with suppress(RuntimeError):  # made on another loop, by a test that has a client of its own
            await close()
