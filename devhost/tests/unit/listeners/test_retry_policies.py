"""Retry policies say how often a call is made again and how long that waits."""

from random import Random

import pytest

from devhost.appsettings import AppNotLoadable
from devhost.listeners.retries import RetryPolicy, retry_policy

FIXED = {"strategy": "fixed_delay", "max_retry_count": "2", "delay_interval": "00:00:05"}
GROWING = {
    "strategy": "exponential_backoff",
    "max_retry_count": "-1",
    "minimum_interval": "00:00:02",
    "maximum_interval": "00:00:30",
}


def waits(policy: RetryPolicy | None, count: int) -> list[float | None]:
    assert policy is not None
    chance = Random(1)  # noqa: S311  jitter
    found = [policy.wait_before(retry, chance) for retry in range(1, count + 1)]
    return [None if one is None else one.total_seconds() for one in found]


def test_a_fixed_delay_ends_after_so_many_retries() -> None:
    assert waits(retry_policy("f", FIXED, {}), 3) == [5, 5, None]


def test_a_growing_delay_begins_with_the_shortest_and_ends_at_the_longest() -> None:
    first, second, third, *later = waits(retry_policy("f", GROWING, {}), 7)

    assert first == 2
    assert second is not None
    assert 3.6 <= second <= 4.4
    assert third is not None
    assert 5.2 <= third <= 6.8
    assert later[-1] == 30


def test_minus_one_is_without_end() -> None:
    assert waits(retry_policy("f", {**FIXED, "max_retry_count": "-1"}, {}), 3) == [5, 5, 5]
    assert waits(retry_policy("f", GROWING, {}), 5000)[-1] == 30


def test_host_json_has_a_policy_for_functions_without_their_own() -> None:
    host = {"retry": {"strategy": "fixedDelay", "maxRetryCount": 1, "delayInterval": "00:00:09"}}

    assert waits(retry_policy("f", None, host), 2) == [9, None]
    assert waits(retry_policy("f", FIXED, host), 1) == [5]
    assert retry_policy("f", None, {}) is None


@pytest.mark.parametrize(
    "declared",
    [
        {**FIXED, "strategy": "sometimes"},
        {**FIXED, "delay_interval": "soon"},
        {**FIXED, "max_retry_count": "many"},
        {"strategy": "fixed_delay", "max_retry_count": "1"},
    ],
)
def test_one_that_cannot_be_read_names_its_function(declared: dict[str, str]) -> None:
    with pytest.raises(AppNotLoadable, match="the retry policy of upkeep"):
        retry_policy("upkeep", declared, {})
