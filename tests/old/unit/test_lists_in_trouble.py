"""A list whose process crashes, whose source is unsure, whose answers are large or known."""

from collections import Counter
from typing import Any

import pytest

from gather_once.http_client.call import Answer
from gather_once.ledger.lists import ITEMS_OF_A_PORTION
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.settings import Settings
from gather_once.sources.port import NotThereYet
from gather_once.storage.blobs import Container, OutOfReach
from support.listed import ALLOWED, Listed
from support.memory_blobs import Fate, Operation

PASSING = Fault(FaultKind.PASSING, "503")
REFUSED = Fault(FaultKind.REFUSED, "404")
UNSURE = Fault(FaultKind.PASSING, "no answer", may_have_acted=True)


def score(item: int, _: int) -> Any:
    return {"score": item}


def test_what_must_not_be_repeated_is_in_doubt_item_by_item() -> None:
    listed = Listed(lambda item, _: UNSURE if item == 2 else item, [1, 2, 3], idempotent=False)

    outcome = listed.goes()

    assert (outcome["status"], outcome["reason"]) == ("missing", "1 of 3 items, 1 in doubt")
    assert listed.source.attempts == {1: 1, 2: 1, 3: 1}
    listed.concludes(outcome)
    listed.again()
    assert listed.goes()["reason"] == "1 of 3 items, 1 in doubt"
    assert listed.source.attempts == {1: 1, 2: 1, 3: 1}


class Crash(BaseException):
    """The process is gone."""


def test_calls_in_flight_at_a_crash_are_in_doubt_and_no_others() -> None:
    """Of items that must not be asked twice; what is written down as kept stays so."""
    listed = Listed(score, list(range(60)), idempotent=False)
    listed.expands()
    crashes_at = 30

    def says(item: int, _: int) -> Any:
        if len(listed.source.calls) == crashes_at:
            raise Crash
        return item

    listed.source.says = says
    with pytest.raises(Crash):
        listed.shares()
    told = listed.lane()[-1]["items"]

    assert 1 <= told["in_doubt"] <= 25
    assert told["kept"] + told["in_doubt"] == 60
    assert set(listed.source.attempts.values()) == {1}


def test_calls_in_flight_at_a_crash_are_asked_again_and_no_others() -> None:
    listed = Listed(score, list(range(60)))
    listed.expands()

    def says(item: int, _: int) -> Any:
        if len(listed.source.calls) == 30:
            raise Crash
        return item

    listed.source.says = says
    with pytest.raises(Crash):
        listed.shares()
    before = Counter(listed.source.attempts)
    listed.lane()

    assert listed.joins()["status"] == "kept"
    assert sum(listed.source.attempts.values()) <= 60 + 25
    assert max((listed.source.attempts - before).values()) == 1


def test_a_blob_that_is_to_arrive_is_waited_for_and_stops_no_other() -> None:
    absent = NotThereYet(REFUSED)
    fields: dict[str, Any] = {"from": "blob", "container": "inputs", "name": "n/${each}"}
    listed = Listed(
        lambda item, before: absent if item == 2 and before < 3 else item,
        [1, 2],
        wait_until_exists=True,
        **fields,
    )
    listed.expands()

    told = listed.shares()
    assert (told["status"], told["waits_for"]) == ("look_again", "the blob inputs/n/2")
    assert listed.goes()["status"] == "kept"
    assert listed.source.attempts == {1: 1, 2: 4}


@pytest.mark.parametrize("fresh", [{}, {"fresh_for": "P1D"}])
def test_looking_for_a_blob_that_is_to_arrive_costs_no_patience(fresh: dict[str, Any]) -> None:
    absent = NotThereYet(REFUSED)
    fields: dict[str, Any] = {"from": "blob", "container": "inputs", "name": "n/${each}"}
    listed = Listed(
        lambda item, before: absent if item == 2 and before < 9 else item,
        [1, 2],
        wait_until_exists=True,
        retry={"max_attempts": 1},
        **fields,
        **fresh,
    )

    outcome = listed.goes()

    assert (outcome["status"], outcome["calls"]) == ("kept", 2)
    assert listed.source.attempts == {1: 1, 2: 10}


@pytest.mark.parametrize("fresh", [{}, {"fresh_for": "P1D"}])
def test_a_blob_that_is_not_waited_for_is_missing_at_once(fresh: dict[str, Any]) -> None:
    fields: dict[str, Any] = {"from": "blob", "container": "inputs", "name": "n/${each}"}
    says = {1: 1, 2: NotThereYet(REFUSED)}
    listed = Listed(lambda item, _: says[item], [1, 2], **fields, **fresh)
    assert listed.goes()["reason"] == "1 of 2 items"
    assert listed.source.attempts == {1: 1, 2: 1}


def test_an_item_that_is_fresh_elsewhere_is_not_asked() -> None:
    listed = Listed(score, [1, 2], fresh_for="P1D")
    first = listed.goes()
    assert (first["status"], listed.seen(first)) == ("kept", [{"score": 1}, {"score": 2}])
    listed.blobs._blobs = {
        where: blob for where, blob in listed.blobs.stored.items() if "/lane/" not in where[1]
    }

    again = listed.goes()

    assert listed.source.attempts == {1: 1, 2: 1}
    assert (again["status"], again["calls"]) == ("kept", 0)


def test_faults_of_items_with_receipts_of_their_own_are_counted_once() -> None:
    listed = Listed(
        lambda item, _: PASSING if item == 2 else item,
        [1, 2],
        fresh_for="P1D",
        retry={"max_attempts": 3, "jitter": 0.0},
    )
    outcome = listed.goes()
    assert (outcome["reason"], outcome["calls"]) == ("1 of 2 items", 4)
    assert listed.source.attempts == {1: 1, 2: 3}


def test_a_large_answer_lies_in_a_blob_of_its_own() -> None:
    large = "x" * 70_000
    listed = Listed(lambda item, _: large if item == 1 else item, [1, 2])

    outcome = listed.goes()

    assert listed.seen(outcome) == [large, 2]
    journal = next(blob for where, blob in listed.blobs.stored.items() if "/lane/" in where[1])
    assert len(journal.content) < 5_000


def test_a_large_answer_that_serves_others_too_lies_in_a_blob_of_this_gather() -> None:
    large = "x" * 70_000
    listed = Listed(lambda item, _: large if item == 1 else item, [1, 2], fresh_for="P1D")

    outcome = listed.goes()

    assert listed.seen(outcome) == [large, 2]
    own = [name for where, name in listed.blobs.stored if where is Container.GATHERS]
    assert len([name for name in own if "/payload/" in name]) == 1


def test_joined_answers_have_their_limit_and_what_was_paid_for_counts_under_a_higher_one() -> None:
    listed = Listed(lambda *_: "x" * 50, list(range(10)), settings={"GATHER_MAX_LIST_BYTES": "500"})
    outcome = listed.goes()
    assert outcome["status"] == "missing"
    assert "GATHER_MAX_LIST_BYTES allows" in outcome["reason"]
    assert outcome["calls"] == 10

    listed.concludes(outcome)
    listed.again()
    listed.settings = Settings.of(ALLOWED)
    again = listed.goes()
    assert (again["status"], again["calls"]) == ("kept", 0)
    assert len(listed.source.calls) == 10


def test_answers_that_are_too_much_are_not_read_on_and_all_calls_are_counted() -> None:
    """Neither the memory nor the reading of thousands of large answers is spent in vain."""
    listed = Listed(
        lambda *_: "x" * 70_000, list(range(80)), settings={"GATHER_MAX_LIST_BYTES": "200000"}
    )
    listed.expands()
    listed.lane()
    listed.operations.clear()

    outcome = listed.joins()

    assert outcome["calls"] == 80
    read = [one.name for one in listed.operations if "/payload/" in one.name]
    assert len(read) == 3


def test_the_limit_of_joined_answers_is_one_of_bytes() -> None:
    listed = Listed(
        lambda *_: "\u6f22" * 50, list(range(9)), settings={"GATHER_MAX_LIST_BYTES": "1000"}
    )
    assert "GATHER_MAX_LIST_BYTES allows" in listed.goes()["reason"]


def test_an_answer_that_cannot_be_read_is_missing_and_says_why() -> None:
    listed = Listed(lambda *_: Answer(b"{", "application/json"), [1])
    outcome = listed.goes()
    assert (outcome["reason"], outcome["fault"]["kind"]) == ("1 of 1 items", "broken")
    assert outcome["fault"]["message"] == "item 0: it is not JSON that can be read"


def test_the_bytes_of_an_answer_are_led_to() -> None:
    listed = Listed(lambda *_: Answer(b"\x00\x01", "image/png"), [1])
    outcome = listed.goes()
    assert listed.seen(outcome) == [
        {"media_type": "image/png", "size": 2, "url": "/api/gathers/g/asks/a/items/0/answer"}
    ]


def test_storage_that_fails_in_the_middle_loses_no_answer() -> None:
    """What came in is handed over when storage answers again, and nothing is asked twice."""
    listed = Listed(score, list(range(50)))
    listed.expands()
    appends: list[Operation] = []

    def away(operation: Operation) -> Fate:
        appends.extend([operation] if operation.verb == "append" else [])
        return Fate.OUT_OF_REACH if len(appends) == 3 else Fate.CARRIED_OUT

    listed.fate = away
    with pytest.raises(OutOfReach):
        listed.shares()
    listed.fate = lambda _: Fate.CARRIED_OUT

    assert listed.goes()["status"] == "kept"
    assert set(listed.source.attempts.values()) == {1}


def test_a_second_execution_after_the_end_says_the_same() -> None:
    listed = Listed(score, [1, 2])
    listed.expands()
    assert listed.shares() == listed.shares() == {"status": "done", "items": {"kept": 2}}
    assert listed.joins()["receipt"] == listed.joins()["receipt"]


def test_portions_share_a_lane() -> None:
    listed = Listed(score, list(range(ITEMS_OF_A_PORTION + 1)))
    assert listed.goes()["status"] == "kept"
    journals = [where[1] for where in listed.blobs.stored if "/lane/" in where[1]]
    assert sorted(journals) == ["g/lane/a/0/0", "g/lane/a/0/1"]
