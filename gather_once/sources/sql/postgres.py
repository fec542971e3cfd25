"""PostgreSQL: one statement in a read-only transaction with a time limit; SQLSTATEs as faults.

SQLSTATEs are those of appendix A of PostgreSQL's manual; libpq's text decides where there is none.
"""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from decimal import Decimal
from math import ceil
from threading import Timer
from typing import Any, Final

import psycopg
from psycopg.types.json import set_json_loads
from psycopg.types.string import TextLoader
from sqlalchemy import URL, Connection, NullPool, create_engine, event, text

from gather_once.http_client.deadline import Deadline
from gather_once.model.fault import FaultKind
from gather_once.model.settings import Limits
from gather_once.sources.sql.dialect import Meaning
from gather_once.sources.sql.rows import NoAnswer

_GRACE: Final = 1.0
"""Seconds after the deadline before the connection is closed; the server cancels first."""

_SESSION: Final = {
    "client_min_messages": "error",  # notices would be logged, and may quote values
    "datestyle": "ISO, YMD",
    "extra_float_digits": "1",  # the shortest text that is the same number
    "intervalstyle": "iso_8601",
    "timezone": "UTC",
}
"""Session settings that determine the form of answers, set whatever the server's defaults."""


class PostgreSql:
    """One database, `postgresql://user:password@host/name` in the settings."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")

    @contextmanager
    def session(self, deadline: Deadline, limits: Limits) -> Iterator[Connection]:  # noqa: ARG002  # a cursor streams, so there is nothing to limit here
        """Connect for one query.

        After `begin read only` and a first statement, no statement can make the transaction
        writable (SQLSTATE 25001). A server-side cursor takes a single `select` or `values`.
        """
        wait = {"connect_timeout": ceil(deadline.remaining())}  # libpq rounds 1 second up to 2
        own = {"application_name": "gather-once", "client_encoding": "utf8"}
        engine = create_engine(
            self._url, poolclass=NullPool, hide_parameters=True, connect_args=wait | own
        )
        with ExitStack() as stack:

            def begin(raw: Any, _: object) -> None:  # noqa: ANN401  # SQLAlchemy's view of a psycopg.Connection
                stack.enter_context(_cut_off(raw, deadline))
                raw.server_cursor_factory = _Cursor
                _read_exactly(raw)

            event.listen(engine, "connect", begin, insert=True)
            connection = stack.enter_context(engine.connect())
            connection = connection.execution_options(postgresql_readonly=True)
            limit = str(ceil(deadline.remaining() * 1000))
            _configure(connection, {**_SESSION, "statement_timeout": limit})
            yield connection

    def meaning(self, error: BaseException) -> Meaning:
        """Return the meaning of an error of psycopg."""
        return meaning_of(error)


class _Cursor(psycopg.ServerCursor[Any]):
    """A cursor without a warning: SQLAlchemy does not close cursors of lost connections."""

    def __del__(self, _warn: object = None, /) -> None:
        """Do not warn about an open cursor, as psycopg's does."""


@contextmanager
def _cut_off(raw: psycopg.Connection[Any], deadline: Deadline) -> Iterator[None]:
    """Close the connection after the deadline, if the server has not cancelled the query.

    The server's time limit restarts at every fetch, and a query can change it.
    """
    handle = socket.socket(fileno=os.dup(raw.fileno()))

    def end() -> None:
        with suppress(psycopg.Error):
            raw.cancel_safe(timeout=_GRACE)
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = Timer(deadline.remaining() + _GRACE, end)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def _read_exactly(raw: psycopg.Connection[Any]) -> None:
    # An interval's months have no fixed number of days, which psycopg's durations give them.
    for name in ("interval", "inet", "cidr"):
        raw.adapters.register_loader(name, TextLoader)
    set_json_loads(_exact_json, raw)


def _exact_json(content: str | bytes) -> Any:  # noqa: ANN401  # a JSON value
    return json.loads(content, parse_float=_exact)


def _exact(digits: str) -> float:
    number = float(digits)
    if not Decimal(digits) == Decimal(repr(number)):
        raise NoAnswer("a number in a JSON value has more digits than JSON is read with")
    return number


def _configure(connection: Connection, settings: dict[str, str]) -> None:
    """Set all for this transaction: a connection pooler does not keep settings of a session."""
    columns = ", ".join(f"set_config('{name}', :{name}, true)" for name in settings)
    connection.execute(text(f"select {columns}"), settings)


_BY_STATE: Final = (
    ("57014", FaultKind.PASSING, "the query was cancelled there"),
    ("25006", FaultKind.REFUSED, "the query does more than read"),
    ("57P04", FaultKind.REFUSED, "it is there no more"),
    (
        "53",
        FaultKind.THROTTLED,
        "it is out of connections, memory or disk",
    ),  # connections, memory, disk
    ("08", FaultKind.PASSING, "the connection to it broke"),
    ("40", FaultKind.PASSING, "it rolled back, for a conflict"),
    ("55", FaultKind.PASSING, "something in it is locked or not ready"),
    ("57", FaultKind.PASSING, "an operator intervened"),  # shutdown, crash, starting up
    ("58", FaultKind.PASSING, "its system is in trouble"),
    ("F0", FaultKind.BROKEN, "its configuration is broken"),
    ("XX", FaultKind.BROKEN, "it failed by itself"),
    ("", FaultKind.REFUSED, "it refused the query"),
)
"""Kinds of fault and texts of the app's own, by prefix of the SQLSTATE, longer prefixes first."""

_BY_TEXT: Final = (
    ("password authentication failed", FaultKind.REFUSED),
    ("no password supplied", FaultKind.REFUSED),
    ("does not exist", FaultKind.REFUSED),
    ("no pg_hba.conf entry", FaultKind.REFUSED),
    ("permission denied", FaultKind.REFUSED),
    ("is not permitted to log in", FaultKind.REFUSED),
    ("too many clients", FaultKind.THROTTLED),
    ("too many connections", FaultKind.THROTTLED),
    ("connection slots are reserved", FaultKind.THROTTLED),
    ("", FaultKind.PASSING),
)
"""Messages of a rejected connection, for which libpq has no SQLSTATE."""

_NO_ENTRY: Final = {
    FaultKind.REFUSED: "authentication failed or access denied",
    FaultKind.THROTTLED: "it has no connection left",
    FaultKind.PASSING: "no connection to it, or it was lost",
}

_ABOUT_NAMES: Final = "42"
"""The class of errors in the statement's text; messages of others may quote stored values."""


def meaning_of(error: BaseException) -> Meaning:
    """Return the meaning of an error of psycopg; the message quotes no value."""
    state = getattr(error, "sqlstate", None)
    if state is None:
        return _without_state(error)
    kind, what = next((kind, what) for begins, kind, what in _BY_STATE if state.startswith(begins))
    return Meaning(kind, f"{what} ({type(error).__name__}, SQLSTATE {state})", _detail(error))


def _detail(error: BaseException) -> str:
    if isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith(_ABOUT_NAMES):
        return error.diag.message_primary or ""
    return ""


def _without_state(error: BaseException) -> Meaning:
    if isinstance(error, psycopg.OperationalError):
        kind = next(kind for said, kind in _BY_TEXT if said in str(error))
        return Meaning(kind, _NO_ENTRY[kind])
    if isinstance(error, psycopg.ProgrammingError):
        return Meaning(FaultKind.REFUSED, "libpq does not know an option in the URL that is set")
    what = f"a value is out of Python's range ({type(error).__name__}); cast it to text"
    return Meaning(FaultKind.BROKEN, f"the answer cannot be used: {what}")
