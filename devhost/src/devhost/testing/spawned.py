"""A host as a process of its own, which a test may kill for real."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import requests

_READY = "Host ready"


class SpawnedHost:
    """`python -m devhost start` on a free port of the machine, on the real clock."""

    def __init__(
        self,
        app_dir: Path,
        state: Path,
        *,
        settings: Mapping[str, str] | None = None,
        azurite: str = "off",
    ) -> None:
        self._app_dir, self._state, self._azurite = app_dir, state, azurite
        self._environ = {**os.environ, "PYTHONUNBUFFERED": "1", **(settings or {})}
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None
        self._port = _free_port()
        self.output: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the app answers, without a slash at the end; the same after a restart."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start the process and return when it says that it is ready.

        Raises:
            RuntimeError: it ended before; carries what it printed.
        """
        command = [sys.executable, "-m", "devhost", "start", str(self._app_dir)]
        options = ["--port", str(self._port), "--state", str(self._state)]
        self._process = subprocess.Popen(  # noqa: S603  our own program
            [*command, *options, "--azurite", self._azurite],
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in self._process.stdout or ():
            self.output.append(line)
            if _READY in line:
                self._reader = threading.Thread(target=self._read_on, args=(self._process,))
                self._reader.start()
                return
        self.stop()
        raise RuntimeError("devhost did not get ready:\n" + "".join(self.output))

    def _read_on(self, process: "subprocess.Popen[str]") -> None:
        """Take what it prints: one that nobody reads stands still when the pipe is full."""
        self.output.extend(process.stdout or ())

    def kill(self) -> None:
        """SIGKILL: nothing in the process gets a chance."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order, if it runs."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(timeout=30)
        if self._reader is not None:
            self._reader.join(timeout=30)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = self._reader = None

    def get(self, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  handed on
        """GET a path of the app."""
        return requests.get(self.url + path, timeout=60, **options)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
