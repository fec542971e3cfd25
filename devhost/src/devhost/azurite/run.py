"""One run of the real Azurite, from its first line to its end."""

import logging
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from devhost import lifeline
from devhost.azurite.endpoints import Ports, answers
from devhost.azurite.errors import AzuriteFailed
from devhost.azurite.installation import Installation
from devhost.filelock import FileLock

log = logging.getLogger(__name__)

_HERE = Path(__file__).parent
_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at .*:(\d+)")
_OLD_ONE_GONE = 30.0  # seconds for the Azurite of an earlier host to save and end
_DATABASE = "AZURITE_DB"
_SAVED = 20.0  # seconds to save everything when asked to close


class AzuriteRun:
    """A running Azurite: it ends when asked to, by itself, or with this process.

    It runs in a process group of its own, so that Ctrl-C reaches the host alone, which still
    needs it then. It notices this process's end by standard input, whose other end is ours.
    """

    def __init__(
        self, installation: Installation, folder: Path, ports: Ports, environ: Mapping[str, str]
    ) -> None:
        """Start it; `ports` are those of the run before, or zeros.

        Raises:
            AzuriteFailed: another Azurite still runs on the folder, or Node.js does not start.
        """
        self._folder = folder
        self._lock = _alone_in(folder)
        self._ending = threading.Lock()  # one thread watches, another may close
        command = _command(
            installation, folder, ports, with_clock="DEVHOST_CLOCK_OFFSET" in environ
        )
        reading, writing = os.pipe()
        self._lifeline: int | None = lifeline.hold(writing)
        try:
            self._process = _spawn(command, reading, _surrounded(environ), self._lock)
        except OSError as error:
            self._release()
            raise AzuriteFailed(f"{installation.node} does not start: {error.strerror}") from error
        finally:
            os.close(reading)
        self._hand_over_lock()

    def wait_until_it_answers(self) -> Ports:
        """Return its ports once it answers on all of them.

        Raises:
            AzuriteFailed: it ended instead, or it does not answer; says its last words.
        """
        ports, words = Ports(), ""
        for line in self.lines():
            words += line
            if found := _LISTENING.search(line):
                ports = replace(ports, **{found[1].lower(): int(found[2])})
            if ports.blob and ports.queue and ports.table:
                break
        if not answers(ports):
            said = " ".join(words.split())[-400:]
            raise AzuriteFailed(f"Azurite does not start on {self._folder}; it said: {said}")
        return ports

    def lines(self) -> Iterator[str]:
        """Yield what it prints, until it ends."""
        output: IO[str] | None = self._process.stdout
        for line in output or ():
            log.debug("%s", line.rstrip())
            yield line

    def close(self) -> None:
        """Ask it to save and end, as SIGTERM does, and wait; kill it if it does not end."""
        self._let_lifeline_go()
        try:
            self._process.wait(_SAVED)
        except subprocess.TimeoutExpired:
            log.warning("Azurite does not close: killed; what it stored last may be lost")
            self._process.kill()
            self._process.wait()
        self._release()

    def wait(self) -> int:
        """Return its exit code once it has ended, by itself or because it was asked to."""
        for _ in self.lines():
            pass
        if self._process.stdout is not None:
            self._process.stdout.close()
        code = self._process.wait()
        self._release()
        return code

    @property
    def is_alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def _release(self) -> None:
        self._let_lifeline_go()
        with self._ending:
            self._lock.release()

    def _let_lifeline_go(self) -> None:
        with self._ending:
            if self._lifeline is not None:
                lifeline.let_go(self._lifeline)
                self._lifeline = None

    def _hand_over_lock(self) -> None:
        """From now on the lock is Azurite's own; on Windows, where it cannot be, the host's."""
        self._lock.name_holder(self._process.pid)
        if sys.platform != "win32":
            self._lock.release()


def _alone_in(folder: Path) -> FileLock:
    """Wait until no other Azurite works on the folder: two would ruin it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock")
    if not lock.take(within=_OLD_ONE_GONE):
        raise AzuriteFailed(
            f"the Azurite of an earlier host (pid {lock.holder}) still works on {folder}: end "
            "that process and start again"
        )
    return lock


def _command(
    installation: Installation, folder: Path, ports: Ports, *, with_clock: bool
) -> list[str]:
    preloads = ["lifeline.cjs", "clock.cjs"] if with_clock else ["lifeline.cjs"]
    required = [word for name in preloads for word in ("--require", str(_HERE / name))]
    services = {"blob": ports.blob, "queue": ports.queue, "table": ports.table}
    # Silent about requests; it names its ports all the same. The SDK's API version is ahead of
    # the newest one that Azurite knows.
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--location", str(folder)]
    for name, port in services.items():
        options += [f"--{name}Host", "127.0.0.1", f"--{name}Port", str(port)]
    return [installation.node, *required, str(installation.script), *options]


def _surrounded(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what Azurite sees: without AZURITE_DB, by which it would keep blobs in a database."""
    return {name: text for name, text in os.environ.items() if name != _DATABASE} | dict(environ)


def _spawn(
    command: list[str], stdin: int, environ: Mapping[str, str], lock: FileLock
) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  the Azurite that this package installs
        command,
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=environ,
        **_apart(lock),
    )


if sys.platform == "win32":

    def _apart(_lock: FileLock) -> dict[str, int]:
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}

else:

    def _apart(lock: FileLock) -> dict[str, Any]:
        return {"process_group": 0, "pass_fds": (lock.descriptor,)}
