"""A list that goes on after storage was away, in a next ru."""

from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind
from gather_once.storage.blobs import OutOfReach
from support.listed import Listed
from support.memory_blobs import Fate

PASSING = Fault(FaultKind.PASSING, "503")
REFUSED = Fault(FaultKind.REFUSED, "404")


@pytest.mark.parametrize(("way", "ends"), [({}, "kept"), ({"idempotent": False}, "missing")])
def test_storage_that_stays_away_costs_no_more_than_the_calls_under_way(
    way: dict[str, Any], ends: str
) -> None:
    """They are made again; those that must not be repeated are in doubt."""
    listed = Listed(lambda item, _: item, list(range(80)), **way)
    listed.expands()
    listed.fate = lambda _: Fate.OUT_OF_REACH if len(listed.source.calls) > 30 else Fate.CARRIED_OUT
    for _ in range(2):
        with pytest.raises(OutOfReach):
            listed.shares()
    listed.fate = lambda _: Fate.CARRIED_OUT

    outcome = listed.goes()

    assert outcome["status"] == ends
    asked = sum(listed.source.attempts.values())
    assert 80 - 25 * (ends == "missing") <= asked <= 80 + 25 * (ends == "kept")
    assert max(listed.source.attempts.values()) <= 1 + (ends == "kept")


def test_a_journal_knows_what_was_asked_by_its_key_alone() -> None:
    """Neither requests nor the names of secrets lie there."""
    listed = Listed(
        lambda item, before: item if before else PASSING,
        [1, 2],
        headers={"authorization": {"secret": "TOKEN"}, "x-item": "${each}"},
        idempotent=False,
    )

    assert listed.goes()["status"] == "kept"
    assert listed.source.calls[0].request["headers"]["authorization"] == {"secret": "TOKEN"}
    journals = [blob.content for where, blob in listed.blobs.stored.items() if "/lane/" in where[1]]
    assert journals
    for said in (b"TOKEN", b"secret", b"authorization", b"127.0.0.1"):
        assert said not in b"".join(journals)


def test_a_list_that_has_changed_is_asked_for_what_is_new_at_its_place() -> None:
    """It may, where it comes of an optional ask that was missing in the run before."""
    listed = Listed(lambda item, _: REFUSED if item == 3 else item, "${c || `[1, 2, 3]`}")
    listed.answers("c", REFUSED)
    first = listed.goes()
    assert first["reason"] == "1 of 3 items"
    listed.concludes(first)
    listed.again()
    listed.answers("c", [1, 5, 3, 6])
    listed.source.says = lambda item, _: item

    second = listed.goes()

    assert listed.seen(second) == [1, 5, 3, 6]
    assert listed.source.attempts == {5: 1, 3: 1, 6: 1}


def test_equal_items_are_asked_each_for_itself_and_once_where_they_answer_for_all() -> None:
    """Without `fresh_for` each place of a list is a question of its own."""
    own = Listed(lambda item, before: [item, before], [7, 7])
    assert own.seen(own.goes()) == [[7, 0], [7, 1]]

    shared = Listed(lambda item, before: [item, before], [7, 7], fresh_for="P1D")
    assert shared.seen(shared.goes()) == [[7, 0], [7, 0]]
    assert shared.source.attempts == {7: 1}
