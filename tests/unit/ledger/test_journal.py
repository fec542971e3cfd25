"""What the entries of a journal mean, and that they come out of storage as they went in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gather_once.ledger.journal import (
    Anew,
    Attempt,
    Begun,
    Doubted,
    Entry,
    Failed,
    Item,
    Journal,
    Kept,
    Opened,
    Sealed,
    Stand,
    answers_in,
    decode,
    encode,
    read_on,
)
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.receipt import Elsewhere, Inline, Payload, Receipt, digest_of
from gather_once.model.wire import UnknownVersion

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TRY = Attempt(0, "key", 1, 1, "w", 0)
FAULT = Fault(FaultKind.PASSING, "503")
FAILED = Failed(TRY, NOON, NOON, FAULT, due=NOON + timedelta(minutes=1))
DOUBTED = Doubted(TRY, NOON, NOON, FAULT)


def kept(attempt: Attempt = TRY, payload: Payload | None = None) -> Kept:
    receipt = Receipt(
        attempt.key,
        generation=1,
        digest=digest_of(b"4"),
        size=1,
        media_type="application/json",
        obtained_at=NOON,
        by="g",
        attempts=1,
        payload=payload or Inline(b"4"),
        etag='"v1"',
    )
    return Kept(attempt, NOON, receipt)


def item_after(*entries: Entry, key: str = "key") -> Item:
    return read_on(Journal({0: key}), entries).item(0)


def test_entries_come_back_as_they_were_written() -> None:
    entries: Sequence[Entry] = (
        Opened(1, "w"),
        Begun(TRY, NOON),
        replace(FAILED, due=None, last=True),
        FAILED,
        DOUBTED,
        Anew(TRY),
        kept(),
        kept(payload=Elsewhere("g/payload/x")),
        replace(kept(), began=None),
        Sealed(2, "w"),
    )

    assert decode(encode(entries)) == entries


def test_an_entry_of_another_version_is_not_guessed_at() -> None:
    with pytest.raises(UnknownVersion):
        decode(encode([Opened(1, "w")]).replace(b'"v":1', b'"v":2'))
    with pytest.raises(UnknownVersion):
        decode(encode([Anew(TRY)]).replace(b'"anew"', b'"more"'))


def test_entries_under_another_key_do_not_count() -> None:
    assert item_after(kept(), FAILED, DOUBTED, key="another") == Item()
    assert not answers_in(Journal({0: "another"}), [kept()])


def test_the_first_answer_counts() -> None:
    late = kept(payload=Elsewhere("late"))
    assert answers_in(Journal({0: "key"}), [kept(), late]) == {0: kept()}


def test_an_answer_counts_over_a_doubt_and_over_ask_again() -> None:
    assert item_after(DOUBTED, kept()).stand(1, 5) is Stand.KEPT
    assert item_after(DOUBTED, Anew(TRY), kept()).stand(1, 5) is Stand.KEPT
    assert item_after(DOUBTED, kept(), Anew(TRY)).stand(1, 5) is Stand.KEPT


def test_ask_again_makes_all_forgotten_but_answers() -> None:
    after = item_after(Begun(TRY, NOON), FAILED, DOUBTED, Anew(TRY))
    assert after == Item(generation=2)
    assert item_after(DOUBTED, Anew(TRY), DOUBTED).stand(1, 5) is Stand.DUE


def test_an_attempt_fails_once_however_often_that_is_written() -> None:
    assert item_after(FAILED, FAILED).tries_in(1) == 1


def test_a_fault_spends_the_patience_of_its_own_run_and_pauses_all() -> None:
    item = item_after(FAILED)
    assert (item.stand(1, 1), item.stand(2, 1)) == (Stand.SPENT, Stand.DUE)
    assert item.due == NOON + timedelta(minutes=1)


def test_a_fault_without_a_call_spends_no_patience_and_ends_what_was_begun() -> None:
    item = item_after(Begun(TRY, NOON), replace(FAILED, began=None))
    assert (item.stand(1, 1), item.tries_in(1), item.tries_of("w")) == (Stand.DUE, 0, 1)


def test_a_last_fault_ends_the_item_for_its_run() -> None:
    item = item_after(replace(FAILED, last=True))
    assert (item.stand(1, 5), item.stand(2, 5)) == (Stand.SPENT, Stand.DUE)


def test_a_call_hangs_until_its_own_end_is_written() -> None:
    begun, other = Begun(TRY, NOON), replace(TRY, writer="other")
    assert item_after(begun).stand(1, 5) is Stand.HANGING
    assert item_after(begun, replace(FAILED, attempt=other)).stand(1, 5) is Stand.HANGING
    assert item_after(begun, FAILED).stand(1, 5) is Stand.DUE


def test_who_opened_last_and_the_highest_run_are_known() -> None:
    journal = read_on(Journal({}), [Opened(2, "b"), Opened(1, "a"), Sealed(1, "a")])
    assert (journal.opener, journal.latest, journal.sealed) == (Opened(1, "a"), 2, (1,))
