"""What goes wrong with an HTTP source, and what it means for the next attempt."""

import gzip
import socket
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.sources.http import HttpSource
from support.sources import (
    Town,
    a_call,
    drip,
    drop,
    hang,
    pour,
    raw,
    reply,
    status,
)

NOW = datetime(2030, 1, 1, tzinfo=UTC)
BRIEF = timedelta(seconds=1)
SMALL = Settings.of({"GATHER_ALLOW_LOOPBACK": "1", "GATHER_MAX_PAYLOAD_BYTES": "1000"})
ENDLESS_BODY = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n"


def fault_of(url: str, monotonic: Callable[[], float] = time.monotonic, **fields: Any) -> Fault:
    with pytest.raises(SourceFailed) as failed:
        HttpSource(now=lambda: NOW, monotonic=monotonic).fetch(a_call(url, **fields))
    assert "?" not in failed.value.fault.message
    return failed.value.fault


@dataclass
class HastyClock:
    """A monotonic clock on which `step` seconds pass between one look and the next."""

    step: float
    seconds: float = 0

    def __call__(self) -> float:
        self.seconds += self.step
        return self.seconds


@pytest.mark.parametrize("code", [408, 425, 429, 503])
def test_a_source_that_has_not_begun_may_be_asked_again(town: Town, code: int) -> None:
    fault = fault_of(town.source("x").gives(code).url)

    assert fault == Fault(FaultKind.PASSING, f"GET 127.0.0.1: answered {code}")


@pytest.mark.parametrize("code", [500, 502, 504, 599])
def test_a_source_in_trouble_may_have_acted(town: Town, code: int) -> None:
    fault = fault_of(town.source("x").gives(code).url)

    assert (fault.kind, fault.may_have_acted) == (FaultKind.PASSING, True)


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 409, 410, 422, 451, 300, 304, 305])
def test_a_source_that_says_no_is_not_asked_again(town: Town, code: int) -> None:
    fault = fault_of(town.source("x").gives(code).url)

    assert fault == Fault(FaultKind.REFUSED, f"GET 127.0.0.1: answered {code}")


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize("when", ["60", "Tue, 01 Jan 2030 00:01:00 GMT"])
def test_a_source_that_says_when_is_left_alone_until_then(town: Town, code: int, when: str) -> None:
    fault = fault_of(town.source("x").gives(status(code, retry_after=when)).url)

    assert fault == Fault(
        FaultKind.THROTTLED,
        f"GET 127.0.0.1: answered {code}, not before 2030-01-01T00:01:00Z",
        until=NOW + timedelta(minutes=1),
    )


def test_a_retry_after_that_cannot_be_read_leaves_the_pause_to_patience(town: Town) -> None:
    fault = fault_of(town.source("x").gives(status(429, retry_after="soon")).url)

    assert fault.kind is FaultKind.PASSING


def test_a_port_where_nobody_listens_is_a_passing_fault_without_effect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]

    fault = fault_of(f"http://127.0.0.1:{port}/", method="POST")

    assert fault == Fault(FaultKind.PASSING, "POST 127.0.0.1: no connection could be made")


def test_a_source_that_never_answers_costs_the_time_limit_and_may_have_acted(town: Town) -> None:
    fault = fault_of(town.source("x").gives(hang()).url, timeout=BRIEF, method="POST")

    assert fault.kind is FaultKind.PASSING
    assert fault.may_have_acted
    assert fault.message == "POST 127.0.0.1: no complete response within the time limit"


def test_a_time_limit_that_ends_before_the_request_has_left_has_no_effect(town: Town) -> None:
    orders = town.source("x").gives({})

    fault = fault_of(orders.url, monotonic=HastyClock(step=31), method="POST")

    assert not fault.may_have_acted
    assert fault.message == "POST 127.0.0.1: no connection within the time limit"
    assert orders.attempts == 0


@pytest.mark.parametrize(
    ("head", "drop_of"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nx-slow: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n", b"x-more: a\r\n"),
        (ENDLESS_BODY, b"a"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n", b"a"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", b"0"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "header", "headers", "body", "long body", "chunks", "chunk size", "continue"],
)
def test_a_source_that_drips_is_left_at_the_deadline(
    town: Town, head: bytes, drop_of: bytes
) -> None:
    clock = HastyClock(step=1)

    fault = fault_of(town.source("x").gives(drip(head, drop_of)).url, monotonic=clock)

    assert fault.kind is FaultKind.PASSING
    assert fault.may_have_acted
    assert 30 <= clock.seconds < 40


def test_a_connection_that_is_dropped_after_the_request_may_have_acted(town: Town) -> None:
    fault = fault_of(town.source("x").gives(drop()).url, method="POST")

    assert fault == Fault(
        FaultKind.PASSING,
        "POST 127.0.0.1: the connection was lost before the end of the response",
        may_have_acted=True,
    )


@pytest.mark.parametrize(
    "half",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_half_an_answer_is_none(town: Town, half: bytes) -> None:
    fault = fault_of(town.source("x").gives(raw(half)).url)

    assert (fault.kind, fault.may_have_acted) == (FaultKind.PASSING, True)


@pytest.mark.parametrize(
    "noise",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 2000 Fine\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\na",
        b"HTTP/1.1 200 OK\r\n" + b"x-many: a\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx-long: " + b"a" * 70_000 + b"\r\n\r\n",
    ],
    ids=["other protocol", "status", "two lengths", "too many headers", "too long a header"],
)
def test_what_is_not_http_is_broken(town: Town, noise: bytes) -> None:
    fault = fault_of(town.source("x").gives(raw(noise)).url)

    assert fault == Fault(
        FaultKind.BROKEN, "GET 127.0.0.1: the response is not HTTP", may_have_acted=True
    )


@pytest.mark.parametrize(
    "step",
    [
        reply(b"{", "application/json"),
        reply(b"", "application/json"),
        reply(b"[1e999]", "application/vnd.x+json"),
        reply(b"\xff", "text/plain"),
        reply(b"a,b\n1", "text/csv"),
        reply(b"x", "text/plain", headers={"content-encoding": "br"}),
        reply(gzip.compress(gzip.compress(b"x")), headers={"content-encoding": "gzip, gzip"}),
        reply(b"not gzip", headers={"content-encoding": "gzip"}),
        reply(gzip.compress(b"x" * 99)[:-9], headers={"content-encoding": "gzip"}),
        reply(gzip.compress(b"x") + b"more", headers={"content-encoding": "gzip"}),
    ],
)
def test_an_answer_that_cannot_be_read_is_broken_and_its_source_has_acted(
    town: Town, step: Any
) -> None:
    fault = fault_of(town.source("x").gives(step).url, method="POST")

    assert (fault.kind, fault.may_have_acted) == (FaultKind.BROKEN, True)
    assert fault.message.startswith("POST 127.0.0.1: the answer cannot be read: ")


def test_an_answer_may_be_as_long_as_the_limit(town: Town) -> None:
    full = town.source("x").gives(b"a" * 1000)

    assert len(HttpSource().fetch(a_call(full.url, settings=SMALL)).content) == 1000


@pytest.mark.parametrize(
    "step",
    [
        reply(b"a" * 1001),
        reply(gzip.compress(b"a" * 1001), headers={"content-encoding": "gzip"}),
        drip(ENDLESS_BODY, b"a" * 400),
    ],
)
def test_an_answer_beyond_the_limit_is_broken(town: Town, step: Any) -> None:
    fault = fault_of(town.source("x").gives(step).url, settings=SMALL)

    assert fault.kind is FaultKind.BROKEN
    assert fault.message.endswith("it is longer than 1000 bytes")


def test_a_bomb_is_left_when_the_limit_is_reached(town: Town) -> None:
    """Much of nothing packs well: no more of it is unpacked than the limit."""
    packer = zlib.compressobj(wbits=31)
    bomb = [packer.compress(bytes(2**20)) for _ in range(32)]

    step = pour(iter(bomb), "text/plain", content_encoding="gzip")
    fault = fault_of(town.source("x").gives(step).url)

    assert sum(map(len, bomb)) < 2**16
    assert fault.message.endswith("it is longer than 10485760 bytes")


def test_a_name_that_does_not_resolve_is_a_passing_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)

    settings = Settings.of({"GATHER_ALLOWED_HOSTS": "gone.example.com"})
    fault = fault_of("https://gone.example.com/", settings=settings)

    assert fault == Fault(FaultKind.PASSING, "GET gone.example.com: its name could not be resolved")


def test_a_name_server_that_takes_all_the_time_leaves_none_to_connect(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = HastyClock(step=0)
    resolve = socket.getaddrinfo

    def slowly(*asked: Any) -> Any:
        clock.seconds += 31
        return resolve(*asked)

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    source = town.source("x").gives({})

    fault = fault_of(source.url.replace("127.0.0.1", "localhost"), monotonic=clock)

    assert fault.message == "GET localhost: no connection within the time limit"
    assert source.attempts == 0
