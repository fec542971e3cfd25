"""A queue of a storage account, through Azure's client library."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient, QueueServiceClient

from devhost.storage.queue import LeaseLost, Message, QueueAbsent, StorageTrouble

_ABSENT = frozenset({"QueueNotFound", "QueueBeingDeleted", "QueueDisabled"})
_LOST = frozenset({"MessageNotFound", "PopReceiptMismatch"})


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
        try:
            with _translated():
                told = await self._client.update_message(
                    message.id, message.receipt, message.text, visibility_timeout=_seconds(hidden)
                )
        except QueueAbsent as error:
            raise LeaseLost(str(error)) from error
        return replace(message, receipt=str(told.pop_receipt))

    async def delete(self, message: Message) -> None:
        """Delete it, unless it is gone or somebody else's."""
        with suppress(LeaseLost, QueueAbsent), _translated():
            await self._client.delete_message(message.id, message.receipt)

    async def send(self, text: str) -> None:
        """Add a message; where there is no queue, make it first."""
        try:
            with _translated():
                await self._client.send_message(text)
        except QueueAbsent:
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
        code = getattr(error, "error_code", None)  # an enum's member, if the library knows it
        code = str(getattr(code, "value", code) or "")
        text = f"{error.status_code} {code} {error.reason or ''}".strip()
        raise _meaning(code, error)(text) from error
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
    return Message(
        id=received.id,
        receipt=str(received.pop_receipt),
        text=str(received.content),
        dequeue_count=received.dequeue_count or 0,
        inserted_at=_told(received.inserted_on),
        expires_at=_told(received.expires_on),
        visible_at=_told(received.next_visible_on),
    )


def _told(moment: datetime | None) -> datetime:
    if moment is None:
        raise StorageTrouble("the service left a time out of a message it handed over")
    return moment
