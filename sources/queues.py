"""Puts messages on storage queues, which all lie in the account of the Functions host."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from model.errors import InvalidSetting
from model.fault import Fault, FaultKind, SourceFailed

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient

CONNECTION: Final = "AzureWebJobsStorage"
LONGEST_MESSAGE: Final = 48 * 1024
"""Bytes of text in a message: a queue takes 64 KiB, and base64 makes four of three."""

_PARTS: Final = ("queueServiceUri", "accountName", "credential", "clientId")


def send(
    environ: Mapping[str, str], queue: str, text: str, *, hidden_for: timedelta = timedelta(0)
) -> None:
    """Put a message on a queue, base64 as the host reads them, never to expire; blocking.

    The queue is made where it is not there yet. Raises SourceFailed with a passing fault when
    storage does not answer, a refused one when it says no.
    """
    from azure.core.exceptions import (  # noqa: PLC0415  only who sends should wait for it
        ClientAuthenticationError,
        HttpResponseError,
        ResourceNotFoundError,
        ServiceRequestError,
        ServiceResponseError,
    )

    client = _client(queue, environ.get(CONNECTION, ""), _identity(environ))
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


def _identity(environ: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(environ.get(f"{CONNECTION}__{part}", "") for part in _PARTS)


@cache
def _client(queue: str, connection: str, identity: tuple[str, ...]) -> "QueueClient":
    from azure.storage.queue import (  # noqa: PLC0415  as above
        QueueClient,
        TextBase64EncodePolicy,
    )

    options: dict[str, Any] = {"message_encode_policy": TextBase64EncodePolicy(), "retry_total": 3}
    if connection:
        return QueueClient.from_connection_string(connection, queue, **options)
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415  needed by few

    uri, account, _, client = identity
    url = uri or (account and f"https://{account}.queue.core.windows.net")
    if not url:
        raise InvalidSetting(CONNECTION, "is not set, but queues lie in that account; set it")
    named = {"managed_identity_client_id": client} if client else {}
    return QueueClient(url, queue, credential=DefaultAzureCredential(**named), **options)
