"""A message that failed too often is told of, and nothing of what it said is repeated."""

import hashlib
import json
import logging

import pytest

from support.backdoors import Backdoors
from support.doors import Doors
from triggers.workplace import Workplace

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
    told = {"key": "m-1", "id": "g", "status": "Poisoned", "size": len(BODY), "sha256": digest}
    assert behind.on("gathered") == [told]
    assert [record.name for record in caplog.records] == ["triggers.queue_poison"]
    assert "hush" not in caplog.text + behind.puts[0].text


@pytest.mark.parametrize("body", ["{", '"text"', '{"id": "No!"}', "\x00"])
def test_one_that_names_no_gather_is_told_of_all_the_same(behind: Backdoors, body: str) -> None:
    behind.delivers(body, "m-1", to="queue_poison")

    (told,) = behind.on("gathered")
    assert (told["status"], "id" in told) == ("Poisoned", False)
