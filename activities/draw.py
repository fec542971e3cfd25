"""Draws the name of an execution of a root: chance, which an orchestrator may not have."""

import secrets

import azure.durable_functions as df

from activities.shell import Json

blueprint = df.Blueprint()


@blueprint.activity_trigger(input_name="given")
async def draw(given: None) -> Json:  # noqa: ARG001  the binding needs a parameter
    """Return `{"status": "drawn", "execution"}`, 32 random hex digits."""
    return {"status": "drawn", "execution": secrets.token_hex(16)}
