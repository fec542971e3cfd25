"""Blob sources: read with the app's own identity, from the containers that settings allow."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gather_once.http_client.call import Answer, Call
from gather_once.http_client.deadline import Deadline
from gather_once.model import clock
from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.media import view
from gather_once.model.settings import Settings
from gather_once.model.targets import check_container
from gather_once.sources.port import NotThereYet

_STEPS: Final = frozenset({".", ".."})
"""Names with dot segments: clients normalise paths, so `../x` would name a container."""

_LONGEST_NAME: Final = 1024
"""Characters, as Azure Storage has it."""


class BadPlace(ValueError):
    """The container or the name is not allowed or not valid; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """The container and name of a blob."""

    container: str
    name: str

    def __str__(self) -> str:
        return f"the blob {self.container}/{self.name}"


class BlobSource:
    """Reads blobs of the ledger's account.

    `monotonic` (seconds) is the clock of deadlines, `now` the clock that a Retry-After counts from.
    """

    kind: Final = "blob"

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._monotonic = monotonic
        self._now = now

    def fetch(self, call: Call) -> Answer:
        """Return the blob; raises SourceFailed, NotThereYet if it does not exist.

        An attempt is never in doubt, because reading has no side effects.
        """
        deadline = Deadline.after(call.timeout, self._monotonic)
        # Imported here: the Azure libraries are slow to import, and few processes read blobs.
        from gather_once.sources.blob_reading import FAILURES, Absent, fault_behind, read  # noqa: PLC0415  # same
        from gather_once.storage.accounts import open_account  # noqa: PLC0415  # see above

        try:
            place = read_place(call.request, call.settings)
            account = open_account(call.secrets.storage(call.settings.storage_connection))
        except (BadPlace, InvalidSetting) as error:
            raise SourceFailed(Fault(FaultKind.REFUSED, str(error))) from None
        try:
            blob = account.get_blob_client(place.container, place.name)
            answer = read(blob, call.settings.limits.payload_bytes, deadline)
            view(answer.content, answer.media_type)  # raises Unreadable
        except Absent:
            raise NotThereYet(Fault(FaultKind.REFUSED, f"{place} is not there")) from None
        except FAILURES as error:
            failed = SourceFailed(fault_behind(error, str(place), deadline, self._now()))
            # Not `from error`: its text has the account's address, and may have a key.
            failed.add_note(f"behind it: {type(error).__name__}")
            raise failed from None
        return answer


def read_place(fields: Mapping[str, Any], settings: Settings) -> Place:
    """Return the container and name of a `blob` ask; raises BadPlace."""
    container, name = fields.get("container"), fields.get("name")
    if not isinstance(container, str) or not isinstance(name, str):
        raise BadPlace("a blob is named by a container and a name, both text")
    try:
        check_container(container, settings)
    except ValueError as error:
        raise BadPlace(str(error)) from None
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise BadPlace(f"a blob's name is 1 to {_LONGEST_NAME} printable characters")
    if _STEPS & set(name.replace("\\", "/").split("/")):
        raise BadPlace("a blob's name has no . or .. between slashes")
    return Place(container, name)
