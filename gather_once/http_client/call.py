"""One call to a source: what it asks, and the bytes that came back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gather_once.http_client.secrets import Secrets
from gather_once.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Call:
    """What one attempt asks of a source.

    `request` holds the ask's fields by kind, `${...}` resolved, secrets still `{"secret": NAME}`.
    `timeout` is the time limit of the whole attempt. `idempotency_key` names the asking and is the
    same over its retries.
    """

    request: Mapping[str, Any]
    timeout: timedelta
    idempotency_key: str
    secrets: Secrets
    settings: Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """What a source gave: its bytes, and the media type that says how to read them.

    `etag` is the source's own name for this version of them, where it has one.
    """

    content: bytes
    media_type: str
    etag: str | None = None
