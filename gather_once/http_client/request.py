"""Builds the HTTP request of an ask, and the request that follows a redirect."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

from gather_once.http_client.guard import DENIED_HEADERS
from gather_once.http_client.secrets import Secrets
from gather_once.model.targets import (
    METHODS,
    Address,
    ForbiddenAddress,
    Reach,
    read_address,
    read_location,
)

OWN_HEADERS: Final = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "te", "trailer", "expect", "upgrade"),
        *("connection", "keep-alive", "proxy-authorization", "proxy-connection"),
        *("accept-encoding", "idempotency-key", "user-agent", "forwarded", "x-forwarded-for"),
        *DENIED_HEADERS,
    }
)
"""Headers that a plan may not set: the connection's, the app's own, and those platforms trust."""

_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"(?:[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?)?")

_TO_GET_ALWAYS: Final = 303
_TO_GET_AFTER_POST: Final = (301, 302)


class BadRequest(ValueError):
    """The ask is not a valid HTTP request; the message says why, without any of its values."""


@dataclass(frozen=True, slots=True)
class Hop:
    """One request of a call: the first, or one that follows a redirect.

    Its repr shows no field that may hold a secret. `acted` means that a source has executed an
    earlier request of the call, which may have had side effects.
    """

    method: str
    address: Address
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    acted: bool = False


def first_hop(fields: Mapping[str, Any], secrets: Secrets, reach: Reach) -> Hop:
    """Return the request that an `http` ask's fields describe.

    Raises BadRequest, ForbiddenAddress, or InvalidSetting for a secret without a setting.
    """
    method = fields.get("method") or "GET"
    if method not in METHODS:
        raise BadRequest(f"the method must be one of {', '.join(METHODS)}")
    headers = dict(_headers(fields.get("headers") or {}, secrets))
    address = read_address(_text(fields.get("url"), "the url"), reach)
    query = "&".join(filter(None, (address.query, _query(fields.get("query") or {}, secrets))))
    body, media_type = _body(fields.get("body"))
    if media_type and "content-type" not in headers:
        headers["content-type"] = media_type
    return Hop(method, replace(address, query=query), headers, body)


def next_hop(hop: Hop, status: int, location: str, reach: Reach) -> Hop:
    """Return the request that follows a redirect; raises ForbiddenAddress.

    At another origin, the plan's headers are dropped, also for redirects back, and a redirect that
    would send the body there is rejected.
    """
    address = read_location(location, hop.address, reach)
    becomes_get = status == _TO_GET_ALWAYS or (
        status in _TO_GET_AFTER_POST and hop.method == "POST"
    )
    if becomes_get and hop.method != "GET":
        plain = {name: v for name, v in hop.headers.items() if not name.startswith("content-")}
        hop = replace(hop, method="GET", headers=plain, body=None, acted=True)
    if address.origin != hop.address.origin:
        if hop.body is not None:
            raise ForbiddenAddress("it would send the body to another origin")
        hop = replace(hop, headers={})
    return replace(hop, address=address)


def _headers(stated: Mapping[str, Any], secrets: Secrets) -> Iterator[tuple[str, str]]:
    for name, value in stated.items():
        if not _HEADER_NAME.fullmatch(name):
            raise BadRequest("a header's name has characters that are not allowed")
        if name.lower() in OWN_HEADERS:
            raise BadRequest(f"the header {name.lower()} cannot be set by a plan")
        text = _text(secrets.reveal(value), f"the header {name.lower()}")
        if not _HEADER_VALUE.fullmatch(text):
            raise BadRequest(f"the header {name.lower()} must be printable ASCII on one line")
        yield name.lower(), text


def _query(stated: Mapping[str, Any], secrets: Secrets) -> str:
    pairs = []
    for name, value in stated.items():
        revealed = secrets.reveal(value)
        several = revealed if isinstance(revealed, list) else [revealed]
        what = f"the query parameter {name}"
        pairs += [(name, _text(one, what)) for one in several if one is not None]
    try:
        return urlencode(pairs)
    except UnicodeEncodeError as error:  # a lone surrogate
        raise BadRequest("the query has characters that cannot be sent") from error


def _text(value: object, what: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool | int | float):
        return json.dumps(value)
    raise BadRequest(f"{what} must be text, a number, true or false")


def _body(stated: object) -> tuple[bytes | None, str | None]:
    try:
        if stated is None:
            return None, None
        if isinstance(stated, str):
            return stated.encode(), "text/plain; charset=utf-8"
        text = json.dumps(stated, allow_nan=False, ensure_ascii=False)
        return text.encode(), "application/json"
    except ValueError as error:
        raise BadRequest("the body cannot be written as JSON or text in UTF-8") from error
