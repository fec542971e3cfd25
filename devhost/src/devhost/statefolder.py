"""The folder where one host keeps everything it must find again: its own, and nobody else's."""

import json
from pathlib import Path

from devhost.filelock import FileLock

_FORMAT = 1
_MARKER = "devhost.json"
_NEW_MARKER = "devhost.json.new"
_LOCK = "lock"


class StateRefused(Exception):
    """This folder cannot be the host's state."""


class StateInUse(StateRefused):
    """Another host works on this state."""


class StateFolder:
    """Claims a folder for one host at a time, and says where in it things are."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.database = self.path / "engine.sqlite"
        self.azurite = self.path / "azurite"
        self.timers = self.path / "timers"
        self._lock = FileLock(self.path / _LOCK)

    def claim(self) -> None:
        """Make the folder if need be, and hold it until `release` or this process's end.

        Raises:
            StateInUse: another host holds it.
            StateRefused: it is not a folder, holds what devhost did not write, or was written by
                a devhost of another format. Nothing in it is touched.
        """
        self._make()
        self._inspect()
        if not self._lock.take():
            raise StateInUse(
                f"the state {self.path} is in use by another host (pid {self._lock.holder}): "
                "stop that one, or give this one a folder of its own with --state"
            )
        try:
            self._sign()
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Let the next host have the folder."""
        self._lock.release()

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StateRefused(
                f"the state {self.path} cannot be made ({error.strerror}): name a folder that "
                "can be written to with --state"
            ) from error

    def _inspect(self) -> None:
        marker = self.path / _MARKER
        if marker.exists():
            _check(marker)
        elif any(found.name not in {_LOCK, _NEW_MARKER} for found in self.path.iterdir()):
            raise StateRefused(
                f"the folder {self.path} holds files that devhost did not write: name an empty "
                "or a new folder with --state"
            )

    def _sign(self) -> None:
        self._inspect()  # again: another first host may have signed it before the lock was ours
        new = self.path / _NEW_MARKER
        new.write_text(json.dumps({"program": "devhost", "format": _FORMAT}) + "\n")
        new.replace(self.path / _MARKER)


def _check(marker: Path) -> None:
    try:
        content = json.loads(marker.read_text())
        program, number = content["program"], content["format"]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise StateRefused(
            f"{marker} is damaged, so the state is not touched: put the file back, or name "
            "another folder with --state"
        ) from error
    if program != "devhost" or number != _FORMAT:
        raise StateRefused(
            f"the state {marker.parent} was written by {program}, format {number}; this devhost "
            f"reads format {_FORMAT}: use the version that wrote it, or another folder with --state"
        )
