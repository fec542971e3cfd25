"""Readiness: settings are sound and storage answers, or what to put right."""

import pytest

from support.doors import Doors


@pytest.fixture(autouse=True)
def _queues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AzureWebJobsStorage", "UseDevelopmentStorage=true")


def test_where_all_is_well_it_says_what_it_would_work_with(doors: Doors) -> None:
    reply = doors.get("/ready")

    assert reply.status == 200
    assert reply.json == {"status": "ready", "task_hub": "GatherOnce", "wire": 1}
    assert len(doors.operations) == 1


def test_storage_that_does_not_answer_is_named(doors: Doors) -> None:
    doors.storage_is_down = True
    reply = doors.get("/ready")

    assert (reply.status, reply.pointers) == (503, ["AzureWebJobsStorage"])
    assert reply.headers["retry-after"] == "5"


def test_a_setting_that_cannot_be_used_is_named(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATHER_THREADS", "many")
    reply = doors.get("/ready")

    assert (reply.status, reply.pointers) == (503, ["GATHER_THREADS"])


def test_queues_without_an_account_are_named(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AzureWebJobsStorage")
    reply = doors.get("/ready")

    assert (reply.status, reply.pointers) == (503, ["AzureWebJobsStorage"])


def test_humans_who_could_not_be_told_are_a_warning(
    doors: Doors, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever asks no human is carried out all the same."""
    monkeypatch.setenv("GATHER_PUBLIC_URL", "https://app.example.com")
    monkeypatch.setenv("GATHER_QUESTIONS_WEBHOOK", "https://hook.example.com/")
    reply = doors.get("/ready")
    names = [warning["name"] for warning in reply.json["warnings"]]
    assert (reply.status, names) == (
        200,
        ["GATHER_LINK_SIGNING_KEYS", "GATHER_WEBHOOK_SIGNING_KEYS"],
    )

    monkeypatch.setenv("GATHER_LINK_SIGNING_KEYS", "k" * 32)
    monkeypatch.setenv("GATHER_WEBHOOK_SIGNING_KEYS", "a key that signs webhooks of 32 characters")
    assert "warnings" not in doors.get("/ready").json
