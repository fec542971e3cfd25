"""Retry policies of functions: how often a failed call is made again, and after which wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from devhost.appsettings import AppNotLoadable
from devhost.clock import parse_timespan

_WITHOUT_END = -1


@dataclass(frozen=True)
class RetryPolicy:
    """At most `most` further calls, -1 for any number.

    The wait is always `shortest` where `longest` is None; else it grows from one to the other.
    """

    most: int
    shortest: timedelta
    longest: timedelta | None = None

    def wait_before(self, retry: int, chance: Random) -> timedelta | None:
        """Return how long to wait before a retry, counted from 1; None when there is no other."""
        if self.most != _WITHOUT_END and retry > self.most:
            return None
        if self.longest is None or retry == 1:
            return self.shortest
        doublings = min(retry - 2, 40)
        grown = self.shortest * (1 + chance.uniform(0.8, 1.2) * 2.0**doublings)
        return min(grown, self.longest)


def retry_policy(
    name: str, declared: Mapping[str, Any] | None, host: Mapping[str, Any]
) -> RetryPolicy | None:
    """Return the policy of a function: its decorator's, else that of host.json, else None.

    Raises:
        AppNotLoadable: it cannot be read.
    """
    given = declared or host.get("retry")
    if not given:
        return None
    values = {str(key).lower().replace("_", ""): value for key, value in given.items()}
    try:
        return _policy(values)
    except (KeyError, ValueError, TypeError) as error:
        raise AppNotLoadable(
            f"the retry policy of {name} cannot be read ({error!r}): fixed_delay needs "
            "max_retry_count and delay_interval, exponential_backoff max_retry_count, "
            "minimum_interval and maximum_interval, as hh:mm:ss"
        ) from error


def _policy(values: Mapping[str, Any]) -> RetryPolicy:
    most = int(values["maxretrycount"])
    match str(values["strategy"]).lower().replace("_", ""):
        case "fixeddelay":
            return RetryPolicy(most, parse_timespan(str(values["delayinterval"])))
        case "exponentialbackoff":
            shortest, longest = (
                parse_timespan(str(values[key])) for key in ("minimuminterval", "maximuminterval")
            )
            return RetryPolicy(most, shortest, longest)
        case other:
            raise ValueError(f"there is no strategy {other}")
