"""Faults: why an attempt failed, and whether another attempt may succeed."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

LONGEST_MESSAGE: Final = 500
"""Characters; the host doubles a failure's text at every level of child orchestrations."""


class FaultKind(StrEnum):
    """What a failure means for the next attempt."""

    PASSING = "passing"
    """A retry may succeed: no connection, a timeout, a server error."""
    THROTTLED = "throttled"
    """A retry may succeed, at the moment that the source named or later."""
    REFUSED = "refused"
    """The source rejected the request; a retry would be rejected too."""
    BROKEN = "broken"
    """The response cannot be read, or the app's own code failed."""

    @property
    def may_pass(self) -> bool:
        """Whether another attempt may succeed; a call that cannot succeed may still cost money."""
        return self in {FaultKind.PASSING, FaultKind.THROTTLED}


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one attempt failed.

    `message` is cut at 500 characters. `until` (aware) is the earliest moment of the next call, as
    the source demands; required for throttled. `may_have_acted` means that the source may have
    executed the request although no response was received.
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
    """An attempt failed: no response, or an unusable one; raised `from` the library's error."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(str(fault))

    def __reduce__(self) -> tuple[type["SourceFailed"], tuple[Fault]]:
        return SourceFailed, (self.fault,)
