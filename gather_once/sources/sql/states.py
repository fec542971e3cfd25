"""What PostgreSQL's errors mean for the next attempt: by SQLSTATE, or by what libpq says instead.

The states are those of appendix A of PostgreSQL's manual.
"""

from typing import Final

import psycopg

from gather_once.model.fault import FaultKind
from gather_once.sources.sql.dialect import Meaning

_BY_STATE: Final = (
    ("57014", FaultKind.PASSING, "the query was cancelled there"),
    ("25006", FaultKind.REFUSED, "the query does more than read"),
    ("57P04", FaultKind.REFUSED, "it is there no more"),
    ("53", FaultKind.THROTTLED, "it has too much to do"),  # connections, memory, disk
    ("08", FaultKind.PASSING, "the connection to it broke"),
    ("40", FaultKind.PASSING, "it rolled back, for a conflict"),
    ("55", FaultKind.PASSING, "something in it is locked or not ready"),
    ("57", FaultKind.PASSING, "an operator intervened"),  # shutdown, crash, starting up
    ("58", FaultKind.PASSING, "its system is in trouble"),
    ("F0", FaultKind.BROKEN, "its configuration is broken"),
    ("XX", FaultKind.BROKEN, "it failed by itself"),
    ("", FaultKind.REFUSED, "it refused the query"),
)
"""States by how they begin, special ones first: what they mean, in words of our own."""

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
"""What a server says that lets nobody in: libpq keeps that SQLSTATE to itself."""

_NO_ENTRY: Final = {
    FaultKind.REFUSED: "it does not let the app in; see its login",
    FaultKind.THROTTLED: "it has no connection left",
    FaultKind.PASSING: "no connection to it, or it was lost",
}

_ABOUT_NAMES: Final = "42"
"""The class of errors in a statement's words; others may quote what is stored."""


def meaning_of(error: BaseException) -> Meaning:
    """Return what an error of psycopg means; the message quotes no value."""
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
