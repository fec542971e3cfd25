"""When a timer ran and when it will, kept so that a run no host was there for is made up for."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

_UNSET = "0001-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class TimerStatus:
    """The three moments the host keeps; `last` is None before the first run."""

    last: datetime | None
    next: datetime
    updated: datetime

    def as_json(self, zone: tzinfo | None = UTC) -> dict[str, str]:
        """Write it as the host does: times of the wall clock in `zone`, with their offset."""
        return {
            "Last": _text(self.last, zone) if self.last else _UNSET,
            "Next": _text(self.next, zone),
            "LastUpdated": _text(self.updated, zone),
        }


class StatusFile:
    """The status of one timer in a file of its own."""

    def __init__(self, folder: Path, function: str) -> None:
        self._path = folder / f"{function}.json"

    def read(self) -> TimerStatus | None:
        """Return what was written last; None before that, or if the file says nothing useful."""
        try:
            found = json.loads(self._path.read_text())
            last, following, updated = (found[key] for key in ("Last", "Next", "LastUpdated"))
            return TimerStatus(
                None if last == _UNSET else _moment(last), _moment(following), _moment(updated)
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, status: TimerStatus) -> None:
        """Replace the file as a whole."""
        self._path.parent.mkdir(exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(status.as_json()))
        new.replace(self._path)


def _text(moment: datetime, zone: tzinfo | None) -> str:
    text = moment.astimezone(zone).isoformat()
    head, dot, tail = text.partition(".")
    return f"{head}{dot}{tail[:6].rstrip('0')}{tail[6:]}" if dot else text


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
