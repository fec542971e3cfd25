"""The random failure service that Welcome calls: it takes a while and fails at random."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache


class ServiceFailed(Exception):
    """Oh No."""


async def ask_random_failure_service(
    name: str,
    *,
    delay: timedelta,
    failure_rate: float,
    dice: Callable[[], float],
    sleep: Callable[[float], Awaitable[None]],
) -> str:
    """Wait `delay`, then welcome `name`, or raise ServiceFailed if the dice (0 to 1) decide it."""
    await sleep(delay.total_seconds())
    if dice() < failure_rate:
        raise ServiceFailed("Oh No")
    return f"Welcome {name}!"


@cache
def dice_for(seed: int | None, name: str) -> random.Random:
    """Return the dice of one name: a sequence of its own, independent of parallel calls' order.

    With a seed the sequence is the same in every process; without, it is the system's randomness.
    """
    return random.Random(None if seed is None else f"{seed}:{name}")  # noqa: S311 - chance, not secrecy
