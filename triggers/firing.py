"""What timers do at a firing, piece by piece: a piece that is out of reach stops no other."""

import logging
from collections.abc import Awaitable
from typing import TypeVar

from gather_once.gathers.host import HostOutOfReach
from gather_once.storage.blobs import OutOfReach

T = TypeVar("T")

_log = logging.getLogger(__name__)


async def tried(what: str, doing: Awaitable[T], otherwise: T) -> T:
    """Return what a piece of work brings; `otherwise` if storage or the host does not answer."""
    try:
        return await doing
    except (OutOfReach, HostOutOfReach) as error:
        _log.warning("%s: goes on at the next firing: %s", what, error)
        return otherwise
