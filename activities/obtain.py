"""Obtains the answer to an ask, or says when to look again."""

import os
import secrets

import azure.durable_functions as df

from activities.obtaining import Surroundings, obtained
from activities.shell import Json, in_reach
from ledger.connection import in_pool, open_blobs
from model.clock import now
from model.settings import Settings
from sources.catalogue import source_for
from sources.secrets import Secrets

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def obtain(given: Json) -> Json:
    """Take `{"id", "run", "deadline", "ask"}`; return an outcome, a pause, or `stopped`."""
    around = Surroundings(
        blobs=open_blobs(os.environ),
        settings=Settings.of(os.environ),
        secrets=Secrets(os.environ),
        source_for=source_for,
        execution=secrets.token_hex(16),
        now=now,
        in_pool=in_pool,
    )
    return await in_reach(obtained(given, around))
