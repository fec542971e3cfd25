"""Functions by name and version: what they are given, what they may give, and how they fail."""

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel

from gather_once.ledger import claims
from gather_once.ledger.holding import Holding
from gather_once.ledger.keys import Asking
from gather_once.model.fault import FaultKind
from gather_once.sources.computation import NoAnswer, Registry, Work, written
from support.computing import FUNCTIONS, Computing, Nothing, call_of
from support.memory_blobs import Fate, MemoryBlobs, Operation


@pytest.fixture
def computing() -> Computing:
    return Computing()


# -- input -------------------------------------------------------------------------------------


def test_an_input_that_does_not_fit_is_refused_with_a_pointer_to_each_misfit(
    computing: Computing,
) -> None:
    fault = computing.fault("total", {"numbers": [1, "two", None], "of": 3})
    assert fault.kind is FaultKind.REFUSED
    for pointer in ("/input/numbers/1: ", "/input/numbers/2: ", "/input/of: "):
        assert pointer in fault.message


def test_no_input_is_an_empty_one(computing: Computing) -> None:
    assert computing.answer("rates", None) == computing.answer("rates", {})
    assert "`numbers` is missing" in computing.fault("total", None).message


# -- faults ------------------------------------------------------------------------------------


def test_a_function_that_raises_is_broken_with_its_message(computing: Computing) -> None:
    fault = computing.fault("failing")
    assert fault.kind is FaultKind.BROKEN
    assert fault.message == "failing 1 raised NoSuchDay: there was no 30th of February"


def test_a_function_may_say_that_trying_again_makes_sense(computing: Computing) -> None:
    fault = computing.fault("busy")
    assert (fault.kind, fault.message) == (FaultKind.PASSING, "busy 1: the grid is full")


def test_the_time_limit_ends_a_function_that_looks_at_the_clock(computing: Computing) -> None:
    fault = computing.fault("endless", seconds=0.01)
    assert fault.kind is FaultKind.PASSING
    assert "its time limit of 0.01 s" in fault.message


def test_a_function_that_never_looks_has_its_late_answer_kept(computing: Computing) -> None:
    assert json.loads(computing.answer("rates", seconds=1e-6)) == {"eur": [4, None]}


@pytest.mark.parametrize(
    ("function", "version"), [("nobody", 1), ("rates", 2), ("rates", None), (5, 1)]
)
def test_what_is_not_registered_is_refused_by_name(
    computing: Computing, function: object, version: object
) -> None:
    with pytest.raises(Exception, match="there is no function") as failed:
        computing.source.fetch(call_of(function, version=version))
    assert "refused" in str(failed.value)


# -- results -----------------------------------------------------------------------------------


def test_a_number_that_json_cannot_say_breaks_the_result_and_is_pointed_at(
    computing: Computing,
) -> None:
    fault = computing.fault("boundless")
    assert fault.kind is FaultKind.BROKEN
    assert "has nan at /losses/1" in fault.message


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_neither_infinities_nor_nan_become_null(number: float) -> None:
    class Model(BaseModel):
        number: float

    for value in (Model(number=number), {"number": number}, [number], number):
        with pytest.raises(NoAnswer, match="which JSON cannot represent"):
            written(value)


def test_a_result_without_a_form_in_json_is_broken(computing: Computing) -> None:
    fault = computing.fault("opaque")
    assert fault.kind is FaultKind.BROKEN
    assert "cannot be written as JSON" in fault.message


def test_a_result_that_contains_itself_is_broken() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(NoAnswer):
        written(loop)


# -- shards ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shards", [1, 2, 5, 7, 30])
def test_shards_have_every_piece_once_and_in_order(shards: int) -> None:
    pieces = [
        piece
        for number in range(shards)
        for piece in Work(number, shards, lambda: None).share_of(23)
    ]
    assert pieces == list(range(23))


def test_shares_differ_by_one_piece_at_most() -> None:
    sizes = {len([*Work(number, 7, lambda: None).share_of(23)]) for number in range(7)}
    assert sizes == {3, 4}


def test_parts_join_to_what_one_piece_would_give(computing: Computing) -> None:
    given = {"numbers": [0.1] * 10}
    parts = [computing.answer("total", given, shard={"number": n, "of": 3}) for n in range(3)]
    assert computing.answer("total", given, parts=parts) == computing.answer("total", given)
    assert json.loads(computing.answer("total", given)) == {"total": 1}


def test_what_is_joined_are_the_parts_and_nothing_is_computed_again(computing: Computing) -> None:
    content = computing.answer("total", {"numbers": [1, 2]}, parts=[b"[5.0]", b"[6.0]"])
    assert json.loads(content) == {"total": 11}


def test_a_function_that_is_not_made_for_shards_says_so(computing: Computing) -> None:
    fault = computing.fault("rates", shard={"number": 0, "of": 2})
    assert fault.kind is FaultKind.REFUSED
    assert "leave `shards` out" in fault.message


# -- the registry ------------------------------------------------------------------------------


def constant(number: int) -> Any:
    def give(_: Nothing, work: Work) -> int:
        del work
        return number

    return give


def test_versions_stand_side_by_side_and_the_newest_is_known() -> None:
    functions = Registry()
    for version in (2, 10, 9):
        functions.function("it", version=version)(constant(version))
    computing = Computing(functions)
    assert [computing.answer("it", version=version) for version in (2, 9)] == [b"2", b"9"]
    assert functions.newest == {"it": 10}
    assert functions.versions == {"it": {2: False, 9: False, 10: False}}


def test_the_registry_tells_what_takes_shards() -> None:
    assert FUNCTIONS.versions["total"] == {1: True}


@pytest.mark.parametrize(("name", "version"), [("it", 1), ("other", 0), ("No name", 1)])
def test_a_name_that_is_taken_or_that_no_plan_can_write_is_not_registered(
    name: str, version: int
) -> None:
    functions = Registry()
    functions.function("it", version=1)(constant(1))
    with pytest.raises(ValueError, match=r"there already|not a name"):
        functions.function(name, version=version)


def test_a_function_without_types_is_not_registered() -> None:
    def untyped(given, work):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, ARG001  # that is what is wrong with it
        return 1

    with pytest.raises(TypeError, match="untyped 1 has no type annotations"):
        Registry().function("untyped", version=1)(untyped)


# -- a claim during long work ------------------------------------------------------------------


class RenewedBlobs(MemoryBlobs):
    """Storage that knows when a claim has been renewed so many times."""

    def __init__(self, times: int) -> None:
        super().__init__(self._count)
        self._left = times
        self.is_renewed = threading.Event()

    async def _count(self, operation: Operation) -> Fate:
        if operation.verb == "replace":
            self._left -= 1
            if self._left == 0:
                self.is_renewed.set()
        return Fate.CARRIED_OUT


def test_a_claim_is_renewed_while_a_function_keeps_the_processor_busy() -> None:
    """The function ends only when it has been: it would never, if it held up the event loop."""
    blobs, functions = RenewedBlobs(times=3), Registry()

    @functions.function("spin", version=1)
    def spin(_: Nothing, work: Work) -> int:
        turns = 0
        while not blobs.is_renewed.is_set():
            turns += 1
            work.check()  # so that a test that fails does end
        return turns

    async def compute() -> bytes:
        asking = Asking(key="k", gather="g", run=1, attempts=1, may_repeat=True)
        taken = await claims.take(blobs, asking, "e", lambda: NOON)
        assert isinstance(taken, claims.Taken)
        source = Computing(functions).source
        with ThreadPoolExecutor(1) as pool:
            async with Holding(blobs, asking, taken, lambda: NOON, every=0.001):
                fetch = partial(source.fetch, call_of("spin"))
                return (await asyncio.get_running_loop().run_in_executor(pool, fetch)).content

    assert json.loads(asyncio.run(compute())) > 0


NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
