"""The list of gathers: what a query string may ask for, checked at once, and a page as JSON."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from azure.durable_functions import OrchestrationRuntimeStatus

from gather_once.gathers.index import Page, Row, Wanted, read_place
from gather_once.model.errors import Defect, InvalidInput, pointer_to
from gather_once.model.names import root_id
from gather_once.model.wire import moment_to_wire

T = TypeVar("T")

DEFAULT_TOP: Final = 50
MOST: Final = 100
"""Rows of a page; each costs three requests to storage and one to the host."""

_STATUSES: Final = tuple(status.name for status in OrchestrationRuntimeStatus)


@dataclass(frozen=True)
class Query:
    """What is to be listed; `said` is what the next page's address repeats."""

    wanted: Wanted
    top: int
    after: str | None
    said: Mapping[str, str]


def read_query(params: Mapping[str, str]) -> Query:
    """Read `status`, `prefix`, `from`, `to`, `top` and `after`; others are the host's or a proxy's.

    Raises InvalidInput with every defect, each under the name of its parameter.
    """
    reader = Reader(params)
    wanted = Wanted(
        prefix=reader.take("prefix", _prefix, ""),
        status=reader.take("status", _status, None),
        since=reader.take("from", _moment, None),
        until=reader.take("to", _moment, None),
    )
    top = reader.take("top", read_top, DEFAULT_TOP)
    after = reader.take("after", _place, None)
    if reader.defects:
        raise InvalidInput(reader.defects)
    names = ("status", "prefix", "from", "to", "top")
    return Query(wanted, top, after, {name: params[name] for name in names if name in params})


def page_json(page: Page, query: Query, gathers: str) -> dict[str, Any]:
    """Return a page; `gathers` is the address of all gathers, `next` that of the page behind."""
    following = {**query.said, "after": page.after}
    return {
        "gathers": [_row_json(row, gathers) for row in page.rows],
        "next": f"{gathers}?{urlencode(following)}" if page.after else None,
    }


def _row_json(row: Row, gathers: str) -> dict[str, Any]:
    found = row.control
    return {
        "id": found.gather,
        "run": found.run,
        "instanceId": root_id(found.gather, found.run),
        "runtimeStatus": row.status,
        "claimed_at": moment_to_wire(found.claimed_at),
        "link": f"{gathers}/{found.gather}",
    }


class Unreadable(Exception):
    """The value is not what the parameter takes."""


class Reader:
    """Takes one parameter of a query string after the other, and keeps what is wrong with each."""

    def __init__(self, params: Mapping[str, str]) -> None:
        self._params = params
        self.defects: list[Defect] = []

    def take(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """Return what the parameter says; `parse` raises Unreadable."""
        if name not in self._params:
            return default
        try:
            return parse(self._params[name])
        except Unreadable as error:
            self.defects.append(Defect(pointer_to(name), f"{name} {error}"))
            return default


def _prefix(text: str) -> str:
    if re.fullmatch("[a-z0-9-]{0,48}", text):
        return text
    raise Unreadable("takes how ids begin: at most 48 lower-case letters, digits and -")


def _status(text: str) -> str | None:
    if text in _STATUSES:
        return text
    raise Unreadable(f"takes one of {', '.join(_STATUSES)}")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable("takes a moment with its zone, such as 2030-01-31T06:00:00Z") from error
    if moment.tzinfo is None:
        raise Unreadable("has no zone; write a Z behind it for UTC, or +02:00 as %2B02:00")
    return moment.astimezone(UTC)


def read_top(text: str) -> int:
    """Read how many rows a page may have at most; raises Unreadable."""
    if re.fullmatch("[0-9]{1,3}", text) and 1 <= int(text) <= MOST:
        return int(text)
    raise Unreadable(f"takes a whole number from 1 to {MOST}")


def _place(text: str) -> str | None:
    try:
        read_place(text)
    except InvalidInput as error:
        raise Unreadable(error.defects[0].message) from error
    return text
