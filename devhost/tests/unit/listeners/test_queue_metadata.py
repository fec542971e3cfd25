"""What a function is told of a message, in the types that the converters expect."""

from datetime import UTC, datetime

import pytest

from devhost.converters import decode
from devhost.listeners.queuemessage import body_of, data_of, metadata_of, trigger_of
from devhost.storage import Message
from devhost.values import Datum

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
MESSAGE = Message("id-1", "receipt-1", "", 2, BEGAN, BEGAN.replace(day=8), BEGAN.replace(minute=10))


def test_the_hosts_own_facts_have_these_types() -> None:
    assert metadata_of(MESSAGE, b"hello") == {
        "Id": Datum("id-1", "string"),
        "PopReceipt": Datum("receipt-1", "string"),
        "DequeueCount": Datum("2", "json"),
        "InsertionTime": Datum('"2026-01-01T00:00:00+00:00"', "json"),
        "ExpirationTime": Datum('"2026-01-08T00:00:00+00:00"', "json"),
        "NextVisibleTime": Datum('"2026-01-01T00:10:00+00:00"', "json"),
        "QueueTrigger": Datum("hello", "string"),
    }


def test_the_library_reads_them() -> None:
    read = decode("queueTrigger", Datum("hello", "string"), metadata_of(MESSAGE, b"hello"))

    assert (read.id, read.dequeue_count, read.pop_receipt) == ("id-1", 2, "receipt-1")
    assert (read.insertion_time, read.expiration_time.day) == (BEGAN, 8)


def test_members_of_a_json_object_are_told_too_but_for_arrays() -> None:
    body = b'{"a": "x", "n": 1.0, "t": true, "nothing": null, "o": {"p": 1}, "list": [1]}'
    told = metadata_of(MESSAGE, body)

    assert told["a"] == Datum("x", "string")
    assert told["n"] == Datum("1", "string")
    assert told["t"] == Datum("True", "string")
    assert told["nothing"] == Datum("", "string")
    assert told["o"] == Datum('{"p": 1}', "json")
    assert "list" not in told
    assert data_of(told)["o"] == {"p": 1}


def test_a_member_called_like_a_fact_takes_its_place() -> None:
    assert metadata_of(MESSAGE, b'{"id": "mine"}')["Id"] == Datum("mine", "string")


@pytest.mark.parametrize("body", [b"[1]", b"1", b"", b"{"])
def test_other_bodies_have_no_members(body: bytes) -> None:
    assert set(metadata_of(MESSAGE, body)) == set(metadata_of(MESSAGE, b"hello"))


def test_bytes_that_are_no_text_have_no_text() -> None:
    assert "QueueTrigger" not in metadata_of(MESSAGE, b"\xff")


def test_a_trigger_is_text_or_bytes() -> None:
    assert trigger_of(b"hello", None) == Datum("hello", "string")
    assert trigger_of(b"\xff", "BINARY") == Datum(b"\xff", "bytes")
    with pytest.raises(UnicodeDecodeError):
        trigger_of(b"\xff", "STRING")


def test_base64_is_decoded_and_anything_else_is_not_a_message() -> None:
    assert body_of("aGVs\nbG8=", base64=True) == b"hello"
    assert body_of("", base64=True) == b""
    assert body_of("hello!", base64=True) is None
    assert body_of("hello!", base64=False) == b"hello!"
