"""Sends messages to storage queues, all in the account of the Functions host."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final, assert_never

from gather_once.model.connection import ByIdentity, ByString, Connection, storage_connection
from gather_once.model.fault import Fault, FaultKind, SourceFailed

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

CONNECTION: Final = "AzureWebJobsStorage"
LONGEST_MESSAGE: Final = 48 * 1024
"""Bytes of text in a message: a message has at most 64 KiB, and base64 makes 4 bytes of 3."""


def send(
    environ: Mapping[str, str], queue: str, text: str, *, hidden_for: timedelta = timedelta(0)
) -> None:
    """Send a message that never expires to a queue, base64 as the host reads it; blocking.

    A missing queue is created. Raises SourceFailed with a passing fault when storage is
    unavailable, with a refused one when it rejects the message.
    """
    from azure.core.exceptions import (  # noqa: PLC0415  only who sends should wait for it
        ClientAuthenticationError,
        HttpResponseError,
        ResourceNotFoundError,
        ServiceRequestError,
        ServiceResponseError,
    )

    client = _client(queue, storage_connection(environ, CONNECTION, "queue"))
    try:
        try:
            _put(client, text, hidden_for)
        except ResourceNotFoundError:
            _make(client)
            _put(client, text, hidden_for)
    except (ServiceRequestError, ServiceResponseError) as error:
        raise _failed(FaultKind.PASSING, queue, "storage does not answer") from error
    except ClientAuthenticationError as error:
        raise _failed(FaultKind.REFUSED, queue, "the app may not write to it") from error
    except HttpResponseError as error:
        raise _failed(FaultKind.PASSING, queue, f"storage answers {error.status_code}") from error


def _put(client: "QueueClient", text: str, hidden_for: timedelta) -> None:
    seconds = int(hidden_for.total_seconds())
    client.send_message(text, visibility_timeout=seconds, time_to_live=-1)


def _make(client: "QueueClient") -> None:
    from azure.core.exceptions import ResourceExistsError  # noqa: PLC0415  as above

    try:
        client.create_queue()
    except ResourceExistsError:
        return


def _failed(kind: FaultKind, queue: str, what: str) -> SourceFailed:
    return SourceFailed(Fault(kind, f"queue {queue}: {what}"))


@cache
def _client(queue: str, connection: Connection) -> "QueueClient":
    from azure.storage.queue import (  # noqa: PLC0415  as above
        QueueClient,
        TextBase64EncodePolicy,
    )

    options: dict[str, Any] = {"message_encode_policy": TextBase64EncodePolicy(), "retry_total": 3}
    match connection:
        case ByString(_, text):
            return QueueClient.from_connection_string(text, queue, **options)
        case ByIdentity(url, kind, given):
            import azure.identity  # noqa: PLC0415  needed by few, slow to import

            credential = getattr(azure.identity, kind)(**dict(given))
            return QueueClient(url, queue, credential=credential, **options)
        case _:
            assert_never(connection)
