"""What is wrong with a function that loads all the same: warnings for the one who wrote it."""

import inspect
from collections.abc import Iterator

from devhost.functions import FunctionInfo

_SERVED_TRIGGERS = frozenset(
    {"httpTrigger", "queueTrigger", "timerTrigger", "orchestrationTrigger", "activityTrigger"}
)
_SERVED_OUTPUTS = frozenset({"http", "queue", "blob"})


def cautions(function: FunctionInfo) -> Iterator[str]:
    """Yield a sentence for everything that will fail, or not happen, when the function is used."""
    if function.kind not in _SERVED_TRIGGERS:
        yield f"{function.name}: devhost serves no {function.kind}; the function is never called."
    if _has_client(function) and not inspect.iscoroutinefunction(_innermost(function)):
        yield (
            f"{function.name} takes a durable client and is no coroutine: every call will fail, "
            "in Azure too, because the SDK awaits it. Write `async def`."
        )
    if function.durable_name.lower() != function.name.lower():
        yield (
            f"{function.name} is '{function.durable_name}' to the durable extension: who calls it "
            "by its function object, not by that name, will not find it."
        )
    if function.retry and function.kind != "timerTrigger":
        yield f"{function.name}: retry policies are applied to timer triggers only."
    yield from _bindings(function)


def _bindings(function: FunctionInfo) -> Iterator[str]:
    for one in function.bindings:
        if one is function.trigger or one.type == "durableClient":
            continue
        if not one.is_out:
            yield f"{function.name}: devhost reads no input binding of type {one.type}; calls fail."
        elif one.type not in _SERVED_OUTPUTS:
            yield f"{function.name}: devhost sends nothing to output bindings of type {one.type}."


def _has_client(function: FunctionInfo) -> bool:
    return any(one.type == "durableClient" for one in function.bindings)


def _innermost(function: FunctionInfo) -> object:
    """Return what the SDK's wrapper, itself a coroutine function, was put around."""
    inner: object = function.user_function
    while hasattr(inner, "client_function"):
        inner = inner.client_function
    return inner
