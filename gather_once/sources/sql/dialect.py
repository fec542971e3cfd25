"""What a kind of database has to do to be asked: sessions that only read, and what errors mean."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from gather_once.http_client.deadline import Deadline
from gather_once.model.fault import FaultKind
from gather_once.model.settings import Limits


@dataclass(frozen=True, slots=True)
class Meaning:
    """What an error of a database means for the next attempt, in words of our own.

    `detail` is in the database's words, about the statement alone. They may quote a value that was
    bound to it, so they are shown only where there was none.
    """

    kind: FaultKind
    what: str
    detail: str = ""


class Database(Protocol):
    """One database of a kind; made from its URL, or ValueError says what is wrong with that."""

    def session(self, deadline: Deadline, limits: Limits) -> AbstractContextManager[Connection]:
        """Connect anew for one query, which the database itself keeps from writing.

        A query that is still running at the deadline is ended, at the database too.
        """
        ...

    def meaning(self, error: BaseException) -> Meaning:
        """Return what an error of the driver means."""
        ...
