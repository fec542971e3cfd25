"""PostgreSQL: one statement in a transaction that reads only, cut off when its time is up."""

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
from gather_once.model.settings import Limits
from gather_once.sources.sql.dialect import Meaning
from gather_once.sources.sql.rows import NoAnswer
from gather_once.sources.sql.states import meaning_of

_GRACE: Final = 1.0
"""Seconds after the deadline in which the database may end the query by itself."""

_SESSION: Final = {
    "client_min_messages": "error",  # notices would be logged, and may quote values
    "datestyle": "ISO, YMD",
    "extra_float_digits": "1",  # the shortest text that is the same number
    "intervalstyle": "iso_8601",
    "timezone": "UTC",
}
"""What must not depend on the server's configuration, for the answer does."""


class PostgreSql:
    """One database, `postgresql://user:password@host/name` in the settings."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")

    @contextmanager
    def session(self, deadline: Deadline, limits: Limits) -> Iterator[Connection]:  # noqa: ARG002  # a cursor streams, so there is nothing to limit here
        """Connect for one query.

        `begin read only`, then a first statement: after that the transaction can be made to write
        by nothing (SQLSTATE 25001). A cursor at the server takes a single `select` or `values`.
        """
        wait = {"connect_timeout": ceil(deadline.remaining())}  # libpq makes two of one second
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
        """Return what an error of psycopg means."""
        return meaning_of(error)


class _Cursor(psycopg.ServerCursor[Any]):
    """A cursor that goes with its connection: SQLAlchemy closes none whose connection is lost."""

    def __del__(self, _warn: object = None, /) -> None:
        """Say nothing of being open still, unlike psycopg's."""


@contextmanager
def _cut_off(raw: psycopg.Connection[Any], deadline: Deadline) -> Iterator[None]:
    """End the connection after the deadline, should the server not have ended the query.

    Its own time limit counts anew for every part that is fetched, and a query can change it.
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
    """Set all for this transaction, which is what a pooler between here and there lets through."""
    columns = ", ".join(f"set_config('{name}', :{name}, true)" for name in settings)
    connection.execute(text(f"select {columns}"), settings)
