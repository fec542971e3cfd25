"""Names that cross the durable boundary, with each function's input and result, and instance ids.

Orchestrators and activities call each other by these names only. "id" is a gather's id, "run" the
number of the execution of it, from 1. Also here: how many children one orchestrator starts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

GATHER_ID: Final = r"[a-z0-9][a-z0-9-]{0,47}"
"""The pattern of gather ids."""
ASK_NAME: Final = r"[a-z][a-z0-9_]{0,31}"
"""The pattern of ask names; `each` is reserved for the item of a list."""
EACH: Final = "each"

WELCOME: Final = "welcome_orchestrator"
"""Takes {"start_at": ISO time or null}, gives "Welcome One! Welcome Two! Welcome Three!"."""
WELCOME_ACTIVITY: Final = "welcome_unreliable_activity"
"""Takes a name (text), gives "Welcome {name}!"; fails about half of the time, on purpose."""

GATHER: Final = "gather"
"""Takes {"id", "run"}, gives {"id", "run", "status", "outcomes": {ask: status}, "dossier_url"}."""
PURSUE: Final = "pursue"
"""Takes {"id", "run", "deadline", "ask"}, gives {"status"}; continues with asks that are ready."""
SPREAD: Final = "spread"
"""A node of a tree of children. Takes {"run_of": {"id", "run", "deadline"}, "of", "asks", "path"}
or {"given": as `pursue`, "worker", "parts", "path"}, gives nothing."""
LANE: Final = "lane"
"""Takes {"id", "run", "deadline", "ask", "part"}, gives {"status"}: part of a list."""
SHARD: Final = "shard"
"""Takes {"id", "run", "deadline", "ask", "part"}, gives {"status"}: one shard."""

DRAW: Final = "draw"
"""Takes nothing, gives {"execution"}: a random name (32 hex) for this execution of the root."""
OPEN: Final = "open"
"""Takes {"id", "run", "execution"}, gives {"status": "go", "start_at", "deadline", "asks"} or {"status": "over", "output"}."""  # noqa: E501  # a signature on one line
OBTAIN: Final = "obtain"
"""Takes {"id", "run", "deadline", "ask"} and "after" or "part", gives an outcome, a pause, stopped,
or what has to be done first (expand, shards, consult)."""
EXPAND: Final = "expand"
"""Takes {"id", "run", "deadline", "ask"}, stores the list, gives {"status": "lanes", "lanes"}."""
OBTAIN_SHARE: Final = "obtain_share"
"""Takes {"id", "run", "deadline", "ask", "part"}, gives a pause, "done" or "stopped"."""
QUESTION: Final = "question"
"""Takes {"id", "run", "deadline", "ask", "k"}, gives an outcome, "wait" or "stopped"."""
CONCLUDE: Final = "conclude"
"""Takes {"id", "run", "ask", "outcome"}, gives {"ready": [ask]}: the asks to start."""
ASSEMBLE: Final = "assemble"
"""Takes {"id", "run"}, writes the dossier once, gives the root's output."""
DELIVER: Final = "deliver"
"""Takes {"id", "run", "attempt"}, gives {"status"}: sent, or a pause until a moment."""

ORCHESTRATORS: Final = frozenset({WELCOME, GATHER, PURSUE, LANE, SHARD, SPREAD})
ACTIVITIES: Final = frozenset(
    {
        WELCOME_ACTIVITY,
        *(DRAW, OPEN, OBTAIN, EXPAND, OBTAIN_SHARE, QUESTION, CONCLUDE, ASSEMBLE, DELIVER),
    }
)

_INSTANCE: Final = re.compile(rf"({GATHER_ID})(?::([1-9][0-9]{{0,5}})(?::.*)?)?")


@dataclass(frozen=True, slots=True)
class RunOf:
    """A run of a gather."""

    id: str
    run: int


def is_gather_id(text: str) -> bool:
    """Return whether the text is a gather id."""
    return re.fullmatch(GATHER_ID, text) is not None


def is_ask_name(text: str) -> bool:
    """Return whether the text is an ask name."""
    return re.fullmatch(ASK_NAME, text) is not None and text != EACH


def root_id(id: str, run: int) -> str:  # the glossary's word
    """Return the instance id of a run's root: the first run's is the gather's own."""
    return id if run == 1 else f"{id}:{run}"


def child_id(id: str, run: int, ask: str) -> str:  # the glossary's word
    """Return the instance id of an ask's child orchestration in a run."""
    return f"{id}:{run}:{ask}"


def part_id(id: str, run: int, ask: str, part: int) -> str:  # the glossary's word
    """Return the instance id of a lane or a shard of an ask."""
    return f"{child_id(id, run, ask)}:{part}"


def part_spread_id(
    id: str,  # the glossary's word
    run: int,
    ask: str,
    path: Sequence[int],
) -> str:
    """Return the instance id of a node of the tree over an ask's lanes or shards."""
    return f"{child_id(id, run, ask)}:s{_path(path)}"


def successor_spread_id(
    id: str,  # the glossary's word
    run: int,
    ask: str | None,
    path: Sequence[int],
) -> str:
    """Return the instance id of a node of the tree over the successors of an ask or of the root."""
    return f"{child_id(id, run, ask or '')}:t{_path(path)}"


def answer_event(k: int) -> str:
    """Return the name of the event that ends a child's k-th wait for a human.

    Names are never reused: a late or duplicate event of an earlier wait must not end this one.
    """
    return f"answer:{k}"


def whose(instance_id: str) -> RunOf | None:
    """Return the run that a root or child instance belongs to; None for foreign instances."""
    found = _INSTANCE.fullmatch(instance_id)
    return RunOf(found[1], int(found[2] or 1)) if found else None


def _path(path: Sequence[int]) -> str:
    return ".".join(map(str, path))


CHILDREN: Final = 50
"""Children of one orchestrator: the cost of its replays is quadratic in their number."""


def share_of(children: int) -> int:
    """Return how many children each node of the next level takes; 1 if no level is needed."""
    if children <= CHILDREN:
        return 1
    share = CHILDREN
    while ceil(children / share) > CHILDREN:
        share *= CHILDREN
    return share
