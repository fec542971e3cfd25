"""Which version of a function a run computes with, where its plan names none.

It is the newest at the time when the run first computes with that function. From then on it stands,
so that a deployment in the middle of a run mixes no two versions, neither among the attempts of an
ask nor among its shards. The next run takes the newest again, which may be the one that mends.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TypeVar

from gather_once.plans.asks import Asked, ComputeAsk
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

AnAsk = TypeVar("AnAsk", bound=Asked)


async def with_version(
    blobs: Blobs, gather: str, run: int, ask: AnAsk, newest: Mapping[str, int]
) -> AnAsk:
    """Return an ask as its run computes it; `newest` settles the version if nothing has before.

    One request, three the first time, none for asks of other kinds or with a version. A function
    that is registered no more stays without one.
    """
    if not isinstance(ask, ComputeAsk):
        return ask
    found = await settled_version(blobs, gather, run, ask)
    if found.version is None and ask.function in newest:
        content = str(newest[ask.function]).encode()
        with suppress(Conflict):
            await blobs.create(_CONTAINER, paths.version(gather, run, ask.function), content)
        return await settled_version(blobs, gather, run, ask)
    return found


async def settled_version(blobs: Blobs, gather: str, run: int, ask: AnAsk) -> AnAsk:
    """Return an ask as its run computes it, as it stands in the plan if nothing is settled yet."""
    if not isinstance(ask, ComputeAsk) or ask.version is not None:
        return ask
    found = await blobs.read(_CONTAINER, paths.version(gather, run, ask.function))
    return ask.model_copy(update={"version": int(found.content)}) if found else ask


def newest_of(ask: AnAsk, newest: Mapping[str, int]) -> AnAsk:
    """Return an ask as a run that computed now for the first time would compute it."""
    if not isinstance(ask, ComputeAsk) or ask.version is not None:
        return ask
    return ask.model_copy(update={"version": newest.get(ask.function)})


_CONTAINER = Container.GATHERS
