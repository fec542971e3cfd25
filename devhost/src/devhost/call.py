"""One call of one function: values in, user code, values out, failures in the worker's words."""

import asyncio
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devhost.context import Context, Out
from devhost.converters import decode, encode
from devhost.functions import FunctionInfo
from devhost.validation import Signature
from devhost.values import Datum, Invocation

_NO_TEXT = "Unhandled exception in function. Could not serialize original exception message."
_IMPORT_MACHINERY = ("<frozen importlib._bootstrap>", "<frozen importlib._bootstrap_external>")
_RAISED = (Exception, SystemExit, KeyboardInterrupt)  # user code ends its call, never the host


class FunctionFailed(Exception):
    """User code, or a conversion before or after it, raised."""

    def __init__(self, type_name: str, message: str, stack: str) -> None:
        super().__init__(type_name, message, stack)
        self.type_name = type_name
        self.message = message
        self.stack = stack

    @property
    def text(self) -> str:
        """The failure as the worker reports it: `<TypeName>: <message>`.

        The message alone where the type is '': that of an exception whose text cannot be made.
        """
        return f"{self.type_name}: {self.message}" if self.type_name else self.message

    def __str__(self) -> str:
        return self.text


class InputNotServed(Exception):
    """devhost fills triggers and durable clients; other input bindings it cannot read."""


@dataclass(frozen=True)
class Call:
    """A function with all it is called with; runs where it is told to run."""

    function: FunctionInfo
    signature: Signature
    inputs: Mapping[str, Datum]
    metadata: Mapping[str, Datum]
    context: Context

    async def run_async(self) -> Invocation:
        """Run it as a coroutine of the current loop.

        Raises:
            FunctionFailed: whatever it raised, but for a cancellation from outside.
        """
        # The worker sets it here too, where coroutines share a thread and the last call wins.
        self.context.thread_local_storage.invocation_id = self.context.invocation_id
        try:
            arguments = self._arguments()
            return self._outcome(await self.function.user_function(**arguments), arguments)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task and task.cancelling():
                raise
            raise _failure(error) from error
        except _RAISED as error:
            raise _failure(error) from error

    def run_sync(self) -> Invocation:
        """Run it in the current thread.

        Raises:
            FunctionFailed: whatever it raised.
        """
        self.context.thread_local_storage.invocation_id = self.context.invocation_id
        try:
            arguments = self._arguments()
            return self._outcome(self.function.user_function(**arguments), arguments)
        except (*_RAISED, asyncio.CancelledError) as error:
            raise _failure(error) from error
        finally:
            self.context.thread_local_storage.invocation_id = None

    def _arguments(self) -> dict[str, Any]:
        arguments: dict[str, Any] = {name: Out() for name in self.signature.outputs}
        for name, kind in self.signature.inputs.items():
            if name not in self.inputs:
                raise InputNotServed(f"devhost has no value for the input binding '{name}'.")
            arguments[name] = decode(kind, self.inputs[name], self.metadata)
        if self.signature.wants_context:
            arguments["context"] = self.context
        return arguments

    def _outcome(self, returned: object, arguments: Mapping[str, Any]) -> Invocation:
        if returned is not None and self.signature.returns is None:
            raise RuntimeError(
                f"function {self.function.name!r} without a $return binding returned "
                "a non-None value"
            )
        return Invocation(self._return_value(returned), self._outputs(arguments))

    def _return_value(self, returned: object) -> Datum | None:
        outgoing = self.signature.returns
        return encode(outgoing.binding_type, returned, outgoing.declared) if outgoing else None

    def _outputs(self, arguments: Mapping[str, Any]) -> dict[str, Datum]:
        sent: dict[str, Datum] = {}
        for name, outgoing in self.signature.outputs.items():
            value = arguments[name].get()
            if value is None:
                continue
            datum = encode(outgoing.binding_type, value, outgoing.declared)
            if datum:
                sent[name] = datum
        return sent


def _failure(error: BaseException) -> FunctionFailed:
    try:
        type_name, message = type(error).__name__, str(error)
    except Exception:  # noqa: BLE001  a user's exception may not even have a text
        type_name, message = "", _NO_TEXT
    return FunctionFailed(type_name, message, _stack(error))


def _stack(error: BaseException) -> str:
    """Write the traceback as the worker does: of a missing module, without the import machinery."""
    lines = traceback.format_exception(error)
    if isinstance(error, ModuleNotFoundError):
        lines = [one for one in lines if not any(frame in one for frame in _IMPORT_MACHINERY)]
    return "".join(lines)
