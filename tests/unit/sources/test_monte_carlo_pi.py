"""Pi by chance: near it, with an honest error, and the same however the work is cut."""

import json
import math
from typing import Any

import numpy as np
import pytest

from gather_once.model.fault import FaultKind
from gather_once.sources.functions import REGISTRY
from gather_once.sources.functions.monte_carlo_pi import BLOCK
from support.computing import Computing


def pi_of(points: int, seed: int = 0, shards: int = 1) -> dict[str, Any]:
    computing, given = Computing(REGISTRY), {"points": points, "seed": seed}
    if shards == 1:
        content = computing.answer("monte_carlo_pi", given)
    else:
        parts = [
            computing.answer("monte_carlo_pi", given, shard={"number": number, "of": shards})
            for number in range(shards)
        ]
        content = computing.answer("monte_carlo_pi", given, parts=parts)
    found: dict[str, Any] = json.loads(content)
    return found


def test_pi_lies_within_four_standard_errors() -> None:
    """By chance alone it would lie outside once in 16,000 seeds."""
    estimate = pi_of(200_000)
    assert abs(estimate["pi"] - math.pi) < 4 * estimate["standard_error"]


def test_the_standard_error_is_that_of_a_binomial_share() -> None:
    points, quarter = 200_000, math.pi / 4
    closed_form = 4 * math.sqrt(quarter * (1 - quarter) / points)
    assert pi_of(points)["standard_error"] == pytest.approx(closed_form, rel=0.01)


def test_estimates_scatter_as_their_standard_error_says() -> None:
    estimates = [pi_of(10_000, seed) for seed in range(40)]
    scatter = np.std([one["pi"] for one in estimates], ddof=1)
    assert scatter == pytest.approx(estimates[0]["standard_error"], rel=0.4)


@pytest.mark.parametrize("shards", [2, 3, 7, 16])
@pytest.mark.parametrize("points", [1, BLOCK, 4 * BLOCK + 1])
def test_shards_change_nothing(points: int, shards: int) -> None:
    assert pi_of(points, shards=shards) == pi_of(points)


def test_every_point_is_thrown_once() -> None:
    assert pi_of(2 * BLOCK + 17)["points"] == 2 * BLOCK + 17
    assert 0 < pi_of(2 * BLOCK + 17)["hits"] - pi_of(2 * BLOCK)["hits"] <= 17
    assert {pi_of(1, seed)["hits"] for seed in range(20)} == {0, 1}


def test_another_seed_throws_other_points() -> None:
    assert len({pi_of(10_000, seed)["hits"] for seed in range(5)}) > 1


def test_these_points_fall_the_same_in_every_version_of_python() -> None:
    assert pi_of(20_000)["hits"] == 15730


@pytest.mark.parametrize("given", [{}, {"points": 0}, {"points": "many"}, {"point": 5}])
def test_what_is_no_number_of_points_is_refused(given: Any) -> None:
    assert Computing(REGISTRY).fault("monte_carlo_pi", given).kind is FaultKind.REFUSED
