"""What a function sets on an output becomes these messages, or this blob."""

import pytest

from devhost.listeners.outputs import content_of, messages_of
from devhost.values import Datum


@pytest.mark.parametrize(
    ("datum", "expected"),
    [
        (Datum("hello", "string"), [b"hello"]),
        (Datum("", "string"), [b""]),
        (Datum("12", "string"), [b"12"]),
        (Datum("{not the end", "string"), [b"{not the end"]),
        (Datum(' {"a":[1,2]} ', "string"), [b'{\n  "a": [\n    1,\n    2\n  ]\n}']),
        (Datum('{"a":"\u00e4"}', "string"), ['{\n  "a": "\u00e4"\n}'.encode()]),
        (Datum('["one",{"b":2},3,true]', "string"), [b"one", b'{\n  "b": 2\n}', b"3", b"True"]),
        (Datum("[]", "string"), []),
        (Datum('["a", "b"]', "json"), [b"a", b"b"]),
        (Datum('{"id": null, "body": "x"}', "json"), [b'{\n  "id": null,\n  "body": "x"\n}']),
        (Datum(b'{"a":1}', "bytes"), [b'{"a":1}']),
    ],
)
def test_a_value_becomes_these_messages(datum: Datum, expected: list[bytes]) -> None:
    assert messages_of(datum) == expected


def test_text_that_only_looks_like_json_fails_the_call() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        messages_of(Datum("{hello}", "string"))


@pytest.mark.parametrize(
    ("datum", "expected"),
    [
        (Datum('{"a": 1}', "string"), b'{"a": 1}'),
        (Datum(b"\xff", "bytes"), b"\xff"),
        (Datum('{"a": [1, "\u00e4"]}', "json"), '{"a":[1,"\u00e4"]}'.encode()),
    ],
)
def test_a_value_becomes_this_blob(datum: Datum, expected: bytes) -> None:
    assert content_of(datum) == expected
