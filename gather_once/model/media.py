"""Decodes payloads by their media type: the JSON value that `${ask}` evaluates to."""

import csv
import io
import json
import re
from typing import Any, Final

BYTES: Final = "application/octet-stream"
"""The media type of a response without a valid Content-Type (RFC 9110, 8.3)."""

_TYPE: Final = re.compile(r"([\w.+-]+)/([\w.+-]+)((?:\s*;[\x20-\x7e]*)?)", re.ASCII)
_CHARSET: Final = re.compile(r';\s*charset\s*=\s*"?([\w.:+-]+)', re.ASCII | re.IGNORECASE)
_LONGEST_TYPE: Final = 200


class Unreadable(ValueError):
    """The bytes do not match their media type."""


def media_type_of(header: str | None) -> str:
    """Return the media type that a Content-Type header states, parameters included, or BYTES."""
    text = (header or "").strip()
    return text if len(text) <= _LONGEST_TYPE and _TYPE.fullmatch(text) else BYTES


def view(content: bytes, media_type: str, url: str = "") -> Any:  # noqa: ANN401  # a JSON value
    """Return the JSON value of a payload, which expressions read.

    JSON is decoded, text is a string, CSV a list of objects (every value a string), anything else
    `{"media_type", "size", "url"}`, where `url` is the address of the bytes. Raises Unreadable.
    """
    essence = media_type.partition(";")[0].strip().lower()
    if essence in {"application/json", "text/json"} or essence.endswith("+json"):
        return _json(content)
    if essence in {"text/csv", "application/csv"}:
        return _rows(_text(content, media_type))
    if essence.startswith("text/") or essence == "application/xml" or essence.endswith("+xml"):
        return _text(content, media_type)
    return {"media_type": media_type, "size": len(content), "url": url}


def _json(content: bytes) -> Any:  # noqa: ANN401  # a JSON value
    try:
        value = json.loads(content)
        # The value is written again, into requests and the dossier: Python reads NaN, 1e999 and
        # lone surrogates, none of which can be written as JSON in UTF-8.
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Unreadable("it is not JSON that can be read") from error
    return value


def _text(content: bytes, media_type: str) -> str:
    stated = _CHARSET.search(media_type)
    charset = stated[1] if stated else "utf-8"
    try:
        # `utf-8-sig` reads UTF-8 with and without a byte order mark.
        text = content.decode("utf-8-sig" if charset.lower() in {"utf-8", "utf8"} else charset)
        text.encode()  # some character sets decode to lone surrogates, which UTF-8 cannot encode
    except (ValueError, LookupError) as error:
        raise Unreadable("its text is not in the character set that it states") from error
    return text


def _rows(text: str) -> list[dict[str, str]]:
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise Unreadable("it is not CSV that can be read") from error
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    if len(set(header)) < len(header):
        raise Unreadable("two columns of its CSV have the same name")
    if any(len(row) != len(header) for row in rows):
        raise Unreadable("a row of its CSV has more or fewer values than there are columns")
    return [dict(zip(header, row, strict=True)) for row in rows]
