"""Makes an HTTP response of what a function returned, as the host does.

The host looks into returned text: JSON in it is rewritten, and an object with a `body` is taken
for a whole response.
"""

import json
from typing import Any

from devhost.jsontext import text_of
from devhost.values import Datum, HttpReply

_TEXT = "text/plain; charset=utf-8"


def reply_from(returned: Datum) -> HttpReply:
    """Make the response of an `HttpResponse` (type 'http') or of a returned text."""
    if returned.type != "http":
        return _reply_from_text(str(returned.value))
    parts = returned.value
    headers = [(name, value.value) for name, value in parts["headers"].items()]
    cookies = [
        ("set-cookie", morsel.OutputString())
        for cookie in parts["cookies"] or ()
        for morsel in cookie.values()
    ]
    return HttpReply(
        int(parts["status_code"].value), (*headers, *cookies), bytes(parts["body"].value)
    )


def _reply_from_text(text: str) -> HttpReply:
    try:
        found = json.loads(text)
    except ValueError:
        return _plain(text)
    if isinstance(found, dict) and "body" in found:
        return _reply_from_object(found)
    return _plain(text_of(found))


def _reply_from_object(found: dict[str, Any]) -> HttpReply:
    given = found.get("headers")
    headers = given if isinstance(given, dict) else {}
    body = found["body"]
    text = body if isinstance(body, str) else text_of(body)
    status = found.get("status", found.get("statusCode", 200))
    reply = _plain(text)
    if any(name.lower() == "content-type" for name in headers):
        reply = HttpReply(reply.status, (), reply.body)
    added = tuple((str(name), str(value)) for name, value in headers.items())
    return HttpReply(int(status), (*reply.headers, *added), reply.body)


def _plain(text: str) -> HttpReply:
    return HttpReply(200, (("content-type", _TEXT),), text.encode())
