"""Keys: the fingerprint of a request; equal requests have equal keys, in every gather."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


class NotCanonical(ValueError):
    """The value has no canonical JSON form."""


def key_of(kind: str, request: Mapping[str, Any]) -> str:
    """Return the key (64 hex) of a resolved request to a kind of source.

    The request holds only what determines the answer: no time limits, no retry policy; secrets by
    name. Raises NotCanonical.
    """
    return sha256(canonical({"kind": kind, "request": request})).hexdigest()


def idempotency_key(key: str, generation: int, gather_only: tuple[str, int | None] | None) -> str:
    """Return the text (64 hex) that all attempts at a key have in common within one generation.

    `gather_only` is the gather's id and the item's number (None: no list) where the receipt is
    valid for that gather only.
    """
    return sha256(canonical([key, generation, gather_only])).hexdigest()


def canonical(value: Any) -> bytes:  # noqa: ANN401  # any JSON value
    """Write JSON in one way only: keys sorted, no spaces, 1.0 as 1, UTF-8.

    Raises NotCanonical for NaN, infinities, lone surrogates, and what is not JSON.
    """
    try:
        plain = _plain(value)
        text = json.dumps(
            plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
        )
        return text.encode()
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"this cannot be written as canonical JSON: {error}") from error


def _plain(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return int(value) if value.is_integer() else value
        case Mapping():
            return {_name(name): _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            raise NotCanonical(f"{type(value).__name__} is not a JSON value")


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise NotCanonical(f"{name!r} is the name of a member; names must be text")
    return name
