"""Sends what functions set on queue and blob outputs, after the function has returned."""

import json
import traceback
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from devhost.appsettings import AppNotLoadable, resolve_settings
from devhost.call import FunctionFailed
from devhost.functions import Binding, FunctionInfo, LoadedApp
from devhost.jsontext import text_of
from devhost.listeners.bells import Bells
from devhost.listeners.names import BadName, Expressions, queue_name
from devhost.storage import Accounts, NoConnection, StorageTrouble
from devhost.values import Datum

_TEMPLATE = {"queue": "queueName", "blob": "path"}
_NOT_SENT = (AppNotLoadable, BadName, NoConnection, StorageTrouble, ValueError)


class Outputs:
    """The output bindings of one app.

    Construction raises AppNotLoadable when a name holds a `%SETTING%` that is not set.
    """

    def __init__(
        self,
        app: LoadedApp,
        environ: Mapping[str, str],
        accounts: Accounts,
        bells: Bells,
        expressions: Expressions,
        *,
        base64: bool,
    ) -> None:
        self._accounts, self._bells, self._expressions = accounts, bells, expressions
        self._base64 = base64
        self._templates = {
            (function.name, one.name): resolve_settings(one.settings[_TEMPLATE[one.type]], environ)
            for function in app.functions
            for one in function.bindings
            if one.is_out and one.type in _TEMPLATE
        }

    async def deliver(
        self, function: FunctionInfo, outputs: Mapping[str, Datum], data: Mapping[str, Any]
    ) -> None:
        """Send a call's outputs one by one; `data` fills the expressions in their names.

        Raises:
            FunctionFailed: one could not be sent, which fails the call. Those before it are sent.
        """
        for binding in function.bindings:
            template = self._templates.get((function.name, binding.name))
            datum = outputs.get(binding.name)
            if template is None or datum is None:
                continue
            try:
                await self._send(binding, self._expressions.fill(template, data), datum)
            except _NOT_SENT as error:
                raise _failure(function, binding, error) from error

    async def _send(self, binding: Binding, name: str, datum: Datum) -> None:
        connection = binding.settings.get("connection")
        if binding.type == "blob":
            await self._accounts.write_blob(connection, name, content_of(datum))
            return
        queue = self._accounts.queue(connection, queue_name(name))
        for message in messages_of(datum):
            await queue.send(self._encoded(message))
            self._bells.ring(queue.url)

    def _encoded(self, message: bytes) -> str:
        return b64encode(message).decode() if self._base64 else message.decode()


def messages_of(datum: Datum) -> list[bytes]:
    """Return the messages a queue output becomes.

    Bytes stay as they are, and so does text, unless it looks like JSON: then an array becomes one
    message for each element, and an object is indented.

    Raises:
        ValueError: text that looks like JSON is not.
    """
    if isinstance(datum.value, bytes):
        return [datum.value]
    text = str(datum.value)
    if datum.type != "json" and not _looks_like_json(text):
        return [text.encode()]
    found = json.loads(text)
    elements = found if isinstance(found, list) else [found]
    return [text_of(element).encode() for element in elements]


def content_of(datum: Datum) -> bytes:
    """Return the bytes a blob output writes: text and bytes as they are, JSON without spaces."""
    if isinstance(datum.value, bytes):
        return datum.value
    if datum.type != "json":
        return str(datum.value).encode()
    found = json.loads(datum.value)
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


def _looks_like_json(text: str) -> bool:
    ends = text.strip()[:1] + text.strip()[-1:]
    return ends in {"{}", "[]"}


def _failure(function: FunctionInfo, binding: Binding, error: Exception) -> FunctionFailed:
    text = f"the {binding.type} output '{binding.name}' of {function.name} is not sent: {error}"
    return FunctionFailed(type(error).__name__, text, "".join(traceback.format_exception(error)))
