"""Plans: what is needed and where each piece comes from."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from gather_once.model.durations import A_YEAR
from gather_once.model.errors import Defect, InvalidPlan
from gather_once.model.key import canonical
from gather_once.model.settings import Settings
from gather_once.model.strict_json import Document, examined, read_json
from gather_once.plans.asks import KINDS, Ask
from gather_once.plans.checks import Functions, Terms
from gather_once.plans.notify_target import Delivery
from gather_once.plans.plan_asks import read_asks
from gather_once.plans.plan_fields import PlanFields, read_fields

MOST_DEFECTS: Final = 200
"""Defects that are told at once; a plan of 256 KiB has room for tens of thousands."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan that can be carried out.

    `sent` is the JSON object as it came, without `id`: what is stored, compared and hashed.
    """

    asks: Mapping[str, Ask]
    sent: Mapping[str, Any] = field(repr=False)
    id: str | None = None
    start_at: datetime | None = None
    start_in: timedelta | None = None
    deadline: timedelta = A_YEAR
    deliver: Delivery | None = None

    def starts_at(self, made_at: datetime) -> datetime:
        """Return when the first run may begin, for a plan that came in at `made_at`."""
        if self.start_at is not None:
            return max(self.start_at, made_at)
        return made_at + (self.start_in or timedelta(0))


def parse_plan(
    raw: object,
    settings: Settings,
    *,
    id: str | None = None,
    kinds: Collection[str] = frozenset(KINDS),
    functions: Functions | None = None,
) -> Plan:
    """Read a plan from JSON text (bytes, str) or from a JSON value.

    `id` is the id that the caller has for it already; another one inside is a defect. `kinds` are
    the kinds of source that can be asked here; `functions` the functions that can be computed
    (None: not checked). Raises InvalidPlan with every defect (the first 200).
    """
    document = _document(raw, settings)
    if not isinstance(document.value, dict):
        raise InvalidPlan(document.defects or [Defect("", "a plan is a JSON object; write { }")])
    fields, wrong_fields = read_fields(document.value, settings, id)
    asks, wrong_asks = read_asks(document.value.get("asks"), Terms(settings, kinds, functions))
    defects = tuple(dict.fromkeys([*document.defects, *wrong_fields, *wrong_asks]))
    if defects or fields is None:
        raise InvalidPlan(_told(defects))
    return _plan(document.value, fields, asks, settings.limits.deadline)


def trusted_plan(sent: Mapping[str, Any], id: str | None) -> Plan:
    """Return the plan that was checked at the door, from the JSON object as it came.

    Only its form is looked at, not what settings allow by now. Raises InvalidPlan.
    """
    fields, wrong_fields = read_fields(sent, None, id)
    asks, wrong_asks = read_asks(sent.get("asks"), None)
    if fields is None or wrong_fields or wrong_asks:
        raise InvalidPlan([*wrong_fields, *wrong_asks])
    return _plan(sent, fields, asks, A_YEAR)


def plan_digest(plan: Plan) -> str:
    """Return the fingerprint (64 hex) of the plan as sent, without its id."""
    return sha256(canonical(plan.sent)).hexdigest()


def _plan(
    sent: Mapping[str, Any], fields: PlanFields, asks: Mapping[str, Ask], longest: timedelta
) -> Plan:
    return Plan(
        asks=asks,
        sent={name: value for name, value in sent.items() if name != "id"},
        id=fields.id,
        start_at=fields.start_at,
        start_in=fields.start_in,
        deadline=fields.deadline or min(A_YEAR, longest),
        deliver=fields.deliver,
    )


def _told(defects: tuple[Defect, ...]) -> tuple[Defect, ...]:
    if len(defects) <= MOST_DEFECTS:
        return defects
    more = f"there are {len(defects) - MOST_DEFECTS:,} more defects; correct those told first"
    return (*defects[:MOST_DEFECTS], Defect("", more))


def _document(raw: object, settings: Settings) -> Document:
    most = settings.limits.plan_bytes
    if isinstance(raw, bytes | bytearray | str):
        return read_json(raw, bytes_at_most=most)
    document = examined(raw)
    if document.value is not None and not document.defects:
        text = json.dumps(raw, separators=(",", ":"), ensure_ascii=False)  # keeps the asks' order
        return read_json(text, bytes_at_most=most)
    return document
