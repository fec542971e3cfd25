"""A storage queue as seen on the wire, for tests that need no client library in between."""

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import requests
from azure.storage.blob import (
    AccountSasPermissions,
    ResourceTypes,
    generate_account_sas,
)

_FOREVER = datetime(2999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Message:
    id: str
    receipt: str
    dequeue_count: int
    text: str


class RawQueue:
    """Makes the queue `name` and speaks to it, signed with an account SAS."""

    def __init__(self, connection_string: str, name: str = "work") -> None:
        parts = dict(part.split("=", 1) for part in connection_string.split(";"))
        self._sas = generate_account_sas(
            parts["AccountName"],
            parts["AccountKey"],
            ResourceTypes(service=True, container=True, object=True),
            AccountSasPermissions(
                read=True, write=True, delete=True, add=True, create=True, update=True, process=True
            ),
            _FOREVER,
            services="q",
        )
        self._url = f"{parts['QueueEndpoint']}/{name}"
        self._ask("PUT", "")

    def put(self, text: str, *, hidden_seconds: int = 0) -> None:
        self._ask("POST", "/messages", _body(text), visibilitytimeout=hidden_seconds)

    def receive(self, *, hide_seconds: int = 30) -> list[Message]:
        answer = self._ask("GET", "/messages", numofmessages=32, visibilitytimeout=hide_seconds)
        return [_message(element) for element in ET.fromstring(answer)]  # noqa: S314  our Azurite's

    def hide(self, message: Message, *, seconds: int) -> None:
        self._ask(
            "PUT",
            f"/messages/{message.id}",
            _body(message.text),
            popreceipt=message.receipt,
            visibilitytimeout=seconds,
        )

    def delete(self, message: Message) -> None:
        self._ask("DELETE", f"/messages/{message.id}", popreceipt=message.receipt)

    def _ask(self, method: str, path: str, body: str = "", **query: str | int) -> str:
        answer = requests.request(
            method, f"{self._url}{path}?{self._sas}", params=query, data=body, timeout=10
        )
        answer.raise_for_status()
        return answer.text


def _body(text: str) -> str:
    return f"<QueueMessage><MessageText>{text}</MessageText></QueueMessage>"


def _message(element: "ET.Element[str]") -> Message:
    def of(name: str) -> str:
        return element.findtext(name) or ""

    return Message(of("MessageId"), of("PopReceipt"), int(of("DequeueCount")), of("MessageText"))
