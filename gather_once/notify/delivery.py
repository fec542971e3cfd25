"""Sends notices to the target of a plan: a queue, a webhook or a blob.

Delivery is at least once. A notice is small and has a key, by which the receiver recognises
duplicates.
"""

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, assert_never

from gather_once.http_client.call import Call
from gather_once.http_client.client import HttpClient
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.notify.notices import Word
from gather_once.plans.notify_target import Delivery, ToBlob, ToQueue, ToWebhook
from gather_once.storage import containers, queues
from gather_once.storage.clients import in_pool

SIGNATURE: Final = "x-gather-once-signature"
TIMESTAMP: Final = "x-gather-once-timestamp"
_TIMEOUT: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Courier:
    """Sends notices, blocking; blobs are written to the ledger's account."""

    environ: Mapping[str, str]
    settings: Settings
    now: Callable[[], datetime]

    def deliver(self, word: Word, to: Delivery) -> None:
        """Send a completion notice once; raises SourceFailed."""
        self.hand_over(json.dumps(word.as_json(), ensure_ascii=False), word.key, to)

    def hand_over(self, text: str, key: str, to: Delivery) -> None:
        """Send a text once; the receiver recognises duplicates by `key`. Raises SourceFailed."""
        match to:
            case ToQueue(name):
                queues.send(self.environ, name, text)
            case ToWebhook(url):
                self._post(url, text, key)
            case ToBlob(container, name):
                content = text.encode()
                containers.write(self.environ, self.settings, container, name, content)
            case _:
                assert_never(to)

    def _post(self, url: str, text: str, key: str) -> None:
        """POST it signed, with the same checks of addresses as calls to sources.

        Redirects are not followed: a sign-in page would count as a successful receiver.
        """
        if not self.settings.webhook_signing_keys:
            fault = Fault(FaultKind.REFUSED, "GATHER_WEBHOOK_SIGNING_KEYS is not set")
            raise SourceFailed(fault)
        signing_key = self.settings.webhook_signing_keys[0]
        timestamp = str(int(self.now().timestamp()))
        headers = {
            "content-type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: signature(signing_key, timestamp, text),
        }
        request = {"url": url, "method": "POST", "query": {}, "headers": headers, "body": text}
        call = Call(request, _TIMEOUT, key, Secrets(self.environ), self.settings)
        try:
            HttpClient(now=self.now, longest_way=0).fetch(call)
        except SourceFailed as failed:
            if (
                failed.fault.kind is not FaultKind.BROKEN
            ):  # it was received; the body of the response is not needed
                raise


def in_threads(courier: Courier) -> Callable[[Word, Delivery], Awaitable[None]]:
    """Return the courier's `deliver`, run in the app's thread pool; it raises SourceFailed."""

    async def send(word: Word, to: Delivery) -> None:
        await in_pool(courier.deliver, word, to)

    return send


def signature(key: str, timestamp: str, body: str) -> str:
    """Return `sha256=` and the HMAC-SHA-256 of `timestamp.body` in hex.

    The timestamp (Unix seconds) is signed too, so that a receiver can reject replayed messages.
    """
    signed = f"{timestamp}.{body}".encode()
    return "sha256=" + hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()
