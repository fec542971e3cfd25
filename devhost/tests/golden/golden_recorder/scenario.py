"""What a scenario is, and how the modules of scenarios collect theirs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from golden_recorder.scene import Scene

SHORT = 7.0
"""Seconds after which what is not over counts as hung, where a hang is likely."""

Play = Callable[[Scene], None]


@dataclass(frozen=True)
class Scenario:
    """One scenario: a name in groups with slashes, and what it does to a host."""

    name: str
    play: Play
    limit: float = 60.0
    """Seconds for all of it."""
    length: float = 1.0
    """About how many seconds it takes: long ones begin first."""
    alone: bool = False
    """Whether it waits for all others: it looks at, or deletes, their instances."""
    tidy: bool = True
    """Whether what is left of it is terminated."""
    versioned: bool = False
    """Whether it needs a `defaultVersion` in host.json; all others need none."""


class Scenes:
    """The scenarios of one subject, in their order."""

    def __init__(self) -> None:
        self._found: list[Scenario] = []

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self._found)

    def add(self, name: str, play: Play, **more: Any) -> None:
        """Take one more."""
        self._found.append(Scenario(name, play, **more))

    def scene(self, name: str, **more: Any) -> Callable[[Play], Play]:
        """Take the decorated function as a scenario."""

        def register(play: Play) -> Play:
            self.add(name, play, **more)
            return play

        return register

    def simple(
        self,
        name: str,
        orchestrator: str,
        value: Any = None,
        *,
        events: Sequence[tuple[str, Any]] = (),
        limit: float = 20.0,
        **more: Any,
    ) -> None:
        """Take one that starts an orchestrator, sends events once it runs, and waits for its end.

        `value` is the input, or a function that makes it of the scene.
        """

        def play(s: Scene) -> None:
            one = s.start(orchestrator, value(s) if callable(value) else value)
            if events:
                s.running(one)
            for event, data in events:
                s.event(one, event, data)
            s.end(one, limit)

        self.add(name, play, **more)
