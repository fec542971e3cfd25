"""The activity of Welcome: it asks a service that fails at random."""

import asyncio
import os

import azure.durable_functions as df

from gather_once.model.settings import Settings
from gather_once.sources.random_failures import ask_random_failure_service, dice_for

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
