"""SQLite: a file, over a connection that can only read."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, NullPool, create_engine, event

from gather_once.http_client.deadline import Deadline
from gather_once.model.fault import FaultKind
from gather_once.model.settings import Limits
from gather_once.sources.sql.dialect import Meaning

_STEPS: Final = 10_000
"""Instructions of SQLite's virtual machine between two checks of the deadline: < 1 ms."""
_LONGEST_PATTERN: Final = 200
"""Bytes of a `like` pattern: matching takes quadratic time and cannot be interrupted."""
_SHORTEST_VALUE: Final = 65_536
"""The lower bound of the limit of a value's bytes; SQLite's own statements need some."""

_OTHER_FILES: Final = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH})
_INNER_PRAGMA: Final = "data_version"
"""Full-text search reads it by itself."""
_OWN_FUNCTIONS: Final = frozenset({"regexp", "load_extension"})
"""SQLAlchemy's `regexp` is Python's, which nothing interrupts; the other runs code from a file."""

_PASSING: Final = frozenset(
    {
        *(sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL),
        *(sqlite3.SQLITE_INTERRUPT, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN),
        *(sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_FULL),
    }
)
_BROKEN: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_TOOBIG})
_WRITING: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_AUTH})
_PRIMARY: Final = 0xFF
"""The part of an extended result code that says what kind of error it is."""


class Sqlite:
    """One file, `sqlite:////absolute/path` in the settings."""

    def __init__(self, url: URL) -> None:
        if not url.database or url.database == ":memory:":
            raise ValueError("names no file; write e.g. sqlite:////path/to/the/file.db")
        self._file = Path(url.database).absolute()

    @contextmanager
    def session(self, deadline: Deadline, limits: Limits) -> Iterator[Connection]:
        """Open the file for one query."""
        engine = create_engine(
            "sqlite://",
            creator=lambda: _opened(self._file, deadline),
            poolclass=NullPool,
            hide_parameters=True,
        )
        # After SQLAlchemy has had its own first look, which pragmas are part of.
        event.listen(engine, "connect", lambda raw, _: _confine(raw, deadline, limits))
        with engine.connect() as connection:
            yield connection

    def meaning(self, error: BaseException) -> Meaning:
        """Return what SQLite's result code says (sqlite.org/rescode.html)."""
        code = getattr(error, "sqlite_errorcode", None)
        if code is None:
            return _meaning_without_code(error)
        name = getattr(error, "sqlite_errorname", str(code))
        code &= _PRIMARY
        if code in _PASSING:
            return Meaning(FaultKind.PASSING, f"it cannot be read now ({name})")
        if code in _BROKEN:
            return Meaning(FaultKind.BROKEN, f"what it holds cannot be read ({name})")
        if code in _WRITING:
            return Meaning(FaultKind.REFUSED, f"the query does more than read ({name})")
        return Meaning(FaultKind.REFUSED, f"it refused the query ({name})", str(error))


def _meaning_without_code(error: BaseException) -> Meaning:
    if isinstance(error, sqlite3.ProgrammingError):
        return Meaning(FaultKind.REFUSED, "the query is not one statement")
    return Meaning(FaultKind.BROKEN, "the answer cannot be used: a text is not Unicode")


def _opened(file: Path, deadline: Deadline) -> sqlite3.Connection:
    # `mode=ro` also makes no file where there is none.
    return sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=deadline.remaining())


def _confine(raw: sqlite3.Connection, deadline: Deadline, limits: Limits) -> None:
    raw.execute("pragma query_only = on")
    raw.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(limits.payload_bytes, _SHORTEST_VALUE))
    raw.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_PATTERN)
    raw.set_progress_handler(lambda: deadline.is_over, _STEPS)
    raw.set_authorizer(_permission)


def _permission(action: int, first: str | None, second: str | None, *_: Any) -> int:  # noqa: ANN401  # names of no interest
    """Deny every action but reading the file; SQLite calls this while it prepares a statement."""
    if action in _OTHER_FILES or (action == sqlite3.SQLITE_PRAGMA and first != _INNER_PRAGMA):
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _OWN_FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK
