"""The port of a kind of database: read-only sessions, and the meaning of its errors."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from gather_once.http_client.deadline import Deadline
from gather_once.model.fault import FaultKind
from gather_once.model.settings import Limits


@dataclass(frozen=True, slots=True)
class Meaning:
    """The kind of fault of a database error, with a text of the app's own.

    `detail` is the database's text about the statement. It may quote a bound value, so it is shown
    only for queries without parameters.
    """

    kind: FaultKind
    what: str
    detail: str = ""


class Database(Protocol):
    """One database; its constructor raises ValueError for an invalid URL."""

    def session(self, deadline: Deadline, limits: Limits) -> AbstractContextManager[Connection]:
        """Open a connection for one query, which the database itself prevents from writing.

        A query that is still running at the deadline is cancelled, at the database too.
        """
        ...

    def meaning(self, error: BaseException) -> Meaning:
        """Return the meaning of an error of the driver."""
        ...
