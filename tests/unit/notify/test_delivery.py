"""Couriers: words to webhooks, signed; what is not taken is a fault that says whether to go on."""

import hashlib
import hmac
import json
import socket
from dataclasses import replace

import pytest

from gather_once.model.fault import FaultKind, SourceFailed
from gather_once.model.settings import Keys, Settings
from gather_once.notify.delivery import SIGNATURE, TIMESTAMP, Courier, signature
from gather_once.notify.notices import Word
from gather_once.plans.notify_target import ToWebhook
from support.gathers import NOON
from support.sources import OPEN_LOOPBACK, Town, redirect

KEY = "a key that signs webhooks of 32 characters"
WORD = Word("g:1", "g", 1, "failed", {"b": "grün"}, "/api/gathers/g/dossier")


def courier(settings: Settings = OPEN_LOOPBACK, *, key: str | None = KEY) -> Courier:
    keys = Keys([key] if key else [])
    return Courier({}, replace(settings, webhook_signing_keys=keys), lambda: NOON)


def test_a_webhook_gets_the_word_under_its_key_signed_with_its_time(town: Town) -> None:
    source = town.source("hook").gives({"thanks": True})
    courier().deliver(WORD, ToWebhook(source.url))

    (asked,) = source.requests
    text, timestamp = asked.body.decode(), asked.headers[TIMESTAMP]
    mac = hmac.new(KEY.encode(), f"{timestamp}.{text}".encode(), hashlib.sha256)
    assert (asked.method, json.loads(text)) == ("POST", WORD.as_json())
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == "g:1"
    assert timestamp == str(int(NOON.timestamp()))
    assert asked.headers[SIGNATURE] == f"sha256={mac.hexdigest()}"


def test_a_signature_is_of_time_and_text_together() -> None:
    whole = {signature(KEY, "1", "x"), signature(KEY, "2", "x"), signature(KEY, "1", "y")}

    assert len(whole | {signature("another", "1", "x")}) == 4


def test_what_a_webhook_answers_is_no_matter_once_it_has_taken_the_word(town: Town) -> None:
    source = town.source("hook").gives("{ this is not JSON")

    courier().deliver(WORD, ToWebhook(source.url))


@pytest.mark.parametrize(("status", "kind"), [(503, FaultKind.PASSING), (404, FaultKind.REFUSED)])
def test_a_webhook_that_does_not_take_it_is_a_fault(
    town: Town, status: int, kind: FaultKind
) -> None:
    source = town.source("hook").gives(status)

    with pytest.raises(SourceFailed) as failed:
        courier().deliver(WORD, ToWebhook(source.url))
    assert failed.value.fault.kind is kind


def test_without_a_signing_key_nothing_is_sent_and_the_setting_is_named(town: Town) -> None:
    source = town.source("hook").gives({})

    with pytest.raises(SourceFailed, match="GATHER_WEBHOOK_SIGNING_KEYS"):
        courier(key=None).deliver(WORD, ToWebhook(source.url))
    assert source.requests == []


def test_a_webhook_out_of_bounds_is_not_called(town: Town) -> None:
    source = town.source("hook").gives({})

    with pytest.raises(SourceFailed) as failed:
        courier(Settings()).deliver(WORD, ToWebhook(source.url))
    assert failed.value.fault.kind is FaultKind.REFUSED
    assert source.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://169.254.169.254/metadata",
        "https://168.63.129.16/",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://[::ffff:a9fe:a9fe]/",
        "https://[::127.0.0.1]/",
        "https://[fd00::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://inside.test/",
    ],
)
def test_a_webhook_leads_to_no_address_of_a_private_network(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where every host may be named, and a public name has a private address."""
    dialled = list[object]()
    inside = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 443))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [inside])
    monkeypatch.setattr(socket.socket, "connect", lambda _, to: dialled.append(to))
    everywhere = Settings.of({"GATHER_ALLOWED_HOSTS": "*"})

    with pytest.raises(SourceFailed) as failed:
        courier(everywhere).deliver(WORD, ToWebhook(url))
    assert failed.value.fault.kind is FaultKind.REFUSED
    assert dialled == []


@pytest.mark.parametrize("code", [302, 303, 307])
def test_a_webhook_that_redirects_has_taken_nothing(town: Town, code: int) -> None:
    """It may be a page that asks to sign in, or lead to where nothing of this may go."""
    page = town.source("page").gives("please sign in")
    hook = town.source("hook").gives(redirect(page.url, code))

    with pytest.raises(SourceFailed, match="redirects") as failed:
        courier().deliver(WORD, ToWebhook(hook.url))
    assert failed.value.fault.kind is FaultKind.REFUSED
    assert (hook.attempts, page.attempts) == (1, 0)


def test_neither_key_nor_address_of_a_webhook_is_in_what_is_said_of_its_fault(town: Town) -> None:
    source = town.source("hook").gives(404)

    with pytest.raises(SourceFailed) as failed:
        courier().deliver(WORD, ToWebhook(f"{source.url}?team=canary"))
    assert KEY not in str(failed.value)
    assert "canary" not in str(failed.value)
