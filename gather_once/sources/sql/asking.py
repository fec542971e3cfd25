"""Sends a query to its database, and returns the rows or a fault."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import URL, CursorResult, TextClause, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from gather_once.http_client.deadline import Deadline
from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.settings import Limits, database_setting
from gather_once.sources.sql.dialect import Database, Meaning
from gather_once.sources.sql.postgres import PostgreSql
from gather_once.sources.sql.query import BadQuery, Query
from gather_once.sources.sql.rows import NoAnswer, rows_as_json
from gather_once.sources.sql.sqlite import Sqlite

KINDS: Final[Mapping[str, Callable[[URL], Database]]] = {
    "postgresql": PostgreSql,
    "sqlite": Sqlite,
}
"""The supported databases, by the scheme of their URLs."""

RELIEF: Final = timedelta(seconds=10)
"""The pause before the next query of an overloaded database, which sends no Retry-After."""

_BATCH: Final = 100
"""Rows per fetch: a row is received whole, before its size can be checked against the limit."""

FAILURES: Final = (
    *(SQLAlchemyError, BadQuery, NoAnswer, InvalidSetting),
    *(OSError, UnicodeError, OverflowError),
)
"""The errors of sending a query and reading its rows."""


def ask(query: Query, deadline: Deadline, limits: Limits) -> bytes:
    """Return the rows as JSON; raises one of FAILURES.

    Each call opens its own connection, so that session settings of a query do not outlive it and a
    restart of the database breaks no pooled connection.
    """
    statement = _statement(query)
    streamed = {"stream_results": True, "max_row_buffer": _BATCH}
    with (
        _database_of(query).session(deadline, limits) as connection,
        closing(
            connection.execute(statement, dict(query.params), execution_options=streamed)
        ) as result,
    ):
        if not result.returns_rows:
            raise BadQuery("it returns no rows; a query has to be a `select`")
        return rows_as_json(list(result.keys()), _in_time(result, deadline), limits)


def fault_behind(error: Exception, query: Query, deadline: Deadline, now: datetime) -> Fault:
    """Return the fault for an error; the message has no value, no password and no address."""
    meaning = _meaning(error, query)
    if meaning.kind is FaultKind.PASSING and deadline.is_over:
        meaning = Meaning(FaultKind.PASSING, "no complete response within the time limit")
    detail = f": {meaning.detail}" if meaning.detail and not query.params else ""
    until = now + RELIEF if meaning.kind is FaultKind.THROTTLED else None
    return Fault(meaning.kind, f"the database {query.database}: {meaning.what}{detail}", until)


def _meaning(error: Exception, query: Query) -> Meaning:
    match error:
        case DBAPIError(orig=BaseException() as behind):
            return _database_of(query).meaning(behind)
        case BadQuery() | InvalidSetting():
            return Meaning(FaultKind.REFUSED, str(error))
        case NoAnswer():
            return Meaning(FaultKind.BROKEN, f"the answer cannot be used: {error}")
    kind, what = next((m for kind, m in _OF_PYTHON.items() if isinstance(error, kind)), _UNKNOWN)
    return Meaning(kind, what.format(type(error).__name__))


_OF_PYTHON: Final = {
    OverflowError: (FaultKind.REFUSED, "a number among the params is too large for it"),
    OSError: (FaultKind.PASSING, "the connection was lost"),
    UnicodeError: (FaultKind.BROKEN, "the answer cannot be used: a text is not Unicode"),
}
_UNKNOWN: Final = (FaultKind.BROKEN, "the query cannot be sent to it ({})")


def _database_of(query: Query) -> Database:
    setting = database_setting(query.database)
    try:
        url = make_url(query.url)
    except (ArgumentError, ValueError):  # their texts quote the URL
        raise InvalidSetting(
            setting, "is no URL of a database; write e.g. postgresql://user:password@host/name"
        ) from None
    kind = KINDS.get(url.get_backend_name())
    if kind is None:
        known = ", ".join(f"{name}://" for name in KINDS)
        raise InvalidSetting(setting, f"is not a supported kind of database; there are {known}")
    try:
        return kind(url)
    except ValueError as error:
        raise InvalidSetting(setting, str(error)) from None


def _statement(query: Query) -> TextClause:
    statement = text(query.statement)
    named = statement.compile().params.keys()
    for name in named - query.params.keys():
        raise BadQuery(f"it names :{name}, which is not in params; a plain colon is written \\:")
    for name in query.params.keys() - named:
        raise BadQuery(
            f"params has {name}, which the query does not name as :{name} (a type for it is"
            f" written cast(:{name} as date), not :{name}::date)"
        )
    return statement


def _in_time(rows: CursorResult[Any], deadline: Deadline) -> Iterator[Sequence[Any]]:
    for row in rows:
        deadline.remaining()  # raises TimeoutError
        yield row
