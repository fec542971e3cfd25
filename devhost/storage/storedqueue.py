"""A queue of a storage account, through Azure's client library."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from devhost.storage.queue import LeaseLost, Message, QueueAbsent, StorageTrouble

_ABSENT = frozenset({"QueueNotFound", "QueueBeingDeleted", "QueueDisabled"})
_LOST = frozenset({"MessageNotFound", "PopReceiptMismatch", "QueueNotFound"})


class StoredQueue:
    """One queue, made on the first `send` if need be."""

    def __init__(self, service: QueueServiceClient, name: str) -> None:
        self.name = name
        self._client: QueueClient = service.get_queue_client(name)
        self.url = str(self._client.url).partition("?")[0]

    async def receive(self, count: int, hidden: timedelta) -> list[Message]:
        """Take at most `count` messages in one request.

        Raises:
            QueueAbsent: there is no such queue now.
            StorageTrouble: anything else; who polls tries again, so this does not.
        """
        pages = self._client.receive_messages(
            messages_per_page=count, visibility_timeout=_seconds(hidden), retry_total=0
        ).by_page()
        with _translated():
            async for page in pages:
                return [_message(one) async for one in page]
        return []

    async def hide(self, message: Message, hidden: timedelta) -> Message:
        """Hide it anew, from now on.

        Raises:
            LeaseLost: the message is gone, or its receipt is not the newest.
        """
        with _translated():
            told = await self._client.update_message(
                message.id, message.receipt, message.text, visibility_timeout=_seconds(hidden)
            )
        return Message(**{**vars(message), "receipt": told.pop_receipt})

    async def delete(self, message: Message) -> None:
        """Delete it, unless it is gone or somebody else's."""
        try:
            with _translated():
                await self._client.delete_message(message.id, message.receipt)
        except LeaseLost:
            return

    async def send(self, text: str) -> None:
        """Add a message; where there is no queue, make it first."""
        try:
            with _translated():
                await self._client.send_message(text)
        except (QueueAbsent, LeaseLost):
            await self._make()
            with _translated():
                await self._client.send_message(text)

    async def _make(self) -> None:
        try:
            with _translated():
                await self._client.create_queue()
        except QueueAbsent as error:  # being deleted
            raise StorageTrouble(str(error)) from error


@contextmanager
def _translated() -> Iterator[None]:
    """Say in the port's words what the library raises."""
    try:
        yield
    except HttpResponseError as error:
        code: Any = getattr(error, "error_code", None)
        text = f"{error.status_code} {code or ''} {error.reason or ''}".strip()
        raise _meaning(str(code), error)(text) from error
    except AzureError as error:
        raise StorageTrouble(str(error)) from error


def _meaning(code: str, error: HttpResponseError) -> type[Exception]:
    if code in _ABSENT:
        return QueueAbsent
    if code in _LOST:
        return LeaseLost
    return QueueAbsent if isinstance(error, ResourceNotFoundError) else StorageTrouble


def _seconds(span: timedelta) -> int:
    return max(0, round(span.total_seconds()))


def _message(received: QueueMessage) -> Message:
    assert received.inserted_on and received.expires_on and received.next_visible_on
    return Message(
        id=received.id,
        receipt=str(received.pop_receipt),
        text=str(received.content),
        dequeue_count=received.dequeue_count or 0,
        inserted_at=received.inserted_on,
        expires_at=received.expires_on,
        visible_at=received.next_visible_on,
    )
