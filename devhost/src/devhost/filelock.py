"""A lock on a file that ends with the process holding it, however that process ends."""

import os
import sys
import time
from pathlib import Path

from devhost import lifeline

_PAUSE = 0.02  # seconds between two tries; the kernel has no timed wait for a file lock
_BEYOND = 1 << 30  # on Windows a locked byte cannot be read: lock one far behind the text


class FileLock:
    """An exclusive lock; its file names the holder's pid and stays when the lock is released."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def take(self, *, within: float = 0) -> bool:
        """Take the lock, waiting up to `within` seconds; say whether it was taken."""
        deadline = time.monotonic() + within
        while not self._try():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_PAUSE)
        self.name_holder(os.getpid())
        return True

    def name_holder(self, pid: int) -> None:
        """Write into the file who holds the lock, for the message others get."""
        descriptor = self.descriptor
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.write(descriptor, str(pid).encode())

    @property
    def holder(self) -> str:
        """The pid that the file names: of the holder, or of the last one there was."""
        try:
            return self.path.read_text() or "unknown"
        except OSError:
            return "unknown"

    @property
    def descriptor(self) -> int:
        """The open file, for a child that shall hold the lock as well."""
        if self._descriptor is None:
            raise RuntimeError(f"the lock {self.path} is not taken")
        return self._descriptor

    def release(self) -> None:
        """Let go of the lock; a child that was given the descriptor goes on holding it."""
        if self._descriptor is not None:
            lifeline.let_go(self._descriptor)
            self._descriptor = None

    def _try(self) -> bool:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _lock(descriptor):
            os.close(descriptor)
            return False
        self._descriptor = lifeline.hold(descriptor)
        return True


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
