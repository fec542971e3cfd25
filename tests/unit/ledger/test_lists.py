"""How a list is cut into lanes and portions, and how it is stored."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather_once.ledger import lists
from support.memory_blobs import MemoryBlobs

LENGTHS, PARALLEL = st.integers(0, 12_000), st.integers(1, 1_000)


@given(LENGTHS, PARALLEL)
def test_every_item_is_in_one_portion_of_one_lane(items: int, parallel: int) -> None:
    portions = list(lists.all_portions(items, parallel))

    assert sorted(item for portion in portions for item in portion.items) == list(range(items))
    assert all(1 <= len(portion.items) <= lists.ITEMS_OF_A_PORTION for portion in portions)
    assert len({(portion.lane, portion.number) for portion in portions}) == len(portions)


@given(PARALLEL)
def test_lanes_make_as_many_calls_at_once_as_the_plan_says(parallel: int) -> None:
    slots = [lists.slots_of(lane, parallel) for lane in range(lists.lanes_at_most(parallel))]

    assert sum(slots) == parallel
    assert all(1 <= each <= lists.CALLS_OF_A_LANE for each in slots)


@given(st.integers(1, 12_000), LENGTHS, PARALLEL, st.data())
def test_an_item_keeps_its_journal_however_long_the_list_becomes(
    items: int, more: int, parallel: int, data: st.DataObject
) -> None:
    item = data.draw(st.integers(0, items - 1))

    before = lists.portion_with(item, items, parallel)
    after = lists.portion_with(item, items + more, parallel)

    assert before.journal("g", "a") == after.journal("g", "a")


def test_the_first_list_of_a_run_stands() -> None:
    blobs = MemoryBlobs()

    async def twice() -> list[list[int]]:
        said = [await lists.store(blobs, "g", 1, "a", content) for content in (b"[1,2]", b"[3]")]
        assert await lists.length(blobs, "g", 1, "a") == 2
        assert await lists.length(blobs, "g", 2, "a") is None
        return said

    assert asyncio.run(twice()) == [[1, 2], [1, 2]]


@pytest.mark.parametrize(("items", "parallel", "lanes"), [(0, 25, 0), (1, 50, 1), (99, 50, 2)])
def test_no_lane_is_without_an_item(items: int, parallel: int, lanes: int) -> None:
    assert lists.lanes_of(items, parallel) == lanes
