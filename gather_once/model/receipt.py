"""Receipts: immutable proof that a key was answered."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

INLINE_AT_MOST: Final = 64 * 1024
"""Bytes; a payload up to this size is stored in its receipt."""


@dataclass(frozen=True, slots=True)
class Inline:
    """A payload that is stored in its receipt."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A payload in a blob of its own, written before the receipt that names it."""

    blob: str


Payload = Inline | Elsewhere


@dataclass(frozen=True, slots=True)
class ReceiptSummary:
    """The part of a receipt that an outcome contains."""

    key: str
    digest: str
    size: int
    media_type: str
    obtained_at: datetime
    etag: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that a key was answered, with the payload or the name of its blob.

    `digest` is the SHA-256 of the payload (64 hex), `size` its bytes, `by` the id of the gather
    that made the call, `attempts` the number of calls, `etag` the entity tag of the response, if it
    had one.
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
        """The part of this receipt that an outcome contains."""
        return ReceiptSummary(
            key=self.key,
            digest=self.digest,
            size=self.size,
            media_type=self.media_type,
            obtained_at=self.obtained_at,
            etag=self.etag,
        )

    def is_fresh(self, now: datetime, fresh_for: timedelta | None) -> bool:
        """Return whether a receipt is fresh at `now`; `fresh_for` None means always."""
        return fresh_for is None or now - self.obtained_at < fresh_for


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a payload as 64 hex digits."""
    return sha256(content).hexdigest()
