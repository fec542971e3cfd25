"""Schedules: plans with a cron expression, and rules for missed and overlapping occurrences."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gather_once.model.errors import Defect, InvalidInput, InvalidPlan, defects_of
from gather_once.model.settings import Settings
from gather_once.model.strict_json import read_json
from gather_once.plans.fields import Flag
from gather_once.plans.plan import Plan

ReadPlan = Callable[[object, Settings], Plan]
"""Parses a plan with the app's sources and settings; raises InvalidPlan."""
SCHEDULE_NAME: Final = r"[a-z0-9][a-z0-9-]{0,31}"
"""The pattern of schedule names."""
ROOM: Final = 1024
"""The largest number of bytes of a schedule beside its plan."""


class Overlap(StrEnum):
    """The rule for an occurrence while the gather of the previous one has not ended."""

    SKIP = "skip"
    """The occurrence is skipped."""
    QUEUE = "queue"
    """The occurrence starts when the previous gather has ended."""
    ALLOW = "allow"
    """Both run."""


class CatchUp(StrEnum):
    """The rule for misfires: occurrences missed during an outage or while the app was stopped."""

    NONE = "none"
    LATEST = "latest"
    """Only the newest is started."""
    ALL = "all"


class Schedule(BaseModel):
    """A plan and its cron expression; the plan is the JSON object as received."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=False)

    cron: Annotated[str, Field(max_length=200)]
    """Six fields, seconds first and 0, in UTC."""
    plan: Mapping[str, Any]
    paused: Flag = False
    overlap: Overlap = Overlap.SKIP
    catch_up: CatchUp = CatchUp.NONE


def is_schedule_name(text: str) -> bool:
    """Return whether the text is a schedule name."""
    return re.fullmatch(SCHEDULE_NAME, text) is not None


def slot_id(name: str, slot: datetime) -> str:
    """Return the gather id of an occurrence; it is derived, so repeated starts have no effect."""
    return f"{name}-{slot:%Y%m%dt%H%Mz}"


def parse_schedule(
    raw: bytes,
    settings: Settings,
    *,
    check_cron: Callable[[str], str],
    read_plan: ReadPlan,
) -> Schedule:
    """Read a schedule from JSON text; raises InvalidInput with every error."""
    document = read_json(raw, bytes_at_most=settings.limits.plan_bytes + ROOM)
    if document.defects:
        raise InvalidInput(document.defects)
    try:
        schedule = Schedule.model_validate(document.value)
    except ValidationError as error:
        raise InvalidInput(defects_of(error, Schedule, "a schedule")) from error
    defects = _cron_defects(schedule.cron, check_cron)
    defects += _plan_defects(schedule, settings, read_plan)
    if defects:
        raise InvalidInput(defects)
    return schedule


def kept_schedule(content: bytes, *, check_cron: Callable[[str], str]) -> Schedule:
    """Read a stored schedule; raises InvalidInput if it is no longer valid.

    The blob may have been edited, or an update of the app may have removed a field.
    """
    try:
        schedule = Schedule.model_validate(json.loads(content))
    except ValidationError as error:
        raise InvalidInput(defects_of(error, Schedule, "a schedule")) from error
    except ValueError as error:
        raise InvalidInput([Defect("", "it is no longer JSON; replace the schedule")]) from error
    if defects := _cron_defects(schedule.cron, check_cron):
        raise InvalidInput(defects)
    return schedule


def _cron_defects(cron: str, check_cron: Callable[[str], str]) -> list[Defect]:
    try:
        check_cron(cron)
    except ValueError as error:
        return [Defect("/cron", str(error))]
    return []


def _plan_defects(schedule: Schedule, settings: Settings, read_plan: ReadPlan) -> list[Defect]:
    defects = [
        Defect(
            f"/plan/{field}",
            "a schedule's plan has none: each occurrence has its own; leave it out",
        )
        for field in ("id", "start_at")
        if field in schedule.plan
    ]
    try:
        read_plan(dict(schedule.plan), settings)
    except InvalidPlan as error:
        defects += [Defect(f"/plan{one.pointer}", one.message) for one in error.defects]
    return defects
