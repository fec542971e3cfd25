"""What a function is told of a queue message: its body, and its trigger metadata."""

import json
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from devhost.jsontext import text_of
from devhost.storage import Message
from devhost.values import Datum


def body_of(text: str, *, base64: bool) -> bytes | None:
    """Return the message's content; None when it should be base64 and is not."""
    if not base64:
        return text.encode()
    try:
        return b64decode("".join(text.split()), validate=True)
    except (NotBase64, ValueError):
        return None


def trigger_of(body: bytes, data_type: object) -> Datum:
    """Return the trigger's value: text, or bytes for a binding of data type BINARY.

    Raises:
        UnicodeDecodeError: it is to be text and is not UTF-8.
    """
    if str(data_type or "").upper() == "BINARY":
        return Datum(body, "bytes")
    return Datum(body.decode(), "string")


def metadata_of(message: Message, body: bytes) -> dict[str, Datum]:
    """Return the trigger metadata.

    The members of a JSON object in the body, but for arrays, are metadata too; one that is called
    like the host's own in any case, such as `id`, takes its place.
    """
    told = {
        "Id": Datum(message.id, "string"),
        "PopReceipt": Datum(message.receipt, "string"),
        "DequeueCount": Datum(str(message.dequeue_count), "json"),
        "InsertionTime": _moment(message.inserted_at),
        "ExpirationTime": _moment(message.expires_at),
        "NextVisibleTime": _moment(message.visible_at),
    }
    text = _text(body)
    if text is not None:
        told["QueueTrigger"] = Datum(text, "string")
    for name, value in _members(text).items():
        told[next((key for key in told if key.lower() == name.lower()), name)] = value
    return told


def data_of(metadata: Mapping[str, Datum]) -> dict[str, Any]:
    """Return the metadata as values, to fill names of outputs with."""
    return {
        name: json.loads(one.value) if one.type == "json" else one.value
        for name, one in metadata.items()
    }


def _moment(moment: datetime) -> Datum:
    return Datum(json.dumps(moment.astimezone(UTC).isoformat(timespec="seconds")), "json")


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None


def _members(text: str | None) -> dict[str, Datum]:
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    members = found.items() if isinstance(found, dict) else ()
    return {name: _member(value) for name, value in members if not isinstance(value, list)}


def _member(value: Any) -> Datum:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        return Datum(json.dumps(value, ensure_ascii=False), "json")
    return Datum(text_of(value), "string")
