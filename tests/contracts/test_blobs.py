"""One contract for the ledger's storage, kept by the twin in memory and by the real Azurite."""

import asyncio
from collections.abc import Awaitable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from devhost_support.azurite import SharedAzurite, shared_azurite
from gather_once.storage.blobs import Blobs, Conflict, Container
from gather_once.storage.clients import open_blobs
from support.memory_blobs import MemoryBlobs

T = TypeVar("T")
HERE = Container.GATHERS


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAzurite]:
    with shared_azurite(tmp_path_factory.mktemp("azurite")) as started:
        yield started


@pytest.fixture(params=["memory", "azurite"])
def blobs(request: pytest.FixtureRequest) -> Iterator[Blobs]:
    if request.param == "memory":
        yield MemoryBlobs()
        return
    account = request.getfixturevalue("shared").fresh_account()
    yield open_blobs({"AzureWebJobsStorage": account})


def run(work: Awaitable[T]) -> T:
    async def main() -> T:
        return await work

    return asyncio.run(main())


def test_what_was_created_is_read_back(blobs: Blobs) -> None:
    version = run(blobs.create(HERE, "a/b", b"one", metadata={"state": "go"}))

    found = run(blobs.read(HERE, "a/b"))

    assert found
    assert (found.content, found.version, dict(found.metadata)) == (
        b"one",
        version,
        {"state": "go"},
    )


def test_what_is_not_there_is_none_even_before_anybody_wrote(blobs: Blobs) -> None:
    assert run(blobs.read(HERE, "a")) is None
    assert run(blobs.look(HERE, "a")) is None
    run(blobs.create(HERE, "b", b""))
    assert run(blobs.read(HERE, "a")) is None
    assert run(blobs.look(HERE, "a")) is None


def test_only_the_first_creates(blobs: Blobs) -> None:
    run(blobs.create(HERE, "a", b"first"))

    with pytest.raises(Conflict):
        run(blobs.create(HERE, "a", b"second"))

    assert content(blobs, "a") == b"first"


def test_of_many_who_create_at_once_one_wins(blobs: Blobs) -> None:
    async def create(i: int) -> bool:
        try:
            await blobs.create(HERE, "a", b"%d" % i)
        except Conflict:
            return False
        return True

    async def all_at_once() -> list[bool]:
        return await asyncio.gather(*(create(i) for i in range(8)))

    assert run(all_at_once()).count(True) == 1


def test_a_version_is_replaced_once(blobs: Blobs) -> None:
    version = run(blobs.create(HERE, "a", b"old", metadata={"state": "go"}))
    newer = run(blobs.replace(HERE, "a", b"new", version=version))

    with pytest.raises(Conflict):
        run(blobs.replace(HERE, "a", b"late", version=version))

    found = run(blobs.read(HERE, "a"))
    assert found
    assert (found.content, found.version, dict(found.metadata)) == (b"new", newer, {})


def test_the_same_content_written_again_is_another_version(blobs: Blobs) -> None:
    version = run(blobs.create(HERE, "a", b"same"))

    assert run(blobs.replace(HERE, "a", b"same", version=version)) != version


def test_what_is_gone_cannot_be_replaced_or_marked(blobs: Blobs) -> None:
    version = run(blobs.create(HERE, "a", b"old"))
    run(blobs.delete(HERE, "a"))

    with pytest.raises(Conflict):
        run(blobs.replace(HERE, "a", b"new", version=version))
    with pytest.raises(Conflict):
        run(blobs.mark(HERE, "a", {"state": "go"}, version=version))


def test_nothing_is_replaced_where_nobody_ever_wrote(blobs: Blobs) -> None:
    with pytest.raises(Conflict):
        run(blobs.replace(HERE, "a", b"new", version='"0x8DC"'))


def test_a_mark_changes_metadata_and_version_and_leaves_the_content(blobs: Blobs) -> None:
    version = run(blobs.create(HERE, "a", b"plan", metadata={"state": "go", "run": "1"}))

    marked = run(blobs.mark(HERE, "a", {"state": "hold"}, version=version))

    seen = run(blobs.look(HERE, "a"))
    assert seen
    assert (dict(seen.metadata), seen.version, seen.size) == ({"state": "hold"}, marked, 4)
    assert content(blobs, "a") == b"plan"
    with pytest.raises(Conflict):
        run(blobs.mark(HERE, "a", {"state": "stop"}, version=version))


def test_metadata_carries_json(blobs: Blobs) -> None:
    text = '{"key": "value; with, all = sorts \\u00e9", "n": [1, 2]}'

    run(blobs.create(HERE, "a", b"", metadata={"receipt": text}))

    seen = run(blobs.look(HERE, "a"))
    assert seen
    assert seen.metadata["receipt"] == text


def test_a_blob_tells_when_it_was_written(blobs: Blobs) -> None:
    run(blobs.create(HERE, "a", b""))

    seen = run(blobs.look(HERE, "a"))

    assert seen
    assert abs(seen.modified - datetime.now(UTC)) < timedelta(minutes=1)  # noqa: TID251  # storage's time is real here


def test_an_empty_blob_is_there(blobs: Blobs) -> None:
    run(blobs.create(HERE, "a", b""))

    assert content(blobs, "a") == b""


@pytest.mark.parametrize("start", [0, 3, 10, 11])
def test_a_blob_is_read_from_where_the_reader_stopped(blobs: Blobs, start: int) -> None:
    version = run(blobs.create(HERE, "a", b"0123456789", metadata={"state": "go"}))

    found = run(blobs.read(HERE, "a", start=start))

    assert found
    assert found.content == b"0123456789"[start:]
    assert (found.version, dict(found.metadata)) == (version, {"state": "go"})


def test_a_log_grows_at_its_end(blobs: Blobs) -> None:
    run(blobs.create_log(HERE, "log"))

    assert run(blobs.append(HERE, "log", b"one ")) == 4
    assert run(blobs.append(HERE, "log", b"two ", position=4)) == 8
    assert content(blobs, "log") == b"one two "


def test_a_log_is_created_once_and_not_emptied_again(blobs: Blobs) -> None:
    run(blobs.create_log(HERE, "log"))
    run(blobs.append(HERE, "log", b"one"))

    with pytest.raises(Conflict):
        run(blobs.create_log(HERE, "log"))

    assert content(blobs, "log") == b"one"


def test_an_overtaken_writer_of_a_log_is_told(blobs: Blobs) -> None:
    run(blobs.create_log(HERE, "log"))
    run(blobs.append(HERE, "log", b"one", position=0))

    with pytest.raises(Conflict):
        run(blobs.append(HERE, "log", b"two", position=0))

    assert content(blobs, "log") == b"one"


def test_nothing_is_appended_to_a_log_that_is_not_there(blobs: Blobs) -> None:
    with pytest.raises(Conflict):
        run(blobs.append(HERE, "log", b"one"))
    run(blobs.create(HERE, "other", b""))
    with pytest.raises(Conflict):
        run(blobs.append(HERE, "log", b"one", position=0))


def test_nothing_is_appended_to_what_is_no_log(blobs: Blobs) -> None:
    run(blobs.create(HERE, "a", b"one"))

    with pytest.raises(Conflict):
        run(blobs.append(HERE, "a", b"two"))


def test_every_append_makes_another_version(blobs: Blobs) -> None:
    run(blobs.create_log(HERE, "log"))
    before = run(blobs.look(HERE, "log"))
    run(blobs.append(HERE, "log", b"one"))
    after = run(blobs.look(HERE, "log"))

    assert before
    assert after
    assert before.version != after.version


def test_a_listing_has_what_lies_under_the_prefix_by_name(blobs: Blobs) -> None:
    for name in ("b/2", "b/10", "b/1", "ba", "a/1"):
        run(blobs.create(HERE, name, b"xyz", metadata={"status": "kept"}))

    page, token = run(blobs.list(HERE, "b/"))

    assert [listed.name for listed in page] == ["b/1", "b/10", "b/2"]
    assert token is None
    assert all((dict(e.metadata), e.size) == ({"status": "kept"}, 3) for e in page)


def test_a_listing_knows_the_version(blobs: Blobs) -> None:
    version = run(blobs.create(HERE, "a", b""))

    ((listed,), _) = run(blobs.list(HERE, ""))

    assert listed.version == version


def test_a_listing_comes_in_pages(blobs: Blobs) -> None:
    names = [f"a/{i:02}" for i in range(7)]
    for name in names:
        run(blobs.create(HERE, name, b""))

    pages = list(pages_of(blobs, "a/", top=3))

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [name for page in pages for name in page] == names


def test_a_listing_of_nothing_is_empty(blobs: Blobs) -> None:
    assert run(blobs.list(HERE, "a/")) == ((), None)
    run(blobs.create(HERE, "b", b""))
    assert run(blobs.list(HERE, "a/")) == ((), None)


def test_containers_do_not_see_each_other(blobs: Blobs) -> None:
    run(blobs.create(HERE, "a", b"here"))
    run(blobs.create(Container.SHARED, "a", b"there"))

    run(blobs.delete(Container.SHARED, "a"))

    assert content(blobs, "a") == b"here"
    assert run(blobs.list(Container.SHARED, "")) == ((), None)


def test_what_is_gone_already_may_be_deleted(blobs: Blobs) -> None:
    run(blobs.delete(HERE, "a"))
    run(blobs.create(HERE, "a", b""))
    run(blobs.delete(HERE, "a"))
    run(blobs.delete(HERE, "a"))

    assert run(blobs.read(HERE, "a")) is None


def test_only_the_version_named_is_deleted(blobs: Blobs) -> None:
    first = run(blobs.create(HERE, "a", b"1"))
    second = run(blobs.replace(HERE, "a", b"2", version=first))
    with pytest.raises(Conflict):
        run(blobs.delete(HERE, "a", version=first))
    assert run(blobs.look(HERE, "a")) is not None

    run(blobs.delete(HERE, "a", version=second))
    with pytest.raises(Conflict):
        run(blobs.delete(HERE, "a", version=second))
    assert run(blobs.look(HERE, "a")) is None


def test_what_was_deleted_may_be_created_anew_under_another_version(blobs: Blobs) -> None:
    first = run(blobs.create(HERE, "a", b""))
    run(blobs.delete(HERE, "a"))

    assert run(blobs.create(HERE, "a", b"")) != first


def test_a_payload_of_ten_mebibytes_comes_back_whole(blobs: Blobs) -> None:
    content_of_it = bytes(range(256)) * 40 * 1024

    run(blobs.create(HERE, "a", content_of_it))

    assert content(blobs, "a") == content_of_it


def content(blobs: Blobs, name: str) -> bytes:
    found = run(blobs.read(HERE, name))
    assert found
    return found.content


def pages_of(blobs: Blobs, prefix: str, top: int) -> Iterator[list[str]]:
    page, token = run(blobs.list(HERE, prefix, top=top))
    yield [listed.name for listed in page]
    while token:
        page, token = run(blobs.list(HERE, prefix, after=token, top=top))
        yield [listed.name for listed in page]
