"""What the decorated functions share: storage that does not answer is an answer of its own."""

from collections.abc import Awaitable
from typing import Any, Dict  # noqa: UP035  see Json

from gather_once.storage.blobs import OutOfReach

Json = Dict[str, Any]  # noqa: UP006  the Functions worker refuses dict[...] as an annotation


async def in_reach(effect: Awaitable[Json]) -> Json:
    """Return what the effect answers, `{"status": "out_of_reach"}` where storage does not.

    That is no crash: it is waited out much longer, and costs none of the tries.
    """
    try:
        return await effect
    except OutOfReach:
        return {"status": "out_of_reach"}
