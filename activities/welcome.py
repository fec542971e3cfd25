"""The activity of Welcome: it asks a service that fails at random."""

import asyncio
import os
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache

import azure.durable_functions as df

from gather_once.model.settings import Settings

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="name")
async def welcome_unreliable_activity(name: str) -> str:
    """Return `Welcome {name}!`, or fail as often as the settings say."""
    settings = Settings.of(os.environ)
    return await ask_random_failure_service(
        name,
        delay=settings.welcome_delay,
        failure_rate=settings.welcome_failure_rate,
        dice=dice_for(settings.welcome_seed, name).random,
        sleep=asyncio.sleep,
    )


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
