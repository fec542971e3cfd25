"""The deadline of an attempt, and sockets whose operations all end at it."""

import io
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Deadline:
    """The end of an attempt on a monotonic clock (seconds)."""

    at: float
    monotonic: Callable[[], float]

    @classmethod
    def after(cls, timeout: timedelta, monotonic: Callable[[], float]) -> Self:
        """Return the deadline in `timeout` from now."""
        return cls(monotonic() + timeout.total_seconds(), monotonic)

    def remaining(self) -> float:
        """Return the seconds left, more than 0; raises TimeoutError after the deadline."""
        left = self.at - self.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.monotonic() >= self.at


class TimedSocket:
    """A connected socket (plain or TLS) whose every wait ends at the deadline.

    A socket's own timeout restarts with every byte, so a peer that sends single bytes, of its
    headers too, could block a thread for hours.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever the socket has
        return getattr(self._sock, name)

    def sendall(self, data: bytes) -> None:
        """Send everything; raises TimeoutError at the deadline, OSError when the peer is gone."""
        rest = memoryview(data)
        while rest:
            self._sock.settimeout(self._deadline.remaining())
            rest = rest[self._sock.send(rest) :]

    def makefile(self, mode: str) -> io.BufferedReader:
        """Return a reader of the socket; `mode` is "rb", the one that http.client uses."""
        if mode != "rb":
            raise ValueError(f"a timed socket is read as bytes, not as {mode!r}")
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))


class _TimedReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        # The unbuffered file of the socket keeps the descriptor open until this reader is closed.
        self._file = sock.makefile("rb", buffering=0)
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:  # noqa: ANN401  # any writable buffer
        self._sock.settimeout(self._deadline.remaining())
        return self._file.readinto(buffer)

    def close(self) -> None:
        self._file.close()
        super().close()
