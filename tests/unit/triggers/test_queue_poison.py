"""A message that failed too often is told of, and nothing of what it said is repeated."""

import hashlib
import json
import logging

import pytest

from gather_once.model.errors import InvalidSetting
from gather_once.model.settings import Settings
from support.backdoors import Backdoors
from support.doors import Doors
from triggers.context import Workplace
from triggers.queue import queue_gathers, queue_poison

BODY = json.dumps({"id": "g", "asks": {"a": "hush"}})


@pytest.fixture
def behind(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Backdoors:
    behind = Backdoors(doors)
    monkeypatch.setattr(Workplace, "of", behind.workplace)
    return behind


def test_a_message_that_was_given_up_is_told_of_and_logged_once(
    behind: Backdoors, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        behind.delivers(BODY, "m-1", to="queue_poison")

    digest = hashlib.sha256(BODY.encode()).hexdigest()
    told = {
        "key": f"m-1:{digest[:16]}",
        "id": "g",
        "status": "dead_lettered",
        "size": len(BODY),
        "sha256": digest,
    }
    assert behind.on("completions") == [told]
    assert [record.name for record in caplog.records] == ["triggers.queue"]
    assert "hush" not in caplog.text + behind.puts[0].text


@pytest.mark.parametrize("body", ["{", '"text"', '{"id": "No!"}', "\x00"])
def test_one_that_names_no_gather_is_told_of_all_the_same(behind: Backdoors, body: str) -> None:
    behind.delivers(body, "m-1", to="queue_poison")

    (told,) = behind.on("completions")
    assert (told["status"], "id" in told) == ("dead_lettered", False)


@pytest.mark.parametrize("name", ["q" * 57, "gathers-poison"])
def test_a_queue_beside_which_no_poison_queue_can_be_is_refused(name: str) -> None:
    with pytest.raises(InvalidSetting, match="at most 56 characters"):
        Settings.of({"GATHER_PLANS_QUEUE": name})
    assert Settings.of({"GATHER_PLANS_QUEUE": "q" * 56}).plans_queue == "q" * 56


def test_both_queue_functions_take_any_bytes_from_the_queue_of_the_setting() -> None:
    bound = {}
    for function in (queue_gathers, queue_poison):
        (trigger,) = [
            one.get_dict_repr()
            for one in function._function.get_bindings()
            if one.type == "queueTrigger"
        ]
        bound[trigger["queueName"]] = str(trigger["dataType"])

    assert set(bound) == {"%GATHER_PLANS_QUEUE%", "%GATHER_PLANS_QUEUE%-poison"}
    assert all("BINARY" in data_type for data_type in bound.values())
