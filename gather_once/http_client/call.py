"""One call to a source: its request and the response."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gather_once.http_client.secrets import Secrets
from gather_once.model.settings import Settings


@dataclass(frozen=True, slots=True)
class Call:
    """The request of one attempt.

    `request` holds the ask's fields by kind, `${...}` resolved, secrets still `{"secret": NAME}`.
    `timeout` is the time limit of the whole attempt. `idempotency_key` is the same for all attempts
    of a generation.
    """

    request: Mapping[str, Any]
    timeout: timedelta
    idempotency_key: str
    secrets: Secrets
    settings: Settings


@dataclass(frozen=True, slots=True)
class Answer:
    """The response of a source: its bytes and their media type.

    `etag` is the entity tag of this version of them, if the source has one.
    """

    content: bytes
    media_type: str
    etag: str | None = None
