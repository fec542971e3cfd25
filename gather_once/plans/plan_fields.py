"""The fields of a plan beside its asks: which gather, when, until when, and who is told."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainValidator, ValidationError, ValidationInfo

from gather_once.model.defects import defects_of
from gather_once.model.errors import Defect
from gather_once.model.names import GATHER_ID
from gather_once.model.settings import Settings
from gather_once.plans.fields import Moment, SomeTime, Span, at_most, shaped
from gather_once.plans.notify_target import Delivery, read_delivery


def _read_delivery(value: Any, info: ValidationInfo) -> Delivery:  # noqa: ANN401  # whatever stands in the plan
    return read_delivery(value, info.context if isinstance(info.context, Settings) else None)


class PlanFields(BaseModel):
    """What a plan says beside its asks; `asks` is left as it came."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, shaped(GATHER_ID, "q3-exposure")] | None = None
    start_at: Moment | None = None
    start_in: Annotated[Span, at_most("deadline")] | None = None
    deadline: Annotated[SomeTime, at_most("deadline")] | None = None
    asks: Any
    deliver: Annotated[Delivery, PlainValidator(_read_delivery)] | None = None


def read_fields(
    plan: Mapping[str, Any], settings: Settings | None, id: str | None
) -> tuple[PlanFields | None, list[Defect]]:
    """Read a plan's fields; what the settings allow is checked if they are given.

    `id` is the one that the caller has for it; another one inside is a defect.
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
            Defect("/id", f"this is called {id} already; say the same id, or leave it out")
        )
    if plan.get("start_at") is not None and plan.get("start_in") is not None:
        found.append(Defect("/start_in", "`start_at` and `start_in` contradict; leave one out"))
    return found
