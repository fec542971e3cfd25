"""A plan that comes in by the queue is begun once, watched as long as it takes, and told."""

from datetime import timedelta
from typing import Any

import pytest

from gather_once.model.fault import SourceFailed
from gather_once.storage.blobs import OutOfReach
from support.backdoors import Backdoors, Put
from support.doors import Doors, a_plan_of
from triggers.context import Workplace

PLAN: dict[str, Any] = {"id": "g", **a_plan_of(a={})}
TOLD = [("g:1", "completed", "completions")]


@pytest.fixture
def behind(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Backdoors:
    behind = Backdoors(doors)
    monkeypatch.setattr(Workplace, "of", behind.workplace)
    return behind


def ends_untold(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring the gather to its end while its root does not get to tell it."""
    doors.opens()
    doors.pursues("a", {"eur": 4})
    monkeypatch.setattr("support.doors.delivered", _does_not_tell)
    doors.ends()


async def _does_not_tell(*_: Any) -> None:
    """Crash before."""


def test_a_new_plan_is_begun_and_looked_at_again_in_five_seconds(behind: Backdoors) -> None:
    behind.delivers(PLAN)

    assert [instance for _, instance, _ in behind.doors.hub.started] == ["g"]
    assert behind.puts == [Put("gathers", '{"id": "g", "delivery": 2}', timedelta(seconds=5))]
    assert behind.told == []


def test_a_message_delivered_twice_begins_one_gather(behind: Backdoors) -> None:
    behind.delivers(PLAN)
    behind.delivers(PLAN)

    assert len(behind.doors.hub.started) == 1


def test_the_waits_grow_to_five_minutes_and_go_on_for_ever(behind: Backdoors) -> None:
    behind.delivers(PLAN)
    behind.doors.opens()
    for _ in range(9):
        behind.delivers(behind.puts[-1].text)
    behind.delivers({"id": "g", "delivery": 100_000})

    seconds = [int(put.hidden_for.total_seconds()) for put in behind.puts]
    assert seconds == [5, 10, 20, 40, 80, 160, 300, 300, 300, 300, 300]


def test_a_plan_without_an_id_takes_the_messages(behind: Backdoors) -> None:
    behind.delivers(a_plan_of(a={}), "0A-1B")
    behind.delivers(a_plan_of(a={}), "not an id")

    named = [instance for _, instance, _ in behind.doors.hub.started]
    assert named[0] == "0a-1b"
    assert named[1].startswith("q-")


def test_a_plan_may_lie_in_a_blob(behind: Backdoors) -> None:
    behind.plans["inputs", "plans/big.json"] = b'{"asks": {"a": {"from": "http", "url": "http://127.0.0.1/a"}}}'  # fmt: skip  # noqa: E501
    behind.delivers({"id": "g", "plan_blob": "plans/big.json"})

    assert [instance for _, instance, _ in behind.doors.hub.started] == ["g"]
    assert behind.on("gathers") == [{"id": "g", "delivery": 2}]


@pytest.mark.parametrize(
    ("said", "pointers"),
    [
        ("{", [""]),
        ("[]", [""]),
        ({"id": "g", "asks": {"a": {"from": "telepathy"}}}, ["/asks/a/from"]),
        ({"id": "A!", "plan_blob": "elsewhere/x", "more": 1}, ["/more", "/id", "/plan_blob"]),
        ({"plan_blob": "plans/../x"}, ["/plan_blob"]),
        ({"plan_blob": "plans/missing"}, ["/plan_blob"]),
        ({"id": "g", "delivery": 0}, ["/delivery"]),
        ({"delivery": True}, ["/id", "/delivery"]),
        ({"id": "nobody", "delivery": 3}, ["/id"]),
    ],
)
def test_what_cannot_be_carried_out_is_refused_at_once_and_told(
    behind: Backdoors, said: Any, pointers: list[str]
) -> None:
    behind.delivers(said, "m-1")

    (told,) = behind.on("completions")
    assert (told["key"].partition(":")[0], told["status"]) == ("m-1", "rejected")
    assert [error["pointer"] for error in told["errors"]] == pointers
    assert behind.on("gathers") == []
    assert behind.doors.hub.started == []


def test_another_plan_under_a_known_id_is_refused(behind: Backdoors) -> None:
    behind.delivers(PLAN)
    behind.delivers({"id": "g", **a_plan_of(b={})}, "m-2")

    (told,) = behind.on("completions")
    assert (told["id"], told["status"]) == ("g", "rejected")


def test_every_delivery_of_a_refused_message_is_told_under_one_key(behind: Backdoors) -> None:
    behind.delivers("{", "m-1")
    behind.delivers("{", "m-1")
    behind.delivers("{", "m-2")

    first, again, other = (told["key"] for told in behind.on("completions"))
    assert first == again != other


def test_two_refused_plans_of_one_id_have_keys_of_their_own(behind: Backdoors) -> None:
    """The host lets `id` in the body take the place of the message's id."""
    behind.delivers({"id": "g", "asks": {}}, "g")
    behind.delivers({"id": "g", "asks": []}, "g")

    first, second = (told["key"] for told in behind.on("completions"))
    assert first != second


def test_a_key_is_short_however_long_an_id_the_body_brings(behind: Backdoors) -> None:
    behind.delivers({"id": "x" * 40_000}, "x" * 40_000)

    (put,) = behind.puts
    assert len(put.json["key"]) < 100


def test_a_refusal_with_many_defects_still_fits_a_message(behind: Backdoors) -> None:
    behind.delivers({"asks": {f"a{n}": {"from": "http", "x" * 200: 1} for n in range(150)}})

    (put,) = behind.puts
    assert len(put.text.encode()) < 48 * 1024
    assert "more errors" in put.json["errors"][-1]["detail"]


def test_an_end_that_its_root_has_told_is_not_told_again(behind: Backdoors) -> None:
    behind.delivers(PLAN)
    behind.doors.opens()
    behind.doors.pursues("a", 4)
    behind.doors.ends()
    behind.delivers(behind.puts[0].text)

    assert (behind.told, len(behind.puts)) == ([], 1)


def test_an_end_that_nobody_told_is_told_now_and_once(
    behind: Backdoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind.delivers(PLAN)
    ends_untold(behind.doors, monkeypatch)
    behind.delivers(behind.puts[0].text)
    behind.delivers(behind.puts[0].text)

    assert behind.told_on_queues == TOLD
    assert len(behind.puts) == 1


def test_while_the_root_is_telling_the_message_waits(
    behind: Backdoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind.delivers(PLAN)
    ends_untold(behind.doors, monkeypatch)
    behind.doors.lets_root("g", "Running")
    behind.delivers(behind.puts[0].text)

    assert behind.told == []
    assert behind.on("gathers")[-1] == {"id": "g", "delivery": 3}


def test_an_end_that_is_not_taken_is_told_later_and_given_up_after_a_day(
    behind: Backdoors, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind.delivers(PLAN)
    ends_untold(behind.doors, monkeypatch)
    behind.receivers_are_down = True
    behind.delivers(behind.puts[-1].text)
    assert behind.on("gathers")[-1] == {"id": "g", "delivery": 3}

    behind.doors.now += timedelta(days=1)
    behind.delivers(behind.puts[-1].text)
    assert len(behind.puts) == 2


def test_one_that_was_broken_off_is_told_as_such(behind: Backdoors) -> None:
    behind.delivers(PLAN)
    behind.doors.lets_root("g", "Terminated")
    behind.delivers(behind.puts[0].text)

    assert behind.told_on_queues == [("g:1", "terminated", "completions")]


def test_who_sends_the_plan_of_a_gather_begun_elsewhere_is_told_too(behind: Backdoors) -> None:
    behind.doors.answered()
    behind.delivers(PLAN)

    assert (behind.told_on_queues, behind.puts) == (TOLD, [])


def test_a_gather_that_was_deleted_has_been_done(behind: Backdoors) -> None:
    behind.doors.answered()
    behind.doors.call("DELETE", "/gathers/g")
    behind.delivers(PLAN)
    behind.delivers({"id": "g", "delivery": 7})

    assert (behind.told, behind.puts) == ([], [])


def test_a_host_that_does_not_answer_costs_the_message_nothing(behind: Backdoors) -> None:
    behind.doors.hub.is_silent = True
    behind.delivers(PLAN)
    behind.delivers(behind.puts[-1].text)

    assert behind.on("gathers") == [{"id": "g", "delivery": 2}, {"id": "g", "delivery": 3}]


def test_where_storage_or_the_queue_does_not_answer_the_host_delivers_again(
    behind: Backdoors,
) -> None:
    behind.queues_are_down = True
    with pytest.raises(SourceFailed):
        behind.delivers(PLAN)
    behind.doors.storage_is_down = True
    with pytest.raises(OutOfReach):
        behind.delivers(PLAN)
