"""Where the parts of a computation have their receipts."""

from dataclasses import replace
from datetime import timedelta

from gather_once.executor.shards import part_of
from gather_once.ledger.keys import Asking

WHOLE = Asking(key="ab12", gather="g", run=1, attempts=1, may_repeat=True, shared=True)


def test_every_part_of_every_cut_has_a_name_of_its_own() -> None:
    names = [part_of(WHOLE, number, of).name for of in range(2, 20) for number in range(of)]
    assert len({*names, WHOLE.name}) == len(names) + 1


def test_no_part_lies_below_the_whole_which_may_be_forgotten_with_all_that_does() -> None:
    folder = WHOLE.name.removesuffix("receipt")
    assert not part_of(WHOLE, 0, 2).name.startswith(folder)


def test_a_part_has_a_copy_only_where_the_shared_one_may_be_refreshed() -> None:
    assert part_of(WHOLE, 0, 2).copy is None
    assert part_of(replace(WHOLE, fresh_for=timedelta(hours=1)), 0, 2).copy
