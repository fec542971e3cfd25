"""Listing instances: filters and pages over the store."""

from devhost.clock import timestamp
from devhost.engine.records import InstanceFilter, Page
from devhost.engine.rows import record_of
from devhost.engine.store import Store


def find(store: Store, wanted: InstanceFilter, top: int, after: str | None) -> Page:
    """Return at most `top` instances that match, in the order of their creation.

    `after` is the token of the page before; an unreadable token starts from the beginning.
    """
    conditions, values = _conditions(wanted)
    number = int(after) if after and after.isdecimal() else 0
    rows = store.rows(
        f"select * from instances where number > ? {conditions} order by number limit ?",  # noqa: S608  fixed texts, bound values
        [number, *values, top + 1],
    )
    shown = rows[:top]
    token = str(shown[-1]["number"]) if len(rows) > top and shown else None
    return Page(tuple(record_of(row) for row in shown), token)


def ids_of(store: Store, wanted: InstanceFilter) -> list[str]:
    """Return the ids of all instances that match."""
    conditions, values = _conditions(wanted)
    query = f"select instance_id from instances where 1 {conditions}"  # noqa: S608  same
    return [row["instance_id"] for row in store.rows(query, values)]


def _conditions(wanted: InstanceFilter) -> tuple[str, list[object]]:
    texts: list[str] = []
    values: list[object] = []

    def also(text: str, *bound: object) -> None:
        texts.append(f"and {text}")
        values.extend(bound)

    if wanted.created_from:
        also("created >= ?", timestamp(wanted.created_from))
    if wanted.created_to:
        also("created <= ?", timestamp(wanted.created_to))
    if wanted.statuses:
        marks = ", ".join("?" * len(wanted.statuses))
        also(f"status in ({marks})", *sorted(wanted.statuses))
    if wanted.prefix:
        also("substr(instance_id, 1, ?) = ?", len(wanted.prefix), wanted.prefix)
    return " ".join(texts), values


def events_of_family(store: Store, instance_id: str) -> int:
    """Return how many events the histories of an instance and all its descendants have."""
    rows = store.rows(
        "with recursive family(id) as (select ? union select instance_id from instances"
        " join family on json_extract(parent, '$.instance_id') = family.id)"
        " select count(*) as events from history join family on instance_id = family.id",
        (instance_id,),
    )
    return int(rows[0]["events"])
