"""The messages between host and Python worker, as plain objects that the worker library can fill.

The worker is handed its message classes and never imports them; these have the fields that it
reads and writes.
"""

from types import SimpleNamespace
from typing import Any


class Message(SimpleNamespace):
    """A message: the fields it was made with, and None for those that nobody set."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return None


class TypedData(SimpleNamespace):
    """One value; the name of its only field says of which type."""

    def WhichOneof(self, _group: str) -> str | None:  # noqa: N802  protobuf's name
        return next(iter(vars(self)), None)


class ParameterBinding(Message):
    """A named value."""

    def WhichOneof(self, _group: str) -> str:  # noqa: N802  protobuf's name
        return "data"


class BindingInfo(Message):
    """A binding as indexing describes it."""

    undefined, out, inout = 0, 1, 2


class StatusResult(Message):
    """Whether a request went well."""

    Failure, Success = 0, 1


class RpcHttpCookie(Message):
    """A cookie of an HTTP response."""

    SameSite = SimpleNamespace(
        **{"None": "", "Lax": "Lax", "Strict": "Strict"}, ExplicitNone="None"
    )


MESSAGES = SimpleNamespace(
    BindingInfo=BindingInfo,
    FunctionMetadataResponse=Message,
    InvocationResponse=Message,
    NullableBool=Message,
    NullableDouble=Message,
    NullableString=Message,
    NullableTimestamp=Message,
    ParameterBinding=ParameterBinding,
    RpcException=Message,
    RpcFunctionMetadata=Message,
    RpcHttp=Message,
    RpcHttpCookie=RpcHttpCookie,
    RpcRetryOptions=Message,
    StatusResult=StatusResult,
    Timestamp=Message,
    TypedData=TypedData,
    WorkerInitResponse=Message,
    WorkerMetadata=Message,
)
