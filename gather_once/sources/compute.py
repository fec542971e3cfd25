"""Computations: a registered function as a whole, one shard of it, or the reduce step.

A request is `{"function", "version", "input"}`; with `"shard": {"number", "of"}` it is for one
part, with `"parts"` (the bytes of each) for the reduce step.
"""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from gather_once.http_client.call import Answer, Call
from gather_once.http_client.deadline import Deadline
from gather_once.model.errors import InvalidInput
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.sources.computation import (
    ComeAgain,
    Computation,
    NoAnswer,
    NotMadeForShards,
    Registry,
    TimeIsUp,
    UnknownFunction,
    Work,
)
from gather_once.sources.functions import REGISTRY


class ComputeSource:
    """Runs registered functions; `monotonic` (seconds) is the clock of time limits.

    A thread cannot be stopped from outside, so a time limit ends only functions that check it, as
    `Work.share_of` does. Any other runs to its end, and its answer is stored.
    """

    kind: Final = "compute"

    def __init__(
        self, registry: Registry = REGISTRY, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._registry = registry
        self._monotonic = monotonic

    def fetch(self, call: Call) -> Answer:
        """Return the answer as JSON; raises SourceFailed.

        An attempt is never in doubt, because functions have no side effects.
        """
        deadline = Deadline.after(call.timeout, self._monotonic)
        function = self._find(call.request)

        def check() -> None:
            if deadline.is_over:
                raise TimeIsUp

        try:
            content = _compute(function, call.request, check)
        except Exception as error:  # a function may raise anything: the ask fails
            raise SourceFailed(_fault_behind(error, function, call.timeout)) from error
        return _answer(function, content, call.settings.limits.payload_bytes)

    def _find(self, request: Mapping[str, Any]) -> Computation[Any, Any]:
        try:
            return self._registry.find(str(request.get("function")), request.get("version"))
        except UnknownFunction as error:
            raise _failed(FaultKind.REFUSED, str(error)) from error


def _compute(
    function: Computation[Any, Any], request: Mapping[str, Any], check: Callable[[], None]
) -> bytes:
    given, shard = request.get("input"), request.get("shard")
    if "parts" in request:
        return function.joined(given, request["parts"])
    if shard is None:
        return function.whole(given, check)
    return function.part(given, Work(shard["number"], shard["of"], check))


def _fault_behind(error: Exception, function: Computation[Any, Any], timeout: timedelta) -> Fault:
    match error:
        case TimeIsUp():
            limit = f"its time limit of {timeout.total_seconds():g} s"
            what = f"{function} was not done within {limit}; give it more `timeout` or `shards`"
            return Fault(FaultKind.PASSING, what)
        case ComeAgain():
            return Fault(FaultKind.PASSING, f"{function}: {error}")
        case InvalidInput(defects=defects):
            what = "; ".join(map(str, defects))
            return Fault(FaultKind.REFUSED, f"{function} takes no such input: {what}")
        case NotMadeForShards():
            return Fault(FaultKind.REFUSED, str(error))
        case NoAnswer():
            return Fault(FaultKind.BROKEN, f"{function}: {error}")
        case _:
            what = f"{function} raised {type(error).__name__}: {error}"
            return Fault(FaultKind.BROKEN, what)


def _answer(function: Computation[Any, Any], content: bytes, most: int) -> Answer:
    if len(content) > most:
        what = f"the result of {function} is longer than {most} bytes; make it smaller"
        raise _failed(FaultKind.BROKEN, what)
    return Answer(content, "application/json")


def _failed(kind: FaultKind, message: str) -> SourceFailed:
    return SourceFailed(Fault(kind, message))
