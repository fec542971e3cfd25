"""Queues and blobs for real: what is sent arrives as the Functions host reads it, and is found."""

import base64
import json
from datetime import timedelta

from devhost_support.azurite import SharedAzurite
from devhost_support.rawqueue import RawQueue
from gather_once.model.settings import Settings
from gather_once.notify.delivery import Courier
from gather_once.notify.notices import Word
from gather_once.plans.notify_target import ToBlob, ToQueue
from gather_once.storage import containers, queues
from support.gathers import NOON

WORD = Word("g:1", "g", 1, "completed", {}, "/api/gathers/g/dossier")


def test_a_word_comes_to_a_queue_that_was_not_there_in_base64(azurite: SharedAzurite) -> None:
    account = azurite.fresh_account()
    environ = {"AzureWebJobsStorage": account}
    Courier(environ, Settings(), lambda: NOON).deliver(WORD, ToQueue("completions"))

    (message,) = RawQueue(account, "completions").receive()
    assert json.loads(base64.b64decode(message.text)) == WORD.as_json()


def test_a_message_can_be_sent_to_be_seen_later(azurite: SharedAzurite) -> None:
    account = azurite.fresh_account()
    queues.send({"AzureWebJobsStorage": account}, "work", "x", hidden_for=timedelta(minutes=5))

    assert RawQueue(account).receive() == []


def test_a_word_comes_to_a_blob_and_is_read_no_further_than_wanted(azurite: SharedAzurite) -> None:
    environ = {"AzureWebJobsStorage": azurite.fresh_account()}
    Courier(environ, Settings(), lambda: NOON).deliver(WORD, ToBlob("delivered", "a/end.json"))

    def read(name: str, most: int) -> bytes | None:
        return containers.read(environ, Settings(), "delivered", name, bytes_at_most=most)

    whole = read("a/end.json", 1000)
    assert whole is not None
    assert json.loads(whole) == WORD.as_json()
    assert read("a/end.json", 5) == whole[:5]
    assert read("a/none.json", 5) is None


def test_an_empty_blob_is_read_as_nothing(azurite: SharedAzurite) -> None:
    environ = {"AzureWebJobsStorage": azurite.fresh_account()}
    containers.write(environ, Settings(), "inputs", "plans/empty", b"")

    assert containers.read(environ, Settings(), "inputs", "plans/empty", bytes_at_most=5) == b""
