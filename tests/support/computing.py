"""Functions for tests, each good for one situation, and calls to a source that has them."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel

from gather_once.http_client.call import Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.settings import Settings
from gather_once.sources.computation import ComeAgain, Registry, Work
from gather_once.sources.compute import ComputeSource

FUNCTIONS = Registry()


class Nothing(BaseModel):
    """No input."""


class Numbers(BaseModel, extra="forbid"):
    numbers: list[float]


class NoSuchDay(Exception):
    """What a function may raise of its own."""


@FUNCTIONS.function("rates", version=1)
def rates(_: Nothing, work: Work) -> dict[str, list[int | None]]:
    del work
    return {"eur": [4, None]}


@FUNCTIONS.function("total", version=1)
def total(given: Numbers, work: Work) -> list[float]:
    """Give this shard's numbers."""
    return [given.numbers[place] for place in work.share_of(len(given.numbers))]


@total.reduce
def _(given: Numbers, parts: Sequence[list[float]]) -> dict[str, float]:
    del given
    return {"total": math.fsum(number for part in parts for number in part)}


@FUNCTIONS.function("busy", version=1)
def busy(_: Nothing, work: Work) -> int:
    del work
    raise ComeAgain("the grid is full")


@FUNCTIONS.function("failing", version=1)
def failing(_: Nothing, work: Work) -> int:
    del work
    raise NoSuchDay("there was no 30th of February")


@FUNCTIONS.function("boundless", version=1)
def boundless(_: Nothing, work: Work) -> dict[str, list[float]]:
    del work
    return {"losses": [1.0, math.nan]}


@FUNCTIONS.function("opaque", version=1)
def opaque(_: Nothing, work: Work) -> Any:
    del work
    return {"it": object()}


@FUNCTIONS.function("endless", version=1)
def endless(_: Nothing, work: Work) -> int:
    return max(work.share_of(10**18))


class Computing:
    """A source that computes with the functions above, and whatever a call brings."""

    def __init__(self, functions: Registry = FUNCTIONS) -> None:
        self.source = ComputeSource(functions)

    def answer(self, function: str, given: Any = None, **more: Any) -> bytes:
        return self.source.fetch(call_of(function, given, **more)).content

    def fault(self, function: str, given: Any = None, **more: Any) -> Fault:
        with pytest.raises(SourceFailed) as failed:
            self.source.fetch(call_of(function, given, **more))
        return failed.value.fault


def call_of(
    function: object,
    given: Any = None,
    *,
    version: object = 1,
    seconds: float = 20,
    environ: Mapping[str, str] | None = None,
    **more: Any,
) -> Call:
    """Return a call; `more` is what the request has besides: `shard`, `parts`."""
    request = {"function": function, "version": version, "input": given, **more}
    settings = Settings.of(environ or {})
    return Call(request, timedelta(seconds=seconds), "asking-1", Secrets({}), settings)
