"""What requests hand in, checked: JSON bodies, query parameters; and pages of lists as JSON."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

import azure.functions as func

from gather_once.gathers.index import Page, Row, Wanted, read_place
from gather_once.model.errors import Defect, InvalidInput, Where
from gather_once.model.progress import GatherStatus
from gather_once.model.wire import moment_to_wire
from triggers.errors import Problem, ProblemType

T = TypeVar("T")

_JSON_TYPE: Final = re.compile(
    r"(?:application/(?:json|x-www-form-urlencoded)|[\w!#$&^.+-]+/[\w!#$&^.+-]+\+json)?"
)
"""Also no type at all, and what curl says of `-d` by default."""
MAX_PLAN_BYTES: Final = "GATHER_MAX_PLAN_BYTES"
MAX_PAYLOAD_BYTES: Final = "GATHER_MAX_PAYLOAD_BYTES"
PAGE_PARAMETERS: Final = ("top", "after")
LIST_PARAMETERS: Final = ("status", "prefix", "from", "to", *PAGE_PARAMETERS)

DEFAULT_TOP: Final = 50
MOST: Final = 100
"""Rows of a page; each costs three requests to storage and one to the host."""

_STATUSES: Final = tuple(GatherStatus)


def json_body(
    request: func.HttpRequest, *, bytes_at_most: int, setting: str | None = None
) -> bytes:
    """Return the body of a request that takes JSON, not yet parsed.

    `setting` is the one that says `bytes_at_most`. Raises Problem where the body is longer, or of
    another media type.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not _JSON_TYPE.fullmatch(media_type):
        raise Problem(
            ProblemType.UNSUPPORTED_MEDIA_TYPE,
            f"'{media_type}' is not supported. Send application/json.",
        )
    body = request.get_body()
    if len(body) > bytes_at_most:
        what = f"The body has {len(body):,} bytes; the limit is {bytes_at_most:,}."
        named = [Defect(setting, what, Where.SETTING)] if setting else []
        raise Problem(ProblemType.PAYLOAD_TOO_LARGE, what, named)
    return body


@dataclass(frozen=True)
class Query:
    """What is to be listed; `said` is what the next page's address repeats."""

    wanted: Wanted
    top: int
    after: str | None
    said: Mapping[str, str]


def read_query(params: Mapping[str, str]) -> Query:
    """Read the parameters of `LIST_PARAMETERS`.

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
    """Return a page of gathers; `gathers` is the address of all of them."""
    rows = [_row_json(row, gathers) for row in page.rows]
    return {"gathers": rows, **next_page(gathers, query.said, page.after)}


def next_page(url: str, said: Mapping[str, object], after: str | None) -> dict[str, str]:
    """Return `next_page_url`, which repeats the parameters; nothing on the last page."""
    if after is None:
        return {}
    return {"next_page_url": f"{url}?{urlencode({**said, 'after': after})}"}


def _row_json(row: Row, gathers: str) -> dict[str, Any]:
    found = row.control
    return {
        "id": found.gather,
        "run": found.run,
        "status": row.status.value,
        "created_at": moment_to_wire(found.claimed_at),
        "url": f"{gathers}/{found.gather}",
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
            self.defects.append(Defect(name, str(error), Where.QUERY))
            return default


def _prefix(text: str) -> str:
    if re.fullmatch("[a-z0-9-]{0,48}", text):
        return text
    raise Unreadable("must be the beginning of an id: at most 48 lower-case letters, digits and -")


def _status(text: str) -> GatherStatus | None:
    if text in _STATUSES:
        return GatherStatus(text)
    raise Unreadable(f"must be one of {', '.join(_STATUSES)}")


_NO_TIMESTAMP: Final = (
    "must be an RFC 3339 timestamp with a time zone, such as 2030-01-31T06:00:00Z"
)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Unreadable(_NO_TIMESTAMP) from error
    if moment.tzinfo is None:
        raise Unreadable(_NO_TIMESTAMP)
    return moment.astimezone(UTC)


def read_top(text: str) -> int:
    """Read how many rows a page may have at most; raises Unreadable."""
    if re.fullmatch("[0-9]{1,3}", text) and 1 <= int(text) <= MOST:
        return int(text)
    raise Unreadable(f"must be an integer from 1 to {MOST}")


def _place(text: str) -> str | None:
    try:
        read_place(text)
    except InvalidInput as error:
        raise Unreadable(error.defects[0].message) from error
    return text
