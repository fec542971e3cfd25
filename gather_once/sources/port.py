"""The port that every kind of source implements: one blocking call, an answer or a fault."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import SourceFailed
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


class NotThereYet(SourceFailed):
    """What is asked for is not there, though it may come: refused, unless somebody waits for it.

    Who waits looks again later, and counts no attempt.
    """


class Source(Protocol):
    """One kind of source."""

    @property
    def kind(self) -> str:
        """The plan's word for it: what stands in `from`."""
        ...

    def fetch(self, call: Call) -> Answer:
        """Ask once, blocking; raises SourceFailed, and nothing else, when there is no answer.

        Runs in a thread of the app's own pool. An answer that is returned can be read as its media
        type says.
        """
        ...
