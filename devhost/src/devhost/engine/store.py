"""The engine's memory: one SQLite file in which every change is one transaction.

Only what is committed here has happened. The file is opened in WAL mode, so a killed process loses
nothing that it had committed; its messages and activities are found again at the next start.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from devhost.clock import parse_timestamp, timestamp
from devhost.engine.history import Event, Kind, started
from devhost.engine.messages import Commit, Message, Work
from devhost.engine.recent import RecentHistories
from devhost.engine.records import Execution, InstanceRecord, Status
from devhost.engine.rows import execution_of, message_of, record_of, work_of

_FORMAT = 1
_SCHEMA = """
create table instances (
    number integer primary key autoincrement, instance_id text not null unique,
    execution_id text not null, name text not null, version text, status text not null,
    input text, output text, custom_status text, created text not null, updated text not null,
    parent text);
create table history (
    instance_id text not null, number integer not null, event text not null,
    primary key (instance_id, number)) without rowid;
create table inbox (
    number integer primary key autoincrement, instance_id text not null, execution_id text,
    due text not null, event text not null);
create index inbox_by_instance on inbox (instance_id, due);
create index inbox_by_due on inbox (due);
create table work (
    number integer primary key autoincrement, instance_id text not null, execution_id text not null,
    event_id integer not null, name text not null, input text);
"""


class StoreUnreadable(Exception):
    """The file is not a state of this devhost; it is left as it is."""


class Store:
    """Instances, histories, messages and work, in one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.row_factory = sqlite3.Row
        self._recent = RecentHistories()
        try:
            self._prepare()
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StoreUnreadable(
                f"{path} is not a devhost state ({error}). Use another --state folder."
            ) from error

    def _prepare(self) -> None:
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = normal")
        found = self._db.execute("pragma user_version").fetchone()[0]
        if found == 0 and not self._db.execute("select 1 from sqlite_master").fetchone():
            self._db.executescript(f"begin; {_SCHEMA} pragma user_version = {_FORMAT}; commit;")
        elif found != _FORMAT:
            raise sqlite3.DatabaseError(f"format {found}, this devhost writes {_FORMAT}")

    def close(self) -> None:
        """Close the file; whatever was committed stays."""
        self._db.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Do all of it or nothing."""
        self._db.execute("begin immediate")
        try:
            yield self._db
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    # -- reading -------------------------------------------------------------------------------

    def instance(self, instance_id: str) -> InstanceRecord | None:
        """Return the instance, or None."""
        row = self._row(instance_id)
        return None if row is None else record_of(row)

    def execution(self, instance_id: str) -> Execution | None:
        """Return the newest execution of the instance, or None."""
        row = self._row(instance_id)
        return None if row is None else execution_of(row)

    def _row(self, instance_id: str) -> sqlite3.Row | None:
        found = self.rows("select * from instances where instance_id = ?", (instance_id,))
        return found[0] if found else None

    def rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Return what a query finds."""
        return self._db.execute(query, values).fetchall()

    def history(self, instance_id: str) -> list[Event]:
        """Return the events of the newest execution, oldest first."""
        known = self._recent.get(instance_id)
        if known is None:
            rows = self._db.execute(
                "select event from history where instance_id = ? order by number", (instance_id,)
            )
            known = json.loads(f"[{','.join(row['event'] for row in rows)}]")
            self._recent.keep(instance_id, known)
        return list(known)

    def due_messages(self, instance_id: str, moment: datetime) -> list[tuple[int, Message]]:
        """Return the visible messages with their numbers: a start first, then as they arrived."""
        rows = self._db.execute(
            "select * from inbox where instance_id = ? and due <= ? order by due, number",
            (instance_id, timestamp(moment)),
        )
        found = [(row["number"], message_of(row)) for row in rows]
        return sorted(found, key=lambda one: one[1].event["EventType"] != Kind.EXECUTION_STARTED)

    def instances_due(self, moment: datetime) -> list[str]:
        """Return the ids of the instances that have a visible message, longest due first."""
        rows = self._db.execute(
            "select instance_id from inbox where due <= ? group by instance_id"
            " order by min(due), min(number)",
            (timestamp(moment),),
        )
        return [row["instance_id"] for row in rows]

    def next_due(self, after: datetime) -> datetime | None:
        """Return when the next hidden message becomes visible, or None."""
        row = self._db.execute(
            "select min(due) as due from inbox where due > ?", (timestamp(after),)
        ).fetchone()
        return None if row["due"] is None else parse_timestamp(row["due"])

    def work_after(self, number: int, top: int) -> list[tuple[int, Work]]:
        """Return at most `top` pieces of work that have not ended, numbered above `number`."""
        rows = self.rows(
            "select * from work where number > ? order by number limit ?", (number, top)
        )
        return [(row["number"], work_of(row)) for row in rows]

    # -- writing -------------------------------------------------------------------------------

    def create(self, execution: Execution, moment: datetime) -> None:
        """Begin an execution: the instance is pending, what an older one left is forgotten."""
        with self.transaction():
            self._begin(execution, moment)

    def _begin(self, execution: Execution, moment: datetime) -> None:
        self._forget(execution.instance_id)
        parent = execution.parent
        now = timestamp(moment)
        self._db.execute(
            "insert into instances (instance_id, execution_id, name, version, status, input,"
            " created, updated, parent) values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(execution.instance_id, execution.execution_id, execution.name),
                *(execution.version, Status.PENDING, execution.input, now, now),
                parent and json.dumps(vars(parent)),
            ),
        )
        self._send(_start_message(execution, moment))

    def send(self, message: Message) -> None:
        """Put a message into its instance's inbox."""
        with self.transaction():
            self._send(message)

    def _send(self, message: Message) -> None:
        self._db.execute(
            "insert into inbox (instance_id, execution_id, due, event) values (?, ?, ?, ?)",
            (
                *(message.instance_id, message.execution_id, timestamp(message.due)),
                json.dumps(message.event),
            ),
        )

    def discard(self, numbers: tuple[int, ...]) -> None:
        """Drop messages that nobody waits for."""
        with self.transaction() as db:
            db.executemany("delete from inbox where number = ?", [(one,) for one in numbers])

    def postpone(self, numbers: tuple[int, ...], due: datetime) -> None:
        """Hide messages until a moment."""
        with self.transaction() as db:
            marks = [(timestamp(due), number) for number in numbers]
            db.executemany("update inbox set due = ? where number = ?", marks)

    def finish_work(self, number: int, answer: Message) -> None:
        """Replace a piece of work by its answer, if it is still there."""
        with self.transaction() as db:
            if db.execute("delete from work where number = ?", (number,)).rowcount:
                self._send(answer)

    def commit(self, commit: Commit) -> None:
        """Write everything that an episode changes, in one transaction.

        Of an execution that was replaced while its episode ran, nothing is written.
        """
        one = commit.execution
        with self.transaction() as db:
            db.executemany(
                "delete from inbox where number = ?", [(each,) for each in commit.consumed]
            )
            is_current = self.execution(one.instance_id) == one
            if is_current:
                self._write(commit)
        # Only now: what is rolled back has not happened.
        if is_current and commit.continues_as is None:
            self._recent.extend(one.instance_id, commit.history)

    def _write(self, commit: Commit) -> None:
        self._append(commit)
        self._update(commit)
        for message in commit.messages:
            self._send(message)
        for child in commit.children:
            self._begin(child, commit.moment)
        self._db.executemany(
            "insert into work (instance_id, execution_id, event_id, name, input)"
            " values (?, ?, ?, ?, ?)",
            [(w.instance_id, w.execution_id, w.event_id, w.name, w.input) for w in commit.work],
        )
        if commit.continues_as is not None:
            self._continue(commit.continues_as, commit.moment)

    def _append(self, commit: Commit) -> None:
        instance_id = commit.execution.instance_id
        base = self._db.execute(
            "select coalesce(max(number) + 1, 0) as n from history where instance_id = ?",
            (instance_id,),
        ).fetchone()["n"]
        self._db.executemany(
            "insert into history (instance_id, number, event) values (?, ?, ?)",
            [
                (instance_id, base + offset, json.dumps(one))
                for offset, one in enumerate(commit.history)
            ],
        )

    def _update(self, commit: Commit) -> None:
        self._db.execute(
            "update instances set status = ?, output = ?, updated = ?,"
            " custom_status = coalesce(?, custom_status) where instance_id = ?",
            (
                *(commit.status, commit.output, timestamp(commit.moment)),
                *(commit.custom_status, commit.execution.instance_id),
            ),
        )

    def _continue(self, execution: Execution, moment: datetime) -> None:
        self._recent.drop(execution.instance_id)
        self._db.execute("delete from history where instance_id = ?", (execution.instance_id,))
        self._db.execute(
            "update instances set execution_id = ?, input = ? where instance_id = ?",
            (execution.execution_id, execution.input, execution.instance_id),
        )
        self._send(_start_message(execution, moment))

    def forget(self, instance_ids: list[str]) -> None:
        """Delete instances with all that belongs to them."""
        with self.transaction():
            for instance_id in instance_ids:
                self._forget(instance_id)

    def _forget(self, instance_id: str) -> None:
        self._recent.drop(instance_id)
        for table in ("instances", "history", "inbox", "work"):
            self._db.execute(f"delete from {table} where instance_id = ?", (instance_id,))  # noqa: S608  a fixed list of tables


def _start_message(execution: Execution, moment: datetime) -> Message:
    start = started(execution, moment)
    return Message(execution.instance_id, execution.execution_id, moment, start)
