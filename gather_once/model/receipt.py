"""Receipts: immutable proof that what a key asks for was obtained."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

INLINE_AT_MOST: Final = 64 * 1024
"""Bytes; a payload up to this size lies inside its receipt."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A payload that lies inside its receipt."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A payload in a blob of its own, written before the receipt that names it."""

    blob: str


Payload = Inline | Elsewhere


@dataclass(frozen=True, slots=True)
class ReceiptSummary:
    """What an outcome tells of its receipt."""

    key: str
    digest: str
    size: int
    media_type: str
    obtained_at: datetime
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a key was obtained, with the payload or where it lies.

    `digest` is the SHA-256 of the payload (64 hex), `size` its bytes, `by` the id of the gather
    that obtained it, `attempts` how many that took, `etag` the source's own name for this version
    of what it gave, where it has one.
    """

    key: str
    generation: int
    digest: str
    size: int
    media_type: str
    obtained_at: datetime
    by: str
    attempts: int
    payload: Payload
    etag: str | None = None

    def __post_init__(self) -> None:
        if self.obtained_at.tzinfo is None:
            raise ValueError("`obtained_at` must be aware: give it a time zone")
        if self.size < 0 or self.generation < 1 or self.attempts < 0:
            raise ValueError("size and attempts are not negative, generations count from 1")
        if isinstance(self.payload, Inline) and len(self.payload.content) != self.size:
            raise ValueError("the payload inside is not of the size that the receipt says")

    @property
    def summary(self) -> ReceiptSummary:
        """What an outcome tells of this receipt."""
        return ReceiptSummary(
            key=self.key,
            digest=self.digest,
            size=self.size,
            media_type=self.media_type,
            obtained_at=self.obtained_at,
            etag=self.etag,
        )

    def is_fresh(self, now: datetime, fresh_for: timedelta | None) -> bool:
        """Say whether it answers for its key at `now`; None is for ever."""
        return fresh_for is None or now - self.obtained_at < fresh_for


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a payload as 64 hex digits."""
    return sha256(content).hexdigest()
