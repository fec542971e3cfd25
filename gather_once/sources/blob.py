"""Blob sources: read by the app's own identity, from the containers that an operator lists."""

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
"""Names that lead elsewhere: a path is tidied up on its way, so `../x` would be a container."""

_LONGEST_NAME: Final = 1024
"""Characters, as Azure Storage has it."""


class BadPlace(ValueError):
    """No blob can be read by this container and name; the message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a blob lies."""

    container: str
    name: str

    def __str__(self) -> str:
        return f"the blob {self.container}/{self.name}"


class BlobSource:
    """Reads blobs of the ledger's account.

    `monotonic` (seconds) is what deadlines go by, `now` what a Retry-After counts from.
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
        """Return the blob; raises SourceFailed, NotThereYet where there is none.

        Nothing is ever left in doubt: reading changes nothing.
        """
        deadline = Deadline.after(call.timeout, self._monotonic)
        # Imported here: the Azure libraries take their time, and only who needs them should wait.
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
    """Return the place that a `blob` ask's fields name; raises BadPlace."""
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
