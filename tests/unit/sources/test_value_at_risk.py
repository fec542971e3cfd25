"""Value at risk: against hand-made histories, NumPy, and the closed forms of the normal law."""

import json
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

from gather_once.model.fault import Fault, FaultKind
from gather_once.sources.functions import REGISTRY
from support.computing import Computing


def a_book(**changes: Any) -> dict[str, Any]:
    book: dict[str, Any] = {
        "positions": [{"rate": "eur", "value": 100.0}],
        "rates": {"eur": [100, 90, 99, 99, 110]},
        "confidence": 0.75,
    }
    return book | changes


def risk_of(book: dict[str, Any], shards: int = 1) -> dict[str, Any]:
    computing = Computing(REGISTRY)
    if shards == 1:
        content = computing.answer("value_at_risk", book)
    else:
        parts = [
            computing.answer("value_at_risk", book, shard={"number": number, "of": shards})
            for number in range(shards)
        ]
        content = computing.answer("value_at_risk", book, parts=parts)
    found: dict[str, Any] = json.loads(content)
    return found


def refusal(**changes: Any) -> Fault:
    return Computing(REGISTRY).fault("value_at_risk", a_book(**changes))


def walk(days: int, seed: int, scatter: float) -> list[float]:
    """Return levels whose steps are normal returns of mean 0."""
    steps = np.random.default_rng(seed).normal(0, scatter, days)
    return [float(level) for level in 100 * np.cumprod(np.concatenate([[1.0], 1 + steps]))]


def losses_of(book: dict[str, Any], horizon: int = 1) -> Any:
    """Return the losses by NumPy: one row for each position, then summed up."""
    levels = np.array([book["rates"][one["rate"]] for one in book["positions"]])
    values = np.array([one["value"] for one in book["positions"]])
    return -(values @ (levels[:, horizon:] / levels[:, :-horizon] - 1))


def test_a_history_of_four_movements_by_hand() -> None:
    """Losses are 10, -10, 0 and -11.1: at 75 % three of four lie within 0, and 10 beyond."""
    risk = risk_of(a_book())
    assert risk["value_at_risk"] == pytest.approx(0)
    assert risk["expected_shortfall"] == pytest.approx(10)
    assert (risk["worst_loss"], risk["scenarios"]) == (pytest.approx(10), 4)


def test_the_scenario_on_the_border_counts_in_part() -> None:
    """The worst 40 % of four are 1.6 scenarios: all of the loss of 10, and 0.6 of that of 0."""
    risk = risk_of(a_book(confidence=0.6))
    assert risk["value_at_risk"] == pytest.approx(0)
    assert risk["expected_shortfall"] == pytest.approx(10 / 1.6)


def test_a_short_position_loses_where_the_long_one_gains() -> None:
    risk = risk_of(a_book(positions=[{"rate": "eur", "value": -100.0}]))
    assert risk["worst_loss"] == pytest.approx(100 / 9)


def test_positions_that_offset_each_other_risk_nothing() -> None:
    both = [{"rate": "eur", "value": 100.0}, {"rate": "eur", "value": -100.0}]
    risk = risk_of(a_book(positions=both))
    assert risk["value_at_risk"] == risk["expected_shortfall"] == risk["worst_loss"] == 0


@pytest.mark.parametrize("horizon", [1, 10])
@pytest.mark.parametrize("confidence", [0.5, 0.9, 0.95, 0.99, 0.999])
def test_numpy_finds_the_same_quantile_and_the_same_mean_beyond(
    confidence: float, horizon: int
) -> None:
    book = a_book(
        positions=[{"rate": "eur", "value": 700.0}, {"rate": "usd", "value": -300.0}],
        rates={"eur": walk(500, 1, 0.01), "usd": walk(500, 2, 0.02)},
        confidence=confidence,
        horizon=horizon,
    )
    losses = losses_of(book, horizon)
    at_risk = np.quantile(losses, confidence, method="inverted_cdf")
    excess = np.maximum(losses - at_risk, 0).mean() / (1 - confidence)
    risk = risk_of(book)
    assert risk["value_at_risk"] == pytest.approx(at_risk)
    assert risk["expected_shortfall"] == pytest.approx(at_risk + excess)
    assert risk["scenarios"] == 501 - horizon


def test_a_long_normal_history_comes_near_the_closed_forms() -> None:
    """Within four standard errors of a quantile: sqrt(c (1 - c) / n) / density."""
    days, scatter, confidence = 20_000, 0.01, 0.99
    normal = NormalDist(0, 100 * scatter)
    at_risk = normal.inv_cdf(confidence)
    shortfall = normal.stdev**2 * normal.pdf(at_risk) / (1 - confidence)
    error = (confidence * (1 - confidence) / days) ** 0.5 / normal.pdf(at_risk)
    risk = risk_of(a_book(rates={"eur": walk(days, 3, scatter)}, confidence=confidence))
    assert abs(risk["value_at_risk"] - at_risk) < 4 * error
    assert abs(risk["expected_shortfall"] - shortfall) < 6 * error


def test_a_confidence_means_what_is_written() -> None:
    """As a float 0.07 times 100 is a little more than 7, which would be the eighth."""
    steps = [1 - loss / 1000 for loss in range(100)]
    levels = [float(level) for level in np.cumprod([100, *steps])]
    risk = risk_of(a_book(rates={"eur": levels}, confidence=0.07))
    assert risk["value_at_risk"] == pytest.approx(0.6)


@pytest.mark.parametrize("shards", [2, 3, 16])
def test_shards_change_nothing(shards: int) -> None:
    """More shards than scenarios are possible too."""
    book = a_book(rates={"eur": walk(9, 4, 0.01)})
    assert risk_of(book, shards) == risk_of(book)


def test_rows_of_a_database_can_be_given_as_they_are() -> None:
    """Decimals come as texts, and there are columns that nobody needs here."""
    rows = [{"rate": "eur", "value": "100.00", "day": "2026-09-30", "desk": 7}]
    assert risk_of(a_book(positions=rows)) == risk_of(a_book())


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"positions": []}, "/input/positions: "),
        ({"positions": [{"rate": "usd", "value": 1}]}, "no history of usd"),
        ({"rates": {"eur": [100]}}, "not longer than the horizon"),
        ({"horizon": 5}, "not longer than the horizon"),
        ({"rates": {"eur": [100, 0, 5]}}, "/input/rates/eur/1: "),
        ({"rates": {"eur": [100, "high", 5]}}, "/input/rates/eur/1: "),
        ({"confidence": 1}, "/input/confidence: "),
        ({"confidence": 99}, "/input/confidence: "),
        ({"rate": {}}, "/input/rate: "),
    ],
)
def test_what_no_risk_can_be_told_of_is_refused_and_said_where(
    changes: dict[str, Any], told: str
) -> None:
    fault = refusal(**changes)
    assert fault.kind is FaultKind.REFUSED
    assert told in fault.message


def test_histories_of_different_days_are_refused() -> None:
    positions = [{"rate": "eur", "value": 1}, {"rate": "usd", "value": 1}]
    fault = refusal(positions=positions, rates={"eur": [1, 2, 3], "usd": [1, 2]})
    assert "differ in length" in fault.message
