"""The real Azurite obeys the clock that the host moves, and says when messages come back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobClient, BlobServiceClient

from devhost_support.azurite import SharedAzurite, shared_azurite
from devhost_support.rawqueue import RawQueue

_ROUNDING = timedelta(seconds=1)  # Azurite tells the time in whole seconds
_MEANWHILE = timedelta(minutes=1)  # real time that may pass during a test on a slow machine


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAzurite]:
    with shared_azurite(tmp_path_factory.mktemp("azurite")) as started:
        yield started


@pytest.fixture
def queue(shared: SharedAzurite) -> RawQueue:
    return RawQueue(shared.fresh_account())


@pytest.fixture
def blob(shared: SharedAzurite) -> Iterator[BlobClient]:
    with BlobServiceClient.from_connection_string(shared.fresh_account()) as service:
        service.create_container("papers")
        with service.get_blob_client("papers", "paper") as client:
            client.upload_blob(b"signed")
            yield client


def test_what_is_written_later_bears_the_later_date(
    shared: SharedAzurite, blob: BlobClient
) -> None:
    later = shared.clock.now() + timedelta(days=40)

    shared.clock.move_to(later)
    blob.upload_blob(b"signed again", overwrite=True)

    written = blob.get_blob_properties().last_modified
    assert later - _ROUNDING <= written <= later + _MEANWHILE


def test_a_lease_ends_when_the_clock_passes_its_end(
    shared: SharedAzurite, blob: BlobClient
) -> None:
    blob.acquire_lease(lease_duration=60)
    with pytest.raises(HttpResponseError, match="LeaseAlreadyPresent"):
        blob.acquire_lease(lease_duration=60)

    shared.clock.move_to(shared.clock.now() + timedelta(seconds=61))

    assert blob.acquire_lease(lease_duration=60).id


def test_a_message_hidden_for_a_week_is_seen_at_the_noted_deadline(
    shared: SharedAzurite, queue: RawQueue
) -> None:
    queue.put("next week", hidden_seconds=7 * 86400 - 60)
    before = shared.clock.now()
    assert queue.receive() == []

    due = shared.clock.next_deadline(before)

    assert due is not None
    assert timedelta(days=6) < due - before < timedelta(days=7)
    shared.clock.move_to(due)
    assert [message.text for message in queue.receive()] == ["next week"]


def test_every_message_received_at_once_has_its_deadline(
    shared: SharedAzurite, queue: RawQueue
) -> None:
    shared.clock.begin_at(shared.clock.now())
    for text in ("one", "two", "three"):
        queue.put(text)
    received = queue.receive(hide_seconds=600)

    queue.delete(received[0])
    queue.delete(received[1])

    assert shared.clock.next_deadline(shared.clock.now()) is not None
    queue.delete(received[2])
    assert shared.clock.next_deadline(shared.clock.now()) is None


def test_each_return_of_a_message_is_counted(shared: SharedAzurite, queue: RawQueue) -> None:
    queue.put("again and again")
    counts = []
    for _ in range(3):
        (message,) = queue.receive(hide_seconds=600)
        counts.append(message.dequeue_count)
        shared.clock.move_to(shared.clock.now() + timedelta(seconds=601))

    assert counts == [1, 2, 3]


def test_a_message_hidden_anew_has_a_new_deadline(shared: SharedAzurite, queue: RawQueue) -> None:
    shared.clock.begin_at(shared.clock.now())
    queue.put("not yet")
    (message,) = queue.receive(hide_seconds=600)

    queue.hide(message, seconds=86400)

    due = shared.clock.next_deadline(shared.clock.now())
    assert due is not None
    assert due - shared.clock.now() > timedelta(hours=23)
