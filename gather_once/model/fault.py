"""Faults: why an attempt failed, and so what may follow from it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LONGEST_MESSAGE: Final = 500
"""Characters; the host doubles a failure's text on every level it passes."""


class FaultKind(StrEnum):
    """What a failure means for the next attempt."""

    PASSING = "passing"
    """It may well work later: a connection, a time limit, a server in trouble."""
    THROTTLED = "throttled"
    """The source said when to come again."""
    REFUSED = "refused"
    """The source said no; asking the same again is useless."""
    BROKEN = "broken"
    """What came back cannot be read, or the app's own part failed."""

    @property
    def may_pass(self) -> bool:
        """Whether another attempt has a chance; a useless one may still cost money."""
        return self in {FaultKind.PASSING, FaultKind.THROTTLED}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one attempt failed.

    `message` is cut at 500 characters. `until` (aware) is the moment before which the source wants
    no call, always given for throttled. `may_have_acted` says that the source may have done
    what was asked although no answer came.
    """

    kind: FaultKind
    message: str
    until: datetime | None = None
    may_have_acted: bool = False

    def __post_init__(self) -> None:
        if len(self.message) > LONGEST_MESSAGE:
            object.__setattr__(self, "message", self.message[: LONGEST_MESSAGE - 1] + "…")
        if self.kind is FaultKind.THROTTLED and self.until is None:
            raise ValueError("a throttled fault says until when: give `until`")
        if self.until is not None and self.until.tzinfo is None:
            raise ValueError("`until` must be aware: give it a time zone")

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class SourceFailed(Exception):
    """A source could not be asked, or its answer not be used; raised `from` the library's error."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))

    def __reduce__(self) -> tuple[type["SourceFailed"], tuple[Fault]]:
        return SourceFailed, (self.fault,)
