"""Plans: the fields of a plan, its asks, and every defect found at once, each with its pointer."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, ValidationInfo

from gather_once.model.durations import A_YEAR
from gather_once.model.errors import (
    Defect,
    Flaw,
    InvalidPlan,
    Path,
    defects_of,
    flaws_of,
    meant,
    pointer_to,
)
from gather_once.model.key import canonical
from gather_once.model.names import EACH, GATHER_ID, is_ask_name
from gather_once.model.settings import Settings
from gather_once.model.strict_json import Document, examined, read_json
from gather_once.plans.asks import KINDS, Ask
from gather_once.plans.checks import Functions, Terms, flaws_in
from gather_once.plans.expressions import BadExpression, read_template, texts_in
from gather_once.plans.fields import Moment, SomeTime, Span, at_most, shaped
from gather_once.plans.graph import cycles_in
from gather_once.plans.notify_target import Delivery, read_delivery


def _read_delivery(value: Any, info: ValidationInfo) -> Delivery:  # noqa: ANN401  # raw JSON of the plan
    return read_delivery(value, info.context if isinstance(info.context, Settings) else None)


class PlanFields(BaseModel):
    """The fields of a plan; `asks` stays raw JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, shaped(GATHER_ID, "q3-exposure")] | None = None
    start_at: Moment | None = None
    start_in: Annotated[Span, at_most("deadline")] | None = None
    deadline: Annotated[SomeTime, at_most("deadline")] | None = None
    asks: Any
    notify: Annotated[Delivery, PlainValidator(_read_delivery)] | None = None


def read_fields(
    plan: Mapping[str, Any], settings: Settings | None, id: str | None
) -> tuple[PlanFields | None, list[Defect]]:
    """Read a plan's fields, checked against the settings if there are any.

    `id` is the id that the caller knows, from a path for example; another one in the plan is an
    error.
    """
    defects = list(_contradictions(plan, id))
    given = dict(plan) if id is None else {**plan, "id": id}
    try:
        return PlanFields.model_validate(given, context=settings), defects
    except ValidationError as error:
        return None, [*defects, *defects_of(error, PlanFields, "a plan")]


def _contradictions(plan: Mapping[str, Any], id: str | None) -> list[Defect]:
    found = []
    if id is not None and plan.get("id", id) != id:
        found.append(
            Defect("/id", f"the id of this plan is {id}; write the same id, or leave it out")
        )
    if plan.get("start_at") is not None and plan.get("start_in") is not None:
        found.append(Defect("/start_in", "`start_at` and `start_in` contradict; leave one out"))
    return found


def read_asks(asks: Any, terms: Terms | None) -> tuple[dict[str, Ask], list[Defect]]:  # noqa: ANN401  # raw JSON of the plan
    """Return all asks that are valid, and every error; without terms only types are checked."""
    if not isinstance(asks, dict):
        return {}, [] if asks is None else [Defect("/asks", "this should be an object; write { }")]
    defects = list(_count_flaws(asks, terms))
    read: dict[str, Ask] = {}
    for name, raw in asks.items():
        ask, flaws = _read_ask(raw, terms)
        defects += [Defect(pointer_to("asks", name, *path), what) for path, what in flaws]
        if ask is not None:
            read[name] = ask
    defects += _flaws_of_the_whole(asks)
    return read, defects


def _count_flaws(asks: Mapping[str, Any], terms: Terms | None) -> Iterator[Defect]:
    if not asks:
        yield Defect("/asks", "a plan without asks gathers nothing; add one")
    if terms and len(asks) > terms.settings.limits.asks:
        most = terms.settings.limits.asks
        yield Defect(
            "/asks", f"{len(asks)} asks, and GATHER_MAX_ASKS allows {most}; split the plan"
        )
    for name in asks:
        if name == EACH:
            yield Defect("/asks/each", "`each` is the item of a list; choose another name")
        elif not is_ask_name(name):
            yield Defect(
                pointer_to("asks", name),
                "choose another name: a small letter, then up to 31 of a-z, 0-9 and _",
            )


def _read_ask(raw: Any, terms: Terms | None) -> tuple[Ask | None, list[Flaw]]:  # noqa: ANN401  # raw JSON of the plan
    if not isinstance(raw, dict):
        return None, [((), "this should be an object; write { }")]
    kind = raw.get("from")
    if not isinstance(kind, str) or kind not in KINDS:
        missing = "" if "from" in raw else "this is missing: "
        return None, [
            (("from",), f"{missing}`from` says the kind of source{meant(str(kind), KINDS)}")
        ]
    model = KINDS[kind]
    flaws = list(flaws_in(kind, raw, terms))
    given = {name: value for name, value in raw.items() if name != "from"}
    try:
        return model.model_validate(given, context=terms and terms.settings), flaws
    except ValidationError as error:
        return None, [*flaws, *flaws_of(error, model, f"an ask from {kind}")]


def _flaws_of_the_whole(asks: Mapping[str, Any]) -> Iterator[Defect]:
    needs: dict[str, frozenset[str]] = {}
    for name, raw in asks.items():
        needed = list(_needed_by(raw)) if isinstance(raw, dict) else []
        needs[name] = frozenset(other for _, other in needed if other in asks)
        for path, other in needed:
            if other not in asks:
                hint = meant(other, asks)
                yield Defect(pointer_to("asks", name, *path), f"there is no ask `{other}`{hint}")
    for cycle in cycles_in(needs):
        way = " → ".join([*cycle, cycle[0]])
        what = f"{way}: these asks need each other; remove one of the references"
        yield Defect(pointer_to("asks", cycle[0]), what)


def _needed_by(ask: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    said = ask.get("needs")
    for number, name in enumerate(said if isinstance(said, list) else []):
        if isinstance(name, str):
            yield ("needs", number), name
    model = KINDS.get(str(ask.get("from")))
    for name in model.resolved_fields if model else ():
        for path, text in texts_in(ask.get(name), (name,)):
            yield from ((path, needed) for needed in sorted(_names(text) - {EACH}))


def _names(text: str) -> frozenset[str]:
    try:
        return read_template(text).names
    except BadExpression:
        return frozenset()


MOST_DEFECTS: Final = 200
"""The largest number of errors in a response; a plan of 256 KiB can have tens of thousands."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A valid plan.

    `sent` is the JSON object as received, without `id`; it is stored, compared and hashed.
    """

    asks: Mapping[str, Ask]
    sent: Mapping[str, Any] = field(repr=False)
    id: str | None = None
    start_at: datetime | None = None
    start_in: timedelta | None = None
    deadline: timedelta = A_YEAR
    notify: Delivery | None = None

    def starts_at(self, made_at: datetime) -> datetime:
        """Return the earliest start of the first run, for a plan that was received at `made_at`."""
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

    `id` is the id that the caller knows; another one in the plan is an error. `kinds` are the kinds
    of source of this app; `functions` the registered functions (None: not checked). Raises
    InvalidPlan with every error (the first 200).
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
    """Return a stored plan, which was checked against the settings when it was received.

    Only types are checked again, because settings may have changed since. Raises InvalidPlan.
    """
    fields, wrong_fields = read_fields(sent, None, id)
    asks, wrong_asks = read_asks(sent.get("asks"), None)
    if fields is None or wrong_fields or wrong_asks:
        raise InvalidPlan([*wrong_fields, *wrong_asks])
    return _plan(sent, fields, asks, A_YEAR)


def plan_digest(plan: Plan) -> str:
    """Return the fingerprint (64 hex) of the plan as received, without its id."""
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
        notify=fields.notify,
    )


def _told(defects: tuple[Defect, ...]) -> tuple[Defect, ...]:
    if len(defects) <= MOST_DEFECTS:
        return defects
    more = f"there are {len(defects) - MOST_DEFECTS:,} more errors; correct these first"
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
