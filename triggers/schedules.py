"""Schedules: the HTTP functions that manage them, and the timer that starts what is due."""

import asyncio
import logging
from urllib.parse import urlsplit

import azure.durable_functions as df
import azure.functions as func

from gather_once.model.errors import Defect, InvalidInput, Where
from gather_once.schedules import starts
from gather_once.schedules.cron import check_cron
from gather_once.schedules.schedule import ROOM, Schedule, is_schedule_name, parse_schedule
from gather_once.schedules.starts import Broken, Kept
from gather_once.sources.registry import read_plan
from gather_once.views.schedules import Json, schedule_json
from triggers import responses
from triggers.context import Client, Doorway, Workplace, answered, tried
from triggers.errors import Problem, ProblemType
from triggers.params import (
    DEFAULT_TOP,
    MAX_PLAN_BYTES,
    PAGE_PARAMETERS,
    Reader,
    Unreadable,
    json_body,
    next_page,
    read_top,
)

blueprint = df.Blueprint()


@blueprint.route(route="schedules", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def schedules_list(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """List schedules by name, page by page."""
    return await answered(req, client, list_all, PAGE_PARAMETERS)


@blueprint.route(route="schedules/{name}", methods=["GET", "HEAD"])
@blueprint.durable_client_input(client_name="client")
async def schedule_get(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Show a schedule, its next starts and what it began."""
    return await answered(req, client, show)


@blueprint.route(route="schedules/{name}", methods=["PUT"])
@blueprint.durable_client_input(client_name="client")
async def schedule_put(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Keep a schedule under a name, instead of the one that has it."""
    return await answered(req, client, keep)


@blueprint.route(route="schedules/{name}", methods=["DELETE"])
@blueprint.durable_client_input(client_name="client")
async def schedule_delete(req: func.HttpRequest, client: Client) -> func.HttpResponse:
    """Forget a schedule; what it has begun goes on."""
    return await answered(req, client, remove)


async def list_all(at: Doorway) -> func.HttpResponse:
    """Return a page of schedules, those behind the name `after`."""
    reader = Reader(at.request.params)
    top = reader.take("top", read_top, DEFAULT_TOP)
    after = reader.take("after", _name, "")
    if reader.defects:
        raise InvalidInput(reader.defects)
    behind = [name async for name in starts.names(at.blobs) if name > after]
    kept = await asyncio.gather(*(starts.get(at.blobs, name) for name in behind[:top]))
    shown = await asyncio.gather(*(_shown(at, one) for one in kept if one is not None))
    last = behind[top - 1] if len(behind) > top else None
    page = next_page(f"{_api(at)}/schedules", {"top": top}, last)
    return responses.found({"schedules": shown, **page})


async def show(at: Doorway) -> func.HttpResponse:
    """Give one schedule."""
    return responses.found(await _shown(at, await _kept(at)))


async def keep(at: Doorway) -> func.HttpResponse:
    """Keep what is in the body: 201 where the name is new, 200 where it replaces another."""
    name = at.in_path("name")
    schedule = _read(at, name)
    is_new = await starts.put(at.blobs, name, schedule, now=at.now)
    shown = await _shown(at, await _kept(at))
    return responses.created(shown, shown["url"]) if is_new else responses.found(shown)


async def remove(at: Doorway) -> func.HttpResponse:
    """Forget it."""
    kept = await _kept(at)
    await starts.remove(at.blobs, kept.name)
    return responses.removed()


def _read(at: Doorway, name: str) -> Schedule:
    """Read name and body; raises InvalidInput with the defects of both."""
    defects: list[Defect] = []
    if not is_schedule_name(name):
        what = "must be 1 to 32 lower-case letters, digits and -, not beginning with -"
        defects.append(Defect("name", what, Where.PATH))
    try:
        most = at.settings.limits.plan_bytes + ROOM
        body = json_body(at.request, bytes_at_most=most, setting=MAX_PLAN_BYTES)
        schedule = parse_schedule(body, at.settings, check_cron=check_cron, read_plan=read_plan)
    except InvalidInput as error:
        raise InvalidInput([*defects, *error.defects]) from error
    if defects:
        raise InvalidInput(defects)
    return schedule


def _name(text: str) -> str:
    if is_schedule_name(text):
        return text
    raise Unreadable("must be the name of a schedule")


async def _kept(at: Doorway) -> Kept | Broken:
    name = at.in_path("name")
    kept = await starts.get(at.blobs, name) if is_schedule_name(name) else None
    if kept is None:
        what = f"Schedule '{name}' does not exist. PUT one to this address."
        raise Problem(ProblemType.SCHEDULE_NOT_FOUND, what)
    return kept


async def _shown(at: Doorway, kept: Kept | Broken) -> Json:
    return await schedule_json(at.blobs, at.durable, kept, at.now, _api(at))


def _api(at: Doorway) -> str:
    """Return the address of the API, as the caller reaches it."""
    url = urlsplit(at.request.url)
    return f"{url.scheme}://{url.netloc}{url.path.partition('/schedules')[0]}"


_log = logging.getLogger(__name__)
_said: set[tuple[str, str]] = set()
"""Schedules that start nothing as they stand, and were logged: name and version."""


@blueprint.timer_trigger(
    arg_name="timer", schedule="%GATHER_SCHEDULES_CRON%", run_on_startup=False, use_monitor=True
)
@blueprint.durable_client_input(client_name="client")
async def timer_schedules(timer: func.TimerRequest, client: Client) -> None:  # noqa: ARG001  the binding's name
    """Start what is due; a firing that was missed is made up for by the next."""
    await start_all(Workplace.of(client))


async def start_all(at: Workplace) -> list[str]:
    """Start what is due of every schedule; return the ids of the gathers that were begun.

    One that fails is logged and stops none of the others.
    """
    begun: list[str] = []
    for name in await tried("schedules", _names(at), []):
        begun += await tried(f"schedule {name}", _start(at, name), [])
    return begun


async def _names(at: Workplace) -> list[str]:
    return [name async for name in starts.names(at.blobs)]


async def _start(at: Workplace, name: str) -> list[str]:
    found = await starts.get(at.blobs, name)
    if found is None:  # removed since it was listed
        return []
    if isinstance(found, Broken):
        _say_once(found, InvalidInput(found.defects))
        return []
    try:
        started = await starts.start_due(
            at.blobs, at.durable, found, now=at.now, read_plan=at.read_plan
        )
    except InvalidInput as error:
        _say_once(found, error)
        return []
    for gather in started:
        _log.info("schedule %s started gather %s", name, gather)
    return started


def _say_once(found: Kept | Broken, error: InvalidInput) -> None:
    """Log what is wrong once in this process: timers fire each minute, and it will not mend.

    A start that is given up in between changes the version, so the next one is told of again.
    """
    if (found.name, found.version) in _said:
        return
    _said.add((found.name, found.version))
    _log.error("schedule %s starts nothing until it is put anew: %s", found.name, error)
