"""Texts that may be JSON: stored inputs, outputs and statuses, request bodies."""

import json
from typing import Any, NoReturn


def parse_json(text: str) -> Any:  # noqa: ANN401  any JSON value
    """Read strict JSON: `NaN` and `Infinity`, which Python would accept, are refused.

    Raises:
        ValueError: saying what is wrong where.
    """
    return json.loads(text, parse_constant=_refuse)


def json_value(text: str | None) -> Any:  # noqa: ANN401  any JSON value
    """Return what a stored text says: its JSON value, or the text itself where it is none.

    Failure texts and terminate reasons are rarely JSON; blank text becomes the empty string.
    """
    if text is None:
        return None
    stripped = text.strip()
    try:
        return parse_json(stripped)
    except ValueError:
        return stripped


def json_text(body: bytes) -> str:
    """Return a body as text, after making sure that it is JSON.

    Raises:
        ValueError: it is not, or not UTF-8.
    """
    text = body.decode("utf-8-sig")
    parse_json(text)
    return text


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
