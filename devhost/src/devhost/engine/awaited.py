"""Remembers which external events instances wait for, to tell those who wait in vain."""

from devhost.engine.messages import Commit

_MOST = 5


class Awaited:
    """What the last episode of each instance has said, since the host's start.

    Nothing is stored: what waits since an earlier start is not known here.
    """

    def __init__(self) -> None:
        self._names: dict[str, tuple[str, ...]] = {}

    def note(self, commit: Commit) -> None:
        """Take what an instance waits for after an episode, if it does."""
        self._names.pop(commit.execution.instance_id, None)
        if commit.awaited:
            self._names[commit.execution.instance_id] = commit.awaited

    def told(self, instance_id: str) -> str:
        """Return a sentence for each instance that waits, this one first, of five at most."""
        ordered = sorted(self._names, key=lambda one: (one != instance_id, one))
        return " ".join(
            f"{one} waits for the event {', '.join(self._names[one])}." for one in ordered[:_MOST]
        )
