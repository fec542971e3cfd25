"""Where an HTTP source may lead to, and what it takes along."""

from collections.abc import Iterator
from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.sources.http import HttpSource
from support.sources import Town, a_call, redirect

CALLERS = {"x-api-key": "k", "authorization": {"secret": "TOKEN"}, "accept": "text/csv"}
SECRETS = {"GATHER_SECRET_TOKEN": "Bearer t0ken"}


@pytest.fixture
def elsewhere() -> Iterator[Town]:
    """Another port is another origin."""
    with Town() as elsewhere:
        yield elsewhere


def ask(url: str, **fields: Any) -> bytes:
    return HttpSource().fetch(a_call(url, secrets=SECRETS, **fields)).content


def fault_of(url: str, **fields: Any) -> Fault:
    with pytest.raises(SourceFailed) as failed:
        ask(url, **fields)
    return failed.value.fault


def test_three_redirects_are_followed_and_a_fourth_is_not(town: Town) -> None:
    town.source("a").gives(redirect("/b"))
    town.source("b").gives(redirect("c/../c?page=2#top", 307))
    town.source("c").gives(redirect(f"{town.base}/d", 301))
    town.source("d").gives("here", redirect("/e", 308))
    town.source("e").gives("too far")

    assert ask(town.source("a").url) == b"here"
    assert town.source("c").last.query == {"page": ["2"]}
    assert fault_of(town.source("a").url) == Fault(
        FaultKind.REFUSED, "GET 127.0.0.1: redirects more than 3 times"
    )
    assert town.source("e").attempts == 0


def test_what_the_caller_wrote_stays_within_the_origin(town: Town) -> None:
    town.source("a").gives(redirect("/b"))
    town.source("b").gives("here")

    ask(town.source("a").url, headers=CALLERS)

    assert town.source("b").last.headers["x-api-key"] == "k"
    assert town.source("b").last.headers["authorization"] == "Bearer t0ken"


def test_no_header_of_the_caller_goes_to_another_origin(town: Town, elsewhere: Town) -> None:
    town.source("a").gives(redirect(elsewhere.source("b").url))
    elsewhere.source("b").gives("here")

    ask(town.source("a").url, headers=CALLERS)

    there = elsewhere.source("b").last.headers
    assert "x-api-key" not in there
    assert "authorization" not in there
    assert there["accept"] == "*/*"
    assert there["idempotency-key"] == "asking-1"


def test_headers_that_were_dropped_do_not_come_back_on_the_way_home(
    town: Town, elsewhere: Town
) -> None:
    town.source("a").gives(redirect(elsewhere.source("b").url))
    elsewhere.source("b").gives(redirect(town.source("c").url))
    town.source("c").gives("home")

    assert ask(town.source("a").url, headers=CALLERS) == b"home"
    assert "authorization" not in town.source("c").last.headers


def test_cookies_of_one_hop_are_not_shown_to_the_next(town: Town) -> None:
    def cookie_and_away(to: Any, _: Any) -> None:
        to.wfile.write(
            b"HTTP/1.1 302 Found\r\nset-cookie: who=me\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n"
        )

    town.source("a").gives(cookie_and_away)
    town.source("b").gives("here")

    ask(town.source("a").url)

    assert "cookie" not in town.source("b").last.headers


def test_the_query_is_not_carried_along(town: Town) -> None:
    town.source("a").gives(redirect("/b"))
    town.source("b").gives("here")

    ask(town.source("a").url, query={"key": {"secret": "TOKEN"}})

    assert town.source("b").last.query == {}


@pytest.mark.parametrize("code", [301, 302, 303])
def test_a_post_that_was_taken_is_followed_by_a_get(town: Town, code: int) -> None:
    town.source("orders").gives(redirect("/order", code))
    town.source("order").gives("here")

    ask(town.source("orders").url, method="POST", body={"n": 1}, headers={"x-a": "b"})

    then = town.source("order").last
    assert (then.method, then.body) == ("GET", b"")
    assert "content-type" not in then.headers
    assert then.headers["x-a"] == "b"


def test_a_post_that_was_taken_stays_taken_when_what_follows_fails(town: Town) -> None:
    town.source("orders").gives(redirect("/order", 303))
    town.source("order").gives(404)

    fault = fault_of(town.source("orders").url, method="POST", body={"n": 1})

    assert (fault.kind, fault.may_have_acted) == (FaultKind.REFUSED, True)


@pytest.mark.parametrize("code", [307, 308])
def test_a_post_that_is_sent_on_stays_a_post_within_the_origin(town: Town, code: int) -> None:
    town.source("orders").gives(redirect("/there", code))
    town.source("there").gives(503)

    fault = fault_of(town.source("orders").url, method="POST", body={"n": 1})

    then = town.source("there").last
    assert (then.method, then.body) == ("POST", b'{"n": 1}')
    assert not fault.may_have_acted


def test_a_body_is_not_taken_to_another_origin(town: Town, elsewhere: Town) -> None:
    town.source("orders").gives(redirect(elsewhere.source("there").url, 307))

    fault = fault_of(town.source("orders").url, method="POST", body={"n": 1})

    assert fault == Fault(
        FaultKind.REFUSED,
        "POST 127.0.0.1: a redirect is not followed: it would send the body to another origin",
    )
    assert elsewhere.source("there").attempts == 0


def test_the_body_of_a_redirect_is_not_read(town: Town) -> None:
    """It may be endless; whoever reads it holds a thread until the deadline."""

    def endless(to: Any, released: Any) -> None:
        to.wfile.write(b"HTTP/1.1 302 Found\r\nlocation: /b\r\n\r\n")
        while not released.is_set():
            to.wfile.write(bytes(65536))

    town.source("a").gives(endless)
    town.source("b").gives("here")

    assert ask(town.source("a").url) == b"here"


def test_a_redirect_to_nowhere_is_refused(town: Town) -> None:
    fault = fault_of(town.source("a").gives(302).url)

    assert fault == Fault(
        FaultKind.REFUSED, "GET 127.0.0.1: a redirect is not followed: it does not say where to"
    )
