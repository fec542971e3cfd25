"""The random failure service that Welcome asks: it takes its time, and fails by chance."""

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
    """Take `delay`, then welcome `name`, or raise ServiceFailed when the dice (0 to 1) say so."""
    await sleep(delay.total_seconds())
    if dice() < failure_rate:
        raise ServiceFailed("Oh No")
    return f"Welcome {name}!"


@cache
def dice_for(seed: int | None, name: str) -> random.Random:
    """Return the dice of one name: its own sequence, so that the order of parallel calls is free.

    With a seed the sequence is the same in every process; without, it is the system's chance.
    """
    return random.Random(None if seed is None else f"{seed}:{name}")  # noqa: S311 - chance, not secrecy
