"""Telling an end: to all who want it, marked once it is told, given up when patience is over."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from gather_once.executor.old.concluding import conclude
from gather_once.gathers.dossier import Dossier, assemble
from gather_once.gathers.notifications import RETRY, TellAgain, Told, tell, word_of
from gather_once.gathers.start import begin
from gather_once.ledger.old import runs
from gather_once.ledger.old.runs import Delivery as Mark
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.outcome import missing
from gather_once.model.progress import GatherStatus
from gather_once.notify.notices import Word
from gather_once.plans.asks import HttpAsk
from gather_once.plans.notify_target import Delivery, ToBlob, ToQueue
from gather_once.plans.plan import Plan
from support.gathers import NOON, HostTwin, a_plan, kept, lost
from support.memory_blobs import MemoryBlobs

DONE = ToQueue("completions")
ELSEWHERE = ToBlob("delivered", "end.json")


class Ending:
    """One gather that has ended; `refused` says who does not take its word."""

    def __init__(self, *, by_queue: bool = True, elsewhere: bool = False) -> None:
        self.blobs, self.told = MemoryBlobs(), list[tuple[Word, Delivery]]()
        self.refused: set[Delivery] = set()
        self.fault = Fault(FaultKind.PASSING, "asleep")
        more = {"notify": {"blob": "delivered/end.json"}} if elsewhere else {}
        asyncio.run(self._end(by_queue, more))

    async def _end(self, by_queue: bool, more: dict[str, Any]) -> None:  # noqa: FBT001  one caller
        plan, host = a_plan("a b c?", **more), HostTwin()
        await begin(self.blobs, host, "g", plan, now=NOON, by_queue=by_queue)
        for outcome in (kept("a"), lost("b"), lost("c")):
            await conclude(self.blobs, "g", 1, outcome)
        await assemble(self.blobs, "g", 1, now=NOON)

    def tells(self, attempt: int = 1) -> Told | TellAgain:
        told = tell(self.blobs, "g", 1, self._send, attempt=attempt, done=DONE.name, now=NOON)
        return asyncio.run(told)

    async def _send(self, word: Word, to: Delivery) -> None:
        if to in self.refused:
            raise SourceFailed(self.fault)
        self.told.append((word, to))

    @property
    def mark(self) -> Mark | None:
        return asyncio.run(runs.delivery_of(self.blobs, "g", 1))


def test_it_says_how_it_ended_and_what_is_missing_under_a_key_of_its_own() -> None:
    ending = Ending()
    ending.tells()

    ((word, to),) = ending.told
    assert to == DONE
    assert word.as_json() == {
        "key": "g:1",
        "id": "g",
        "run": 1,
        "status": "failed",
        "missing": {"b": "nobody knows"},
        "dossier_url": "/api/gathers/g/dossier",
    }


def test_it_is_told_once_and_marked() -> None:
    ending = Ending()

    assert ending.tells() == Told(Mark.SENT)
    assert ending.tells() == Told(None)
    assert (len(ending.told), ending.mark) == (1, Mark.SENT)


def test_who_came_by_queue_and_names_another_place_is_told_in_both() -> None:
    ending = Ending(elsewhere=True)
    ending.tells()

    assert [to for _, to in ending.told] == [ELSEWHERE, DONE]


def test_what_nobody_wants_to_hear_is_neither_told_nor_marked() -> None:
    ending = Ending(by_queue=False)

    assert ending.tells() == Told(None)
    assert (ending.told, ending.mark) == ([], None)


def test_while_one_receiver_sleeps_it_is_told_again_later() -> None:
    ending = Ending(elsewhere=True)
    ending.refused = {ELSEWHERE}
    told = ending.tells()

    assert isinstance(told, TellAgain)
    assert timedelta(seconds=3) < told.at - NOON < timedelta(seconds=7)
    assert ending.mark is None

    ending.refused = set()
    assert ending.tells(2) == Told(Mark.SENT)
    assert {word.key for word, _ in ending.told} == {"g:1"}


@pytest.mark.parametrize(
    ("attempt", "kind"), [(RETRY.max_attempts, FaultKind.PASSING), (1, FaultKind.REFUSED)]
)
def test_who_never_takes_it_is_given_up(attempt: int, kind: FaultKind) -> None:
    ending = Ending()
    ending.refused, ending.fault = {DONE}, Fault(kind, "no")

    assert ending.tells(attempt) == Told(Mark.FAILED)
    assert ending.mark is Mark.FAILED


def word_on(missed: dict[str, str]) -> Word:
    """Return the word on a run in which all asks are missing."""
    plan = Plan({ask: HttpAsk(url="https://x.test/") for ask in missed}, sent={})
    outcomes = {ask: missing(ask, reason) for ask, reason in missed.items()}
    return word_of(Dossier("g", 1, GatherStatus.FAILED, NOON, outcomes), plan)


@pytest.mark.parametrize("reason", ["x" * 500, "ü" * 500, "\x01\U0001f600" * 250])
@pytest.mark.parametrize("asks", [99, 200, 1_000])
def test_a_word_fits_into_a_message_however_much_is_missing(reason: str, asks: int) -> None:
    """A queue takes 48 KiB; what does not fit would be told to nobody."""
    names = [f"ask{number}".ljust(32, "_") for number in range(asks)]
    word = word_on(dict.fromkeys(names, reason))

    assert list(word.missing) == names
    assert all(said.endswith("…") for said in word.missing.values())
    assert len(json.dumps(word.as_json(), ensure_ascii=False).encode()) <= 48 * 1024


def test_reasons_are_whole_where_there_is_room() -> None:
    reasons = {f"ask{number}": "404" for number in range(198)} | {"a": "x" * 500, "b": "y" * 500}

    assert word_on(reasons).missing == reasons


def test_what_is_short_is_not_cut_for_the_sake_of_what_is_long() -> None:
    missed = {f"ask{number}": "x" * 500 for number in range(200)} | {"b": "404"}

    assert word_on(missed).missing["b"] == "404"
