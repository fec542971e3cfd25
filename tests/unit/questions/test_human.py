"""Notices to humans: what they say, and who gets them."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.notify.notices import Notice, Place
from gather_once.questions import messages as human
from gather_once.storage import queues
from support.gathers import NOON
from support.sources import Town

KEY = "a key that signs webhooks of 32 characters"
NOTICE = Notice(Place("g/k", 2, "e1"), "Release?", "risk-desk", NOON)


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What is put on queues."""
    put: list[tuple[str, Any]] = []
    monkeypatch.setattr(queues, "send", lambda _, name, text: put.append((name, json.loads(text))))
    return put


def test_a_notice_has_question_link_and_time_and_a_key_of_its_own() -> None:
    said = human.message_of(NOTICE, "https://x.test/answer#t")

    assert said == {
        "key": "g/k:2:e1:0",
        "type": "question.asked",
        "reminder_number": 0,
        "question": "Release?",
        "assignee": "risk-desk",
        "due_at": "2026-05-04T12:00:00Z",
        "url": "https://x.test/answer#t",
    }


def with_hook(url: str, key: str) -> Settings:
    return Settings.of(
        {
            "GATHER_ALLOW_LOOPBACK": "1",
            "GATHER_QUESTIONS_WEBHOOK": url,
            "GATHER_WEBHOOK_SIGNING_KEYS": key,
        }
    )


def test_a_notice_goes_to_the_queue_and_to_the_webhook(
    town: Town, messages: list[tuple[str, Any]]
) -> None:
    hook = town.source("hook").gives(200)

    assert human.tell({}, with_hook(hook.url, KEY), lambda: NOON, NOTICE)
    (queue, said), (asked,) = messages[0], hook.requests
    assert queue == "questions"
    assert json.loads(asked.body) == said
    assert asked.headers["idempotency-key"] == said["key"]
    assert asked.headers["x-gather-once-signature"].startswith("sha256=")


def test_a_receiver_that_does_not_take_it_is_told_later(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*_: Any) -> None:
        raise SourceFailed(Fault(FaultKind.PASSING, "asleep"))

    monkeypatch.setattr(queues, "send", fails)
    assert not human.tell({}, Settings(), lambda: NOON, NOTICE)
    assert "told later" in caplog.text


def test_a_webhook_that_refuses_is_logged_and_the_queue_is_not_told_over_and_over(
    town: Town, messages: list[tuple[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    hook = town.source("hook").gives(404)

    for key in (KEY, ""):
        assert human.tell({}, with_hook(hook.url, key), lambda: NOON, NOTICE)
    assert len(messages) == 2
    assert "GATHER_WEBHOOK_SIGNING_KEYS" in caplog.text
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_what_all_refuse_is_told_later(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: Any) -> None:
        raise SourceFailed(Fault(FaultKind.REFUSED, "no"))

    monkeypatch.setattr(queues, "send", refuses)
    assert not human.tell({}, Settings(), lambda: NOON, NOTICE)


def test_a_webhook_that_sleeps_is_told_later(
    town: Town, messages: list[tuple[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    hook = town.source("hook").gives(503)

    assert not human.tell({}, with_hook(hook.url, KEY), lambda: NOON, NOTICE)
    assert len(messages) == 1
    token = urlsplit(messages[0][1]["url"]).fragment
    assert "told later" in caplog.text
    assert token
    assert token not in caplog.text
