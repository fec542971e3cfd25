"""The names of all blobs.

Blobs of a gather are below `{id}/`, those of one of its runs below `{id}/{run}/`. A run is a number
and every other name a word, so the two never collide. `gather` is a gather's id, `run` counts
from 1.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST: Final = 10**16 - 1  # microseconds since 1970: the year 2286, in sixteen digits
_A_MICROSECOND: Final = timedelta(microseconds=1)


def folder(gather: str) -> str:
    """Return the prefix of a gather's blobs; without the slash, that of `a` would match `ab`."""
    return f"{gather}/"


def control(gather: str) -> str:
    """Return the name of the blob that is a gather's claim, control and tombstone in one."""
    return f"{gather}/gather"


def last_plan(gather: str) -> str:
    """Return the name of a deleted gather's plan, from which maintenance derives its instances."""
    return f"{gather}/plan"


def outcomes(gather: str, run: int) -> str:
    """Return the prefix of a run's outcomes; the ask's name follows."""
    return f"{gather}/{run}/outcome/"


def outcome(gather: str, run: int, ask: str) -> str:
    """Return the name of an ask's outcome in a run."""
    return outcomes(gather, run) + ask


def arrived(gather: str, run: int, ask: str) -> str:
    """Return the name of the append blob with the needs of an ask that have an outcome."""
    return f"{gather}/{run}/arrived/{ask}"


def lists(gather: str, run: int) -> str:
    """Return the prefix of a run's stored lists; the ask's name follows."""
    return f"{gather}/{run}/list/"


def list_of(gather: str, run: int, ask: str) -> str:
    """Return the name of the list over which an `each` is fanned out in a run."""
    return lists(gather, run) + ask


def version(gather: str, run: int, function: str) -> str:
    """Return the name of the blob that pins the version of a function for a run."""
    return f"{gather}/{run}/version/{function}"


def dossier(gather: str, run: int) -> str:
    """Return the name of a run's dossier: the run has ended exactly when it exists."""
    return f"{gather}/{run}/dossier"


def delivered(gather: str, run: int) -> str:
    """Return the name of the mark that a run's notices were sent or have failed for good."""
    return f"{gather}/{run}/delivered"


def receipt(gather: str, key: str, item: int | None = None) -> str:
    """Return the name of the claim and receipt of a key that is valid for this gather only."""
    return f"{gather}/receipt/{key}" + ("" if item is None else f"/{item}")


def copy(gather: str, key: str) -> str:
    """Return the name of a gather's own copy of a shared answer."""
    return f"{gather}/copy/{key}"


def payload(gather: str, name: str) -> str:
    """Return the name of a payload too large for its receipt; `name` is unique per payload."""
    return f"{gather}/payload/{name}"


def journals(gather: str, ask: str) -> str:
    """Return the prefix of all journals of a list ask."""
    return f"{gather}/lane/{ask}/"


def journal(gather: str, ask: str, lane: int, portion: int) -> str:
    """Return the name of the journal of a lane's portion, the same in all runs."""
    return f"{journals(gather, ask)}{lane}/{portion}"


def shared_receipt(key: str) -> str:
    """Return the name of the claim and receipt of a key that gathers share."""
    return f"{key}/receipt"


def shared_payload(key: str, name: str) -> str:
    """Return the name of a shared payload too large for its receipt."""
    return f"{key}/payload/{name}"


def question(key: str, gather: str | None) -> str:
    """Return the name of a question to humans: a gather's own, or (None) a shared one."""
    return key if gather is None else f"{gather}/{key}"


def index(gather: str, claimed_at: datetime) -> str:
    """Return the name of a gather's index blob; names sort from the newest gather to the oldest."""
    return f"{_LATEST - (claimed_at - _EPOCH) // _A_MICROSECOND:016d}-{gather}"


def read_index(name: str) -> tuple[datetime, str]:
    """Return when the gather of an index blob was claimed, and its id."""
    inverted, _, gather_id = name.partition("-")
    return _EPOCH + (_LATEST - int(inverted)) * _A_MICROSECOND, gather_id
