"""The function that the guide to computations shows, as it stands there."""

import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from gather_once.model.fault import FaultKind
from gather_once.sources.computation import Registry
from support.computing import Computing

GUIDE = Path(__file__).parents[3] / "docs" / "computations.md"


@pytest.fixture
def computing(monkeypatch: pytest.MonkeyPatch) -> Computing:
    functions = Registry()
    monkeypatch.setattr("gather_once.sources.computation.REGISTRY", functions)
    found = re.search(r"count_primes\.py`:\n\n```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert found, "the guide shows no function"
    exec(compile(found[1], str(GUIDE), "exec"), ModuleType("count_primes").__dict__)  # noqa: S102  # the guide is ours
    return Computing(functions)


@pytest.mark.parametrize(
    ("below", "primes"), [(2, 0), (3, 1), (1_000, 168), (1_009, 168), (1_010, 169), (10_000, 1_229)]
)
def test_it_counts_the_primes(computing: Computing, below: int, primes: int) -> None:
    assert json.loads(computing.answer("count_primes", {"below": below})) == {"primes": primes}


@pytest.mark.parametrize("shards", [2, 3, 40])
def test_its_shards_change_nothing(computing: Computing, shards: int) -> None:
    given = {"below": 12_345}
    parts = [
        computing.answer("count_primes", given, shard={"number": number, "of": shards})
        for number in range(shards)
    ]
    assert computing.answer("count_primes", given, parts=parts) == computing.answer(
        "count_primes", given
    )


def test_it_refuses_what_it_cannot_count_to(computing: Computing) -> None:
    assert computing.fault("count_primes", {"below": 1}).kind is FaultKind.REFUSED
