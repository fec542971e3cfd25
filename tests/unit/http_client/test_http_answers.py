"""What an HTTP source gives, and what it is asked with."""

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from gather_once.model.fault import FaultKind, SourceFailed
from gather_once.model.media import view
from gather_once.sources.http import HttpSource
from support.sources import Town, a_call, reply


def fetched(url: str, **fields: Any) -> Any:
    answer = HttpSource().fetch(a_call(url, **fields))
    return view(answer.content, answer.media_type, url="there")


def refusal(url: str, **fields: Any) -> str:
    with pytest.raises(SourceFailed) as failed:
        HttpSource().fetch(a_call(url, **fields))
    assert failed.value.fault.kind is FaultKind.REFUSED
    return failed.value.fault.message


def test_json_is_itself(town: Town) -> None:
    prices = town.source("prices").gives({"eur": 4})

    assert fetched(prices.url) == {"eur": 4}


def test_bytes_are_told_by_size_and_link(town: Town) -> None:
    picture = town.source("picture").gives(reply(b"\x89PNG", "image/png"))

    assert fetched(picture.url) == {"media_type": "image/png", "size": 4, "url": "there"}


def test_the_answer_keeps_the_bytes_and_the_media_type_as_the_source_gave_them(town: Town) -> None:
    page = town.source("page").gives(
        reply("Grüße".encode("latin-1"), "text/plain; charset=latin-1")
    )

    answer = HttpSource().fetch(a_call(page.url))

    assert answer.content == "Grüße".encode("latin-1")
    assert answer.media_type == "text/plain; charset=latin-1"


def test_gzip_is_unpacked(town: Town) -> None:
    packed = gzip.compress(b'{"eur": 4}')
    prices = town.source("prices").gives(
        reply(packed, "application/json", headers={"content-encoding": "gzip"})
    )

    assert fetched(prices.url) == {"eur": 4}
    assert prices.last.headers["accept-encoding"] == "gzip"


def test_no_content_is_null(town: Town) -> None:
    done = town.source("done").gives(204)

    assert fetched(done.url, method="DELETE") is None
    assert done.last.method == "DELETE"


def test_every_call_names_the_asking_and_the_project(town: Town) -> None:
    prices = town.source("prices").gives({})

    fetched(prices.url)

    assert prices.last.headers["idempotency-key"] == "asking-1"
    assert prices.last.headers["user-agent"] == "gather-once"
    assert prices.last.headers["host"] == f"127.0.0.1:{town.port}"


def test_the_query_joins_what_the_url_has_already(town: Town) -> None:
    prices = town.source("prices").gives({})

    fetched(
        f"{prices.url}?day=mon%20day#part",
        query={"top": 5, "full": True, "id": ["a b", "c&d"], "none": None, "share": 0.5},
    )

    assert prices.last.query == {
        "day": ["mon day"],
        "top": ["5"],
        "full": ["true"],
        "id": ["a b", "c&d"],
        "share": ["0.5"],
    }


@pytest.mark.parametrize("body", [{"a": ["ü", 1]}, [], 5, True])
def test_a_json_body_goes_out_as_json(town: Town, body: object) -> None:
    orders = town.source("orders").gives({})

    fetched(orders.url, method="POST", body=body)

    assert json.loads(orders.last.body) == body
    assert orders.last.headers["content-type"] == "application/json"


def test_a_text_body_goes_out_as_text_unless_the_plan_says_otherwise(town: Town) -> None:
    orders = town.source("orders").gives({})

    fetched(orders.url, method="POST", body="grün")
    fetched(orders.url, method="PUT", body="<a/>", headers={"Content-Type": "application/xml"})

    plain, xml = orders.requests
    assert (plain.body.decode(), plain.headers["content-type"]) == (
        "grün",
        "text/plain; charset=utf-8",
    )
    assert (xml.body, xml.headers["content-type"]) == (b"<a/>", "application/xml")


def test_secrets_are_put_in_on_the_way_out(town: Town) -> None:
    clients = town.source("clients").gives({})

    fetched(
        clients.url,
        headers={"authorization": {"secret": "TOKEN"}},
        query={"key": {"secret": "KEY"}},
        secrets={"GATHER_SECRET_TOKEN": "Bearer t0ken", "GATHER_SECRET_KEY": "k/e y"},
    )

    assert clients.last.headers["authorization"] == "Bearer t0ken"
    assert clients.last.query == {"key": ["k/e y"]}


def test_a_secret_that_is_not_there_is_refused_by_the_name_of_its_setting(town: Town) -> None:
    message = refusal(town.source("clients").url, headers={"x-key": {"secret": "TOKEN"}})

    assert message.startswith("GATHER_SECRET_TOKEN: is not set")
    assert town.source("clients").attempts == 0


@pytest.mark.parametrize(
    "name",
    [
        *("Host", "content-length", "Transfer-Encoding", "connection", "te", "Upgrade", "expect"),
        *("Metadata", "X-IDENTITY-HEADER", "idempotency-key", "accept-encoding", "user-agent"),
        *("", "two words", "colon:", "line\nbreak", "grün"),
    ],
)
def test_a_header_that_is_not_the_plans_is_refused(town: Town, name: str) -> None:
    assert "header" in refusal(town.source("x").url, headers={name: "true"})
    assert town.source("x").attempts == 0


@pytest.mark.parametrize(
    "value", ["a\r\nx-key: b", "a\nb", "a\0", " a", "a ", "grün", {"a": 1}, None]
)
def test_a_header_value_that_could_be_more_than_one_is_refused(town: Town, value: object) -> None:
    assert refusal(town.source("x").url, headers={"x-day": value}).startswith("the header x-day")


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"method": "TRACE"}, "method"),
        ({"method": "GET / HTTP/1.1\r\n"}, "method"),
        ({"query": {"a": {"b": 1}}}, "query parameter a"),
        ({"query": {"a": "\ud800"}}, "query"),
        ({"body": {"a": float("nan")}}, "body"),
        ({"body": "\ud800"}, "body"),
    ],
)
def test_what_http_cannot_carry_is_refused(
    town: Town, fields: dict[str, object], what: str
) -> None:
    assert what in refusal(town.source("x").url, **fields)
    assert town.source("x").attempts == 0


def test_the_moment_a_source_names_counts_from_the_given_now(town: Town) -> None:
    busy = town.source("busy").gives(reply(status=429, headers={"retry-after": "90"}))
    source = HttpSource(now=lambda: datetime(2030, 1, 1, tzinfo=UTC))

    with pytest.raises(SourceFailed) as failed:
        source.fetch(a_call(busy.url))

    assert failed.value.fault.until == datetime(2030, 1, 1, 0, 1, 30, tzinfo=UTC)
