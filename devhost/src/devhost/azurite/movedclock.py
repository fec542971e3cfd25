"""Moves Azurite's time, and learns from Azurite when hidden messages will be seen again."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from devhost.clock import Clock, SystemClock

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class VirtualAzuriteClock:
    """The other end of Azurite's clock preload: two files in a folder.

    Azurite's time is the machine's plus an offset, so it goes on by itself between two moves. It
    never goes back: a message that was seen stays seen, a lease that ended stays ended.
    """

    def __init__(self, folder: Path, machine: Clock | None = None) -> None:
        self._machine = machine or SystemClock()
        self._offset_file = folder / "clock-offset"
        self._deadlines_file = folder / "queue-deadlines"
        folder.mkdir(parents=True, exist_ok=True)
        self._offset = self._kept_offset()
        self._deadlines: dict[str, datetime] = {}
        self._read_to = 0
        self._compact()

    @property
    def environ(self) -> Mapping[str, str]:
        """What the preload finds its files by."""
        return {
            "DEVHOST_CLOCK_OFFSET": str(self._offset_file),
            "DEVHOST_QUEUE_DEADLINES": str(self._deadlines_file),
        }

    @property
    def notes(self) -> int:
        """How much Azurite has noted: it grows with every message sent, hidden or deleted."""
        return self._deadlines_file.stat().st_size

    def now(self) -> datetime:
        """Return what Azurite takes for the current moment."""
        return self._machine.now() + (self._offset or timedelta())

    def move_to(self, moment: datetime) -> None:
        """Bring Azurite's time up to `moment`; the first move may also set it back."""
        offset = moment - self._machine.now()
        self._write_offset(offset if self._offset is None else max(self._offset, offset))

    def begin_at(self, moment: datetime) -> None:
        """Set Azurite's time, even back, and forget every message: for an account still empty."""
        self._write_offset(moment - self._machine.now())
        self._read_news()
        self._deadlines.clear()

    def next_deadline(self, after: datetime) -> datetime | None:
        """Return the next moment after `after` at which a hidden message is due again."""
        self._read_news()
        return min((due for due in self._deadlines.values() if due > after), default=None)

    def _kept_offset(self) -> timedelta | None:
        try:
            return int(self._offset_file.read_text()) * _MILLISECOND
        except FileNotFoundError:
            self._write_offset(timedelta())  # the preload needs the file from the start
            return None

    def _write_offset(self, offset: timedelta) -> None:
        """Replace the file as a whole: Azurite reads it at any moment."""
        self._offset = offset
        new = self._offset_file.with_suffix(".new")
        new.write_text(str(-(-offset // _MILLISECOND)))
        new.replace(self._offset_file)

    def _read_news(self) -> None:
        with self._deadlines_file.open("rb") as file:
            file.seek(self._read_to)
            news = file.read()
        complete = news[: news.rfind(b"\n") + 1]
        self._read_to += len(complete)
        for message, due in _notes(complete.decode()):
            if due is None:
                self._deadlines.pop(message, None)
            else:
                self._deadlines[message] = due

    def _compact(self) -> None:
        """Drop what earlier runs noted of messages that are gone; Azurite is not running yet."""
        self._deadlines_file.touch()
        self._read_news()
        lines = (f"{m} {(due - _EPOCH) // _MILLISECOND}\n" for m, due in self._deadlines.items())
        self._deadlines_file.write_text("".join(lines))
        self._read_to = self._deadlines_file.stat().st_size


def _notes(text: str) -> Iterator[tuple[str, datetime | None]]:
    for line in text.splitlines():
        message, due = line.split()
        yield message, None if due == "gone" else _EPOCH + int(due) * _MILLISECOND
