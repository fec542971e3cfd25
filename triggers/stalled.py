"""Gathers that do not go on by themselves: upkeep looks for them, as nobody else may be looking."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from gather_once.gathers.control import Control
from gather_once.gathers.state import View, view
from gather_once.model.names import root_id
from gather_once.storage.blobs import Blobs
from gather_once.views.progress import seen_of
from gather_once.views.stall import LONG, needs_somebody, stall_of
from triggers.durable_client import SdkDurable

_looked: dict[str, datetime] = {}
"""When this process has looked at a gather last, so that each is looked at every two hours."""


def due_for_a_look(running: Iterable[Control], now: datetime) -> list[str]:
    """Return which gathers to look at now, of those that are under way; it remembers them."""
    for gather in [gather for gather, at in _looked.items() if now - at >= LONG]:
        del _looked[gather]
    due = [
        found.gather
        for found in running
        if now - found.claimed_at >= LONG and found.gather not in _looked
    ]
    _looked.update(dict.fromkeys(due, now))
    return due


async def trouble_in(
    blobs: Blobs, durable: SdkDurable, gather: str, now: datetime
) -> dict[str, Any] | None:
    """Return how a gather stands still, None where it goes on or will do so by itself."""
    found = await view(blobs, gather)
    if not isinstance(found, View):
        return None
    root = await durable.look(root_id(gather, found.control.run))
    stall = stall_of(await seen_of(blobs, durable, found, root, now), now)
    return stall if stall and needs_somebody(stall) else None
