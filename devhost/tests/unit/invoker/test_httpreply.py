import azure.functions as func
import pytest

from devhost.converters import encode
from devhost.httpreply import reply_from
from devhost.values import Datum, HttpReply


def reply_to(returned: object) -> HttpReply:
    datum = encode("http", returned, None)
    assert datum
    return reply_from(datum)


@pytest.mark.parametrize(
    ("text", "body"),
    [
        ("plain", "plain"),
        ("", ""),
        (
            '{"a": [1, {"ä": null}], "b": {}}',
            '{\n  "a": [\n    1,\n    {\n      "ä": null\n    }\n  ],\n  "b": {}\n}',
        ),
        ("[1,2]", "[\n  1,\n  2\n]"),
        ("true", "True"),
        ("false", "False"),
        ("null", ""),
        ("1.0", "1"),
        ("12", "12"),
        ('"text"', "text"),
        ("{not json}", "{not json}"),
    ],
)
def test_returned_text_is_rewritten_where_it_is_json(text: str, body: str) -> None:
    assert reply_to(text) == HttpReply(
        200, (("content-type", "text/plain; charset=utf-8"),), body.encode()
    )


def test_an_object_with_a_body_is_taken_for_a_response() -> None:
    reply = reply_to('{"body": {"a": 1}, "status": 418, "headers": {"X-Tea": "yes"}}')

    assert (reply.status, reply.body) == (418, b'{\n  "a": 1\n}')
    assert dict(reply.headers) == {"content-type": "text/plain; charset=utf-8", "X-Tea": "yes"}


def test_its_status_can_be_a_text_and_its_content_type_its_own() -> None:
    reply = reply_to(
        '{"body": "<p>", "statusCode": "201", "headers": {"Content-Type": "text/html"}}'
    )

    assert reply == HttpReply(201, (("Content-Type", "text/html"),), b"<p>")


def test_an_http_response_passes_as_it_is() -> None:
    reply = reply_to(func.HttpResponse('{"a":1}', status_code=202, headers={"Location": "/x"}))

    assert (reply.status, reply.body) == (202, b'{"a":1}')
    assert {name.lower(): text for name, text in reply.headers} == {
        "location": "/x",
        "content-type": "text/plain; charset=utf-8",
    }


def test_cookies_become_headers_of_their_own() -> None:
    response = func.HttpResponse(b"")
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly")
    response.headers.add("Set-Cookie", "b=2")

    cookies = [text for name, text in reply_to(response).headers if name == "set-cookie"]

    assert cookies == ["a=1; HttpOnly; Path=/", "b=2"]


def test_what_is_no_response_is_refused_in_the_workers_words() -> None:
    with pytest.raises(TypeError, match='unsupported type "http" for Python type "dict"'):
        encode("http", {"a": 1}, None)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("text", Datum("text", "string")),
        (b"bytes", Datum(b"bytes", "bytes")),
        (["a", "b"], Datum('["a", "b"]', "json")),
        ({"a": 1}, Datum('{"a": 1}', "json")),
        (3, Datum("3", "json")),
        (None, None),
    ],
)
def test_unknown_binding_types_pass_plain_values_through(value: object, sent: Datum | None) -> None:
    assert encode("unheardOf", value, None) == sent


def test_queue_messages_are_sent_as_the_library_encodes_them() -> None:
    assert encode("queue", ["a", "b"], None) == Datum('["a", "b"]', "json")
    assert encode("queue", func.QueueMessage(id="1", body="x"), None) == Datum(
        '{"id": "1", "body": "x"}', "json"
    )
