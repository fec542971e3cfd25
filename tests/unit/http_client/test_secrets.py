"""Secrets are named by plans, and seen by nobody but the source they are for."""

import base64
import logging
import traceback
from collections.abc import Callable
from typing import Any

import pytest

from gather_once.http_client.secrets import Secrets
from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import SourceFailed
from gather_once.sources.http import HttpSource
from support.sources import Asked, Town, a_call, drop, raw, redirect, reply, status

CANARY = "cAnArY-5e1f/0+=?&"
FORMS = (
    CANARY,
    "cAnArY-5e1f",
    "cAnArY-5e1f%2F0%2B%3D%3F%26",
    base64.b64encode(CANARY.encode()).decode(),
)


def test_a_secret_is_read_from_the_setting_of_its_name() -> None:
    secrets = Secrets({"GATHER_SECRET_TOKEN": "t0ken", "PATH": "/bin"})

    assert secrets.reveal({"secret": "TOKEN"}) == "t0ken"
    assert secrets.reveal("TOKEN") == "TOKEN"
    assert secrets.reveal({"secret": "TOKEN", "more": 1}) == {"secret": "TOKEN", "more": 1}


@pytest.mark.parametrize("name", ["PATH", "GONE", "", "A B", "../TOKEN", "A\n", 5, None, ["A"]])
def test_only_settings_of_the_family_are_secrets(name: object) -> None:
    secrets = Secrets({"PATH": "/bin", "GATHER_ALLOWED_HOSTS": "*", "GATHER_SECRET_": "x"})

    with pytest.raises(InvalidSetting):
        secrets.reveal({"secret": name})


def test_secrets_show_none() -> None:
    assert CANARY not in repr(Secrets({"GATHER_SECRET_TOKEN": CANARY}))


def echo(asked: Asked) -> str:
    return f"{asked.headers['authorization']} {asked.query['key'][0]}"


def _echoing(step_for: Callable[[str], Any]) -> Callable[[Town], Any]:
    """Return a step that has everything it was told to tell, as a hostile source would."""

    def made(town: Town) -> Any:
        def play(to: Any, released: Any) -> None:
            step_for(echo(town.source("x").last))(to, released)

        return play

    return made


WAYS_TO_FAIL: dict[str, Callable[[Town], Any]] = {
    "refuses, and echoes": _echoing(lambda e: reply(e.encode(), "text/plain", status=401)),
    "breaks, and echoes": _echoing(lambda e: reply(e.encode(), "application/json")),
    "echoes in a type": _echoing(lambda e: reply(b"\xff", f"text/plain; charset={e}")),
    "redirects to it": _echoing(lambda e: redirect(f"http://{e[:11]}.test/{e[:11]}?a={e[:11]}")),
    "echoes in a status line": _echoing(lambda e: raw(f"HTTP/1.1 4x4 {e}\r\n\r\n".encode())),
    "echoes in a header": _echoing(
        lambda e: raw(f"HTTP/1.1 200 OK\r\nno colon {e}\r\n\r\n".encode())
    ),
    "echoes in a retry-after": _echoing(lambda e: status(429, retry_after=e)),
    "drops": lambda _: drop(),
    "is in trouble": lambda _: 500,
}


@pytest.mark.parametrize("way", WAYS_TO_FAIL)
def test_a_secret_shows_in_no_fault_no_traceback_and_no_log(
    town: Town, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    caplog.set_level(logging.DEBUG)
    town.source("x").gives(WAYS_TO_FAIL[way](town))
    call = a_call(
        town.source("x").url,
        headers={"authorization": {"secret": "TOKEN"}},
        query={"key": {"secret": "TOKEN"}},
        secrets={"GATHER_SECRET_TOKEN": CANARY},
    )
    said = repr(call)

    try:
        HttpSource().fetch(call)
    except SourceFailed as failed:
        said += f"{failed!r} {failed.fault!r} " + "".join(traceback.format_exception(failed))
    said += "".join(f"{record!r} {record.getMessage()} {record.args}" for record in caplog.records)
    said += caplog.text

    assert town.source("x").last.query == {"key": [CANARY]}
    assert [form for form in FORMS if form in said] == []


def test_a_secret_that_no_header_can_carry_is_not_shown(town: Town) -> None:
    call = a_call(
        town.source("x").url,
        headers={"authorization": {"secret": "TOKEN"}},
        secrets={"GATHER_SECRET_TOKEN": CANARY + "\n"},
    )

    with pytest.raises(SourceFailed) as failed:
        HttpSource().fetch(call)

    assert (
        failed.value.fault.message == "the header authorization must be printable ASCII on one line"
    )
    assert CANARY not in "".join(traceback.format_exception(failed.value))
