"""What goes into a function call and what comes out of it, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Datum:
    """A value on the wire between host and worker.

    `type` is 'string', 'bytes', 'json' (the value is JSON text) or 'http' (a dict of datums).
    """

    value: Any
    type: str | None


@dataclass(frozen=True)
class HttpCall:
    """An HTTP request for a function; header names are lower-cased."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    route_params: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True)
class HttpReply:
    """A function's HTTP response; a header may occur more than once."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Invocation:
    """What a call left behind: its return value, and what it set on output bindings, by name."""

    return_value: Datum | None
    outputs: Mapping[str, Datum] = field(default_factory=dict)
