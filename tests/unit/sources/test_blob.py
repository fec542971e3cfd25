"""Blobs of the real Azurite: what they answer, which are never read, how reading fails."""

import base64
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.storage.blob import BlobServiceClient, ContentSettings

from devhost_support.azurite import SharedAzurite
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.media import view
from gather_once.model.settings import Settings
from gather_once.sources import blob_reading
from gather_once.sources.blob import BlobSource
from gather_once.sources.port import NotThereYet
from gather_once.storage import accounts
from support.sources import Town, hang, reply, status

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PASSES = (FaultKind.PASSING, False)
REFUSED = (FaultKind.REFUSED, False)
BROKEN = (FaultKind.BROKEN, False)


class Store:
    """An account with one container that plans may read, `inputs`, and one that they may not."""

    def __init__(self, connection: str) -> None:
        self.service = BlobServiceClient.from_connection_string(connection)
        self.environ = {"GATHER_STORAGE_CONNECTION": "LEDGER", "LEDGER": connection}
        for container in ("inputs", "private"):
            self.service.create_container(container)

    def put(self, name: str, content: bytes, container: str = "inputs", **said: Any) -> str:
        """Store a blob; `said` are its content settings. Returns its ETag."""
        blob = self.service.get_blob_client(container, name)
        settings = ContentSettings(**said) if said else None
        return str(blob.upload_blob(content, overwrite=True, content_settings=settings)["etag"])


@pytest.fixture
def store(azurite: SharedAzurite) -> Iterator[Store]:
    made = Store(azurite.fresh_account())
    with made.service:
        yield made
    accounts.open_account.cache_clear()


def call(
    environ: dict[str, str], name: Any, container: Any = "inputs", seconds: float = 20
) -> Call:
    return Call(
        request={"container": container, "name": name},
        timeout=timedelta(seconds=seconds),
        idempotency_key="asking-1",
        secrets=Secrets(environ),
        settings=Settings.of(environ),
    )


def read(store: Store, name: str) -> Answer:
    return BlobSource().fetch(call(store.environ, name))


def failed(environ: dict[str, str], name: Any, container: Any = "inputs", **own: Any) -> Any:
    with pytest.raises(SourceFailed) as failure:
        BlobSource().fetch(call(environ, name, container, **own))
    return failure.value


def told(fault: Fault) -> tuple[FaultKind, bool]:
    return fault.kind, fault.may_have_acted


@pytest.mark.parametrize(
    ("name", "said", "content", "seen"),
    [
        ("a", {"content_type": "application/json"}, b'{"a": 1}', {"a": 1}),
        ("a.csv", {"content_type": "application/json"}, b"[1]", [1]),
        ("deep/er/limits.JSON", {}, b'{"a": 1}', {"a": 1}),
        ("limits.csv", {}, b"a,b\n1,2\n", [{"a": "1", "b": "2"}]),
        ("note.txt", {}, "Zürich".encode(), "Zürich"),
        ("note.md", {"content_type": "text/plain; charset=latin-1"}, b"Z\xfcrich", "Zürich"),
        ("a b+c%2e%2e/ü#?.txt", {}, b"x", "x"),
        ("empty.txt", {}, b"", ""),
        (
            "picture.png",
            {},
            b"\x89PNG",
            {"media_type": "application/octet-stream", "size": 4, "url": ""},
        ),
    ],
)
def test_a_blob_is_read_as_its_type_or_its_name_says(
    store: Store, name: str, said: dict[str, str], content: bytes, seen: Any
) -> None:
    etag = store.put(name, content, **said)

    answer = read(store, name)

    assert answer.content == content
    assert answer.etag == etag
    assert view(answer.content, answer.media_type) == seen


def test_a_large_blob_is_read_in_pieces(store: Store) -> None:
    content = bytes(range(256)) * 2**15 + b"end"
    store.put("large", content)

    assert read(store, "large").content == content


@pytest.mark.parametrize(("name", "content"), [("x.json", b"{"), ("x.csv", b"a,a\n1,2\n")])
def test_a_blob_that_is_not_what_it_says_is_broken(store: Store, name: str, content: bytes) -> None:
    store.put(name, content)

    assert told(failed(store.environ, name).fault) == BROKEN


def test_a_blob_that_is_stored_packed_is_broken(store: Store) -> None:
    store.put("x.bin", b"\x1f\x8b", content_encoding="gzip")

    assert told(failed(store.environ, "x.bin").fault) == BROKEN


def test_a_blob_that_is_too_large_is_not_fetched(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("large", b"eleven text")
    monkeypatch.setattr("gather_once.sources.blob_reading._content", None)

    fault = failed(store.environ | {"GATHER_MAX_PAYLOAD_BYTES": "10"}, "large").fault

    assert told(fault) == BROKEN
    assert "10 bytes" in fault.message


def test_a_blob_of_just_the_limit_is_read(store: Store) -> None:
    store.put("just", b"ten bytes.")
    environ = store.environ | {"GATHER_MAX_PAYLOAD_BYTES": "10"}

    assert BlobSource().fetch(call(environ, "just")).content == b"ten bytes."


def test_a_blob_that_is_not_there_may_be_waited_for(store: Store) -> None:
    failure = failed(store.environ, "none")

    assert isinstance(failure, NotThereYet)
    assert told(failure.fault) == REFUSED
    assert failure.fault.message == "the blob inputs/none is not there"


def test_a_container_that_is_not_there_may_be_waited_for(store: Store) -> None:
    assert isinstance(failed(store.environ, "x", "delivered"), NotThereYet)


def test_a_blob_that_is_replaced_while_it_is_read_is_read_again_later(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put("x", b"old")
    whole = blob_reading._content

    def slow(*args: Any) -> bytes:
        store.put("x", b"new")
        return whole(*args)

    monkeypatch.setattr(blob_reading, "_content", slow)

    assert told(failed(store.environ, "x").fault) == PASSES


@pytest.mark.parametrize(
    "container",
    [
        *("private", "gather-once-gathers", "azure-webjobs-hosts", "gatheronce-leases"),
        *("x-leases", "x-largemessages", "$logs", "$web", "$root", "", "inputs/..", None, 5),
    ],
)
def test_only_listed_containers_are_read_and_never_the_hosts_or_the_apps(
    store: Store, container: Any
) -> None:
    listed = "inputs,gather-once-gathers,azure-webjobs-hosts,gatheronce-leases,x-leases"
    environ = store.environ | {"GATHER_ALLOWED_CONTAINERS": f"{listed},x-largemessages"}

    failure = failed(environ, "x", container)

    assert told(failure.fault) == REFUSED
    assert not isinstance(failure, NotThereYet)


@pytest.mark.parametrize(
    "name",
    [
        *("../private/x", "a/../../private/x", "..\\private\\x", "..", "./x", "a/."),
        *("", "x\n", "x\0", "\ud800", "x" * 1025, None, 5),
    ],
)
def test_a_name_leads_to_no_other_container(store: Store, name: Any) -> None:
    store.put("x", b"not for plans", container="private")

    failure = failed(store.environ, name)

    assert told(failure.fault) == REFUSED
    assert not isinstance(failure, NotThereYet)


def keyed(endpoint: str, key: str = "a2V5LWNBbkFyWQ==") -> dict[str, str]:
    text = f"AccountName=one;AccountKey={key};BlobEndpoint={endpoint};DefaultEndpointsProtocol=http"
    return {"GATHER_STORAGE_CONNECTION": "LEDGER", "LEDGER": text}


@pytest.mark.parametrize(
    ("answered", "kind"),
    [
        *((500, FaultKind.PASSING), (503, FaultKind.PASSING), (429, FaultKind.PASSING)),
        *((408, FaultKind.PASSING), (403, FaultKind.REFUSED), (400, FaultKind.REFUSED)),
        *((401, FaultKind.REFUSED), (409, FaultKind.REFUSED)),
    ],
)
def test_storage_in_trouble_passes_and_storage_that_refuses_does_not(
    town: Town, answered: int, kind: FaultKind
) -> None:
    fault = failed(keyed(town.source("one").gives(answered).url), "x").fault

    assert (fault.kind, fault.may_have_acted) == (kind, False)
    assert town.source("one").attempts == 1


def test_storage_that_says_when_to_come_again_is_throttled(town: Town) -> None:
    environ = keyed(town.source("one").gives(status(503, retry_after="90")).url)
    source = BlobSource(now=lambda: NOON)

    with pytest.raises(SourceFailed) as failed:
        source.fetch(call(environ, "x"))

    fault = failed.value.fault
    assert (fault.kind, fault.until) == (FaultKind.THROTTLED, NOON + timedelta(seconds=90))


def test_storage_that_is_silent_ends_with_the_time_limit(town: Town) -> None:
    begun = time.monotonic()

    fault = failed(keyed(town.source("one").gives(hang()).url), "x", seconds=0.1).fault

    assert told(fault) == PASSES
    assert "within the time limit" in fault.message
    assert time.monotonic() - begun < 15, "it waited for as long as the library does by itself"


def test_storage_that_nobody_reaches_is_passing_trouble_and_its_address_is_not_told() -> None:
    failure = failed(keyed("http://127.0.0.1:1/one"), "x")

    assert told(failure.fault) == PASSES
    assert "127.0.0.1" not in "".join(traceback.format_exception(failure))


def test_a_connection_that_is_none_is_told_without_its_text() -> None:
    failure = failed({"AzureWebJobsStorage": "noise cAnArY"}, "x")

    assert told(failure.fault) == REFUSED
    assert failure.fault.message.startswith("AzureWebJobsStorage: ")
    assert "cAnArY" not in "".join(traceback.format_exception(failure))


def test_a_key_that_is_none_is_told_without_it() -> None:
    failure = failed(keyed("http://127.0.0.1:1/one", "cAnArY"), "x")

    assert told(failure.fault) == PASSES
    assert "cAnArY" not in "".join(traceback.format_exception(failure))


def test_no_connection_at_all_is_refused() -> None:
    assert told(failed({}, "x").fault) == REFUSED


def test_a_key_shows_in_no_fault_and_no_traceback(town: Town) -> None:
    key = base64.b64encode(b"cAnArY").decode()
    for step in (403, 500, reply(b"<noise>", "application/xml", status=400)):
        environ = keyed(town.source("one").gives(step).url, key)

        shown = "".join(traceback.format_exception(failed(environ, "x")))

        assert key not in shown
        assert town.base not in shown
