"""Reads one blob up to the size limit, and maps errors of storage to faults."""

from dataclasses import replace
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobClient, BlobProperties

from gather_once.http_client.call import Answer
from gather_once.http_client.deadline import Deadline
from gather_once.http_client.statuses import fault_of, retry_after
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.media import BYTES, Unreadable, media_type_of

FAILURES: Final = (AzureError, Unreadable, OSError)
"""The errors of reading a blob, without Absent."""

_BY_SUFFIX: Final = {
    ".json": "application/json",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".md": "text/markdown",
    ".xml": "application/xml",
    ".yaml": "text/yaml",
    ".yml": "text/yaml",
}
"""Media types by file name, for blobs without a content type of their own."""


class Absent(Exception):
    """The blob or its container does not exist."""


def read(blob: BlobClient, limit: int, deadline: Deadline) -> Answer:
    """Return the current version of the blob, with its ETag; two requests.

    Raises Absent, or one of FAILURES. The first request reads the size, so that a blob that is too
    large is not downloaded.
    """
    try:
        found = blob.get_blob_properties(**_until(deadline))
        _check(found, limit)
        return Answer(_content(blob, found.etag, deadline), _media_type(found), found.etag)
    except ResourceNotFoundError as error:
        raise Absent from error


def fault_behind(error: Exception, subject: str, deadline: Deadline, now: datetime) -> Fault:
    """Return the fault for an error; `subject` begins the message, which quotes no library."""
    match error:
        case Unreadable():
            return Fault(FaultKind.BROKEN, f"{subject} cannot be used: {error}")
        case _ if deadline.is_over:
            return Fault(
                FaultKind.PASSING, f"{subject}: no complete response within the time limit"
            )
        case ResourceModifiedError():
            return Fault(FaultKind.PASSING, f"{subject} was changed while it was read")
        case HttpResponseError(status_code=int() as status):
            headers = getattr(error.response, "headers", {})
            until = retry_after(headers.get("retry-after"), now)
            fault = fault_of(status, f"{subject}: storage", until=until)
            return replace(fault, may_have_acted=False)  # reading has no side effects
        case ClientAuthenticationError():
            return Fault(FaultKind.PASSING, f"{subject}: the app's identity cannot get a token now")
    return Fault(FaultKind.PASSING, f"{subject}: storage does not answer")


def _check(found: BlobProperties, limit: int) -> None:
    if found.size > limit:
        raise Unreadable(f"it has {found.size} bytes, which is longer than {limit} bytes")
    if found.content_settings.content_encoding not in {None, "", "identity"}:
        raise Unreadable("blobs with a Content-Encoding are not supported")


def _content(blob: BlobClient, etag: str, deadline: Deadline) -> bytes:
    content = bytearray()
    same: dict[str, Any] = {"etag": etag, "match_condition": MatchConditions.IfNotModified}
    for piece in blob.download_blob(**same, **_until(deadline)).chunks():
        deadline.remaining()  # raises TimeoutError
        content += piece
    return bytes(content)


def _until(deadline: Deadline) -> dict[str, Any]:
    left = deadline.remaining()
    return {"connection_timeout": left, "read_timeout": left}


def _media_type(found: BlobProperties) -> str:
    stated = media_type_of(found.content_settings.content_type)
    if stated != BYTES:
        return stated
    return _BY_SUFFIX.get(PurePosixPath(found.name).suffix.lower(), BYTES)
