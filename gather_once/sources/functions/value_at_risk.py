"""Value at risk by historical simulation: today's positions under the movements of the past.

Each stretch of `horizon` steps in the history of rates is a scenario. With v_i the value of
position i today and x_i its rate, scenario s loses L_s = - sum over i of v_i (x_i[s + h] / x_i[s]
- 1). Value at risk at confidence c is the smallest loss that at least the share c of the scenarios
does not exceed: the ceil(c n)-th of the n ordered losses, definition 1 in Hyndman and Fan, "Sample
Quantiles in Statistical Packages", The American Statistician 50 (1996). Expected shortfall is the
mean loss in the worst share 1 - c of the scenarios, with the one on the border counted in part:
Acerbi and Tasche, "On the coherence of expected shortfall", Journal of Banking & Finance 26 (2002).

Limits of the method: it has no movements that are not in the history, and no positions that do not
move in proportion to their rate (options). A horizon above 1 makes overlapping scenarios, which are
not independent. With few scenarios, a high confidence is the worst of them.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, fsum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from gather_once.sources.computation import REGISTRY, Work

Level = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Position(BaseModel):
    """A position: its value today in the reporting currency (short: below 0), and its rate."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    rate: str
    value: Annotated[float, Field(allow_inf_nan=False)]


class Book(BaseModel):
    """Positions, and the history of every rate: levels of the same days, oldest first.

    They are equally spaced, and `horizon` counts in their steps. Other columns of a position are
    ignored, so that rows of a database can be passed unchanged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    positions: Annotated[tuple[Position, ...], Field(min_length=1)]
    rates: dict[str, tuple[Level, ...]]
    confidence: Annotated[float, Field(gt=0, lt=1)] = 0.99
    horizon: Annotated[int, Field(ge=1)] = 1

    @model_validator(mode="after")
    def _check(self) -> Self:
        unknown = sorted({one.rate for one in self.positions} - self.rates.keys())
        if unknown:
            raise ValueError(f"`rates` has no history of {', '.join(unknown)}; add it")
        lengths = {len(self.rates[one.rate]) for one in self.positions}
        if len(lengths) > 1:
            raise ValueError("the histories differ in length; give the same days for every rate")
        if self.scenarios < 1:
            raise ValueError("the history is not longer than the horizon; give more of it")
        return self

    @property
    def scenarios(self) -> int:
        """The number of stretches of `horizon` steps in the history."""
        return len(self.rates[self.positions[0].rate]) - self.horizon


class Risk(BaseModel):
    """Losses in the currency of the positions' values; below 0 they are gains."""

    value_at_risk: float
    expected_shortfall: float
    worst_loss: float
    confidence: float
    horizon: int
    scenarios: int


@REGISTRY.function("value_at_risk", version=1)
def value_at_risk(given: Book, work: Work) -> list[float]:
    """Return the losses in this shard's scenarios, in their order."""
    return [_loss(given, scenario) for scenario in work.share_of(given.scenarios)]


@value_at_risk.reduce
def risk(given: Book, parts: Sequence[list[float]]) -> Risk:
    """Compute the measures from the ordered losses of all scenarios."""
    losses = sorted(loss for part in parts for loss in part)
    within = ceil(_exact(given.confidence) * len(losses))
    at_risk = losses[within - 1]
    return Risk(
        value_at_risk=at_risk,
        expected_shortfall=_mean_beyond(losses, within, _exact(given.confidence)),
        worst_loss=losses[-1],
        confidence=given.confidence,
        horizon=given.horizon,
        scenarios=len(losses),
    )


def _loss(given: Book, scenario: int) -> float:
    def gain(one: Position) -> float:
        history = given.rates[one.rate]
        return one.value * (history[scenario + given.horizon] / history[scenario] - 1)

    return -fsum(gain(one) for one in given.positions)  # exact, so the order has no effect


def _mean_beyond(losses: Sequence[float], within: int, confidence: Fraction) -> float:
    """Return the mean of the worst share 1 - c: all beyond the border, part of the border."""
    worst = (1 - confidence) * len(losses)
    on_the_border = worst - (len(losses) - within)
    return (fsum(losses[within:]) + float(on_the_border) * losses[within - 1]) / float(worst)


def _exact(confidence: float) -> Fraction:
    """Return the number as written in decimal: 0.07 of 100 is 7, not the next float above it."""
    return Fraction(repr(confidence))
