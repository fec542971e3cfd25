"""Writes the rows of a query as JSON without loss.

Decimals become texts with all their digits, moments and durations ISO 8601 texts, bytes
`{"base64": text}`. Values without an exact form are rejected, never rounded.
"""

import math
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import singledispatch
from typing import Any, Final
from uuid import UUID

from gather_once.model.key import NotCanonical, canonical
from gather_once.model.settings import Limits
from gather_once.sources.sql.query import BadQuery

_FRAME: Final = (b'{"rows":[', b"]}")


class NoAnswer(ValueError):
    """The rows cannot be written as JSON; the message says why, without any of their values."""


def rows_as_json(columns: Sequence[str], rows: Iterable[Sequence[Any]], limits: Limits) -> bytes:
    """Return canonical JSON, `{"rows": [{column: value}]}`; stops reading at the limits.

    Raises BadQuery for two columns of one name, NoAnswer beyond a limit and for values that JSON
    cannot represent.
    """
    _check_names(columns)
    written: list[bytes] = []
    size = sum(map(len, _FRAME))
    for row in rows:
        if len(written) == limits.rows:
            raise NoAnswer(f"it has more than {limits.rows} rows; ask for fewer (GATHER_MAX_ROWS)")
        written.append(_written(columns, row))
        size += len(written[-1]) + (len(written) > 1)
        if size > limits.payload_bytes:
            raise NoAnswer(f"it is longer than {limits.payload_bytes} bytes; ask for less")
    return b",".join(written).join(_FRAME)


def _check_names(columns: Sequence[str]) -> None:
    for column in columns:
        if columns.count(column) > 1:
            raise BadQuery(
                f"two columns are called {column!r}; give them different names with `as`"
            )


def _written(columns: Sequence[str], row: Sequence[Any]) -> bytes:
    values = {}
    for column, value in zip(columns, row, strict=True):
        try:
            values[column] = in_json(value)
        except NoAnswer as error:
            raise NoAnswer(f"the column {column!r} has {error}") from None
    try:
        return canonical(values)
    except NotCanonical:
        raise NoAnswer("a text in it is not Unicode") from None


@singledispatch
def in_json(value: object) -> Any:  # noqa: ANN401  # a JSON value
    """Return the JSON form of a column's value; raises NoAnswer where there is none."""
    name = type(value).__name__
    raise NoAnswer(f"a value of the type {name}, which JSON cannot represent; cast it to text")


@in_json.register(type(None))
@in_json.register(str)
@in_json.register(int)  # and bool
def _(value: str | int | None) -> str | int | None:
    return value


@in_json.register
def _(value: float) -> float:
    if not math.isfinite(value):
        raise NoAnswer("an infinity or NaN, which JSON cannot say")
    return value


@in_json.register
def _(value: Decimal) -> str:
    if not value.is_finite():
        raise NoAnswer("an infinity or NaN, which JSON cannot say")
    return format(value, "f")


@in_json.register(date)  # and datetime
@in_json.register(time)
def _(value: date | datetime | time) -> str:
    return value.isoformat()


@in_json.register(bytes)
@in_json.register(bytearray)
@in_json.register(memoryview)
def _(value: bytes | bytearray | memoryview) -> dict[str, str]:
    return {"base64": b64encode(value).decode()}


@in_json.register
def _(value: UUID) -> str:
    return str(value)


@in_json.register(list)
@in_json.register(tuple)
def _(value: Sequence[Any]) -> list[Any]:
    return [in_json(item) for item in value]


@in_json.register(dict)
def _(value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: in_json(item) for name, item in value.items()}
