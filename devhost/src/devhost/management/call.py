"""One call of the durable HTTP API, its query read as leniently as the extension reads it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from urllib.parse import parse_qsl

from starlette.requests import Request

from devhost.engine.records import InstanceFilter, Status

_PAGE = 100
_OTHER_STATUSES = ("Canceled", "ContinuedAsNew")  # names the extension knows, of no instance here


@dataclass(frozen=True)
class Call:
    """A request that some route matched, with the route's values.

    `addresses` gives the management addresses of an instance, in the caller's words.
    """

    request: Request
    values: Mapping[str, str]
    addresses: Callable[[str], Mapping[str, str]]

    @property
    def instance_id(self) -> str:
        """The instance that is meant; only routes that name one may ask."""
        return self.values["instanceId"]

    @cached_property
    def query(self) -> "Query":
        """What the query string says."""
        return Query(self.request.scope["query_string"])


class Query:
    """A query string; names match without regard to case, what cannot be read counts as absent."""

    def __init__(self, query_string: bytes) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True):
            self._values.setdefault(name.lower(), []).append(value)

    def text(self, name: str) -> str | None:
        """Return the value; repeated ones are joined by commas."""
        values = self._values.get(name.lower())
        return None if values is None else ",".join(values)

    def flag(self, name: str, *, default: bool) -> bool:
        """Return `true` or `false`, written in any case."""
        return {"true": True, "false": False}.get((self.text(name) or "").strip().lower(), default)

    def seconds(self, name: str) -> float | None:
        """Return a finite number of seconds."""
        try:
            value = float(self.text(name) or "")
        except ValueError:
            return None
        return value if math.isfinite(value) else None

    def moment(self, name: str) -> datetime | None:
        """Return an ISO 8601 moment; without an offset it is UTC."""
        try:
            moment = datetime.fromisoformat(self.text(name) or "")
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def page_size(self) -> int:
        """How many instances to list: `top`, when that is a positive number."""
        top = (self.text("top") or "").strip()
        return int(top) if top.isdecimal() and int(top) else _PAGE

    @property
    def wanted(self) -> InstanceFilter:
        """Which instances are meant."""
        return InstanceFilter(
            created_from=self.moment("createdTimeFrom"),
            created_to=self.moment("createdTimeTo"),
            statuses=_statuses((self.text("runtimeStatus") or "").split(",")),
            prefix=self.text("instanceIdPrefix") or "",
        )


def _statuses(names: Iterable[str]) -> frozenset[str]:
    known = {*map(str, Status), *_OTHER_STATUSES}
    return frozenset(name.strip() for name in names) & known
