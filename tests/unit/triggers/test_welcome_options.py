import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.model.errors import InvalidInput
from triggers.welcome import WelcomeOptions, read_options

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read(query: dict[str, str] | None = None, body: Any = None) -> WelcomeOptions:
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return read_options(query or {}, raw, now=NOW, fresh_id="ID_fresh")


def refused(query: dict[str, str] | None = None, body: Any = None) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        read(query, body)
    return [defect.pointer for defect in caught.value.defects]


def test_without_options_it_starts_at_once_under_a_fresh_id_and_does_not_wait() -> None:
    assert read() == WelcomeOptions("ID_fresh", start_at=None, wait=None)


def test_the_query_string_and_a_json_object_say_the_same() -> None:
    wanted = WelcomeOptions("Mine_-1", start_at=NOW + timedelta(days=1, hours=2), wait=60)

    assert read({"instance_id": "Mine_-1", "start_in": "P1DT2H", "wait": "60"}) == wanted
    assert read(body={"instance_id": "Mine_-1", "start_in": "P1DT2H", "wait": 60}) == wanted


def test_both_together_may_say_different_things_but_not_the_same_twice() -> None:
    assert read({"instance_id": "a"}, {"wait": 1}) == WelcomeOptions("a", wait=1)
    assert refused({"wait": "1"}, {"wait": 1}) == ["/wait"]


def test_a_start_in_no_time_is_a_start_at_once() -> None:
    assert read({"start_in": "PT0S"}).start_at is None


@pytest.mark.parametrize("text", ["", "a" * 101, "a b", "a/b", "é", "a\n", "a:1", "@a"])
def test_an_id_is_1_to_100_letters_digits_underscores_and_dashes(text: str) -> None:
    assert read({"instance_id": "a" * 100}).instance_id == "a" * 100
    assert refused({"instance_id": text}) == ["instance_id"]


@pytest.mark.parametrize(
    "text",
    ["", "P", "PT", "1D", "-P1D", "P-1D", "P1Y", "P1M", "tomorrow", "P1DT", "P9999999D", "p1d"],
)
def test_a_start_is_a_duration_without_sign_years_and_months(text: str) -> None:
    assert refused({"start_in": text}) == ["start_in"]


@pytest.mark.parametrize("text", ["0", "61", "-1", "1.5", "soon", "", "+5", " 5", "٣", "100"])
def test_a_wait_is_whole_seconds_from_1_to_60(text: str) -> None:
    assert read({"wait": "1"}).wait == 1
    assert refused({"wait": text}) == ["wait"]


@pytest.mark.parametrize("value", [True, 1.0, None, [], {}, 0, 61])
def test_a_wait_in_a_body_is_a_whole_number_too(value: object) -> None:
    assert refused(body={"wait": value}) == ["/wait"]


@pytest.mark.parametrize("name", ["instance_id", "start_in"])
def test_a_number_is_neither_an_id_nor_a_duration(name: str) -> None:
    assert refused(body={name: 5}) == [f"/{name}"]


def test_every_defect_is_told_at_once() -> None:
    body = {"instance_id": "?", "start_in": "later", "wait": 0, "a/b~": 1}

    assert refused(body=body) == ["/a~1b~0", "/instance_id", "/start_in", "/wait"]


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"wait": ' + b"9" * 5000 + b"}"])
def test_a_body_that_is_not_json_is_a_defect_of_all_of_it(body: bytes) -> None:
    assert refused(body=body) == [""]


@pytest.mark.parametrize("body", [[], "wait", 5, None])
def test_a_body_that_is_not_an_object_is_a_defect_of_all_of_it(body: object) -> None:
    assert refused(body=json.dumps(body).encode()) == [""]


def test_a_blank_body_is_no_body() -> None:
    assert read(body=b" \n") == read()


def test_the_query_string_may_hold_keys_of_the_host_and_of_proxies() -> None:
    assert read({"code": "key", "clientId": "x", "utm_source": "mail"}) == read()
