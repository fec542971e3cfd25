"""The HTTP function of Welcome: start the orchestration once per instance id, report status."""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import azure.durable_functions as df
import azure.functions as func

from gather_once.model.clock import now
from gather_once.model.durations import InvalidDuration, parse_duration
from gather_once.model.errors import Defect, InvalidInput, Where, pointer_to
from gather_once.model.names import WELCOME
from triggers import responses
from triggers.errors import Problem, ProblemType, problem_of

T = TypeVar("T")

_NAMES = ("instance_id", "start_in", "wait")
_INSTANCE_ID = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LONGEST_WAIT = 60


@dataclass(frozen=True)
class WelcomeOptions:
    """What a caller wants: the instance's id, its start (none: at once), seconds to wait (none)."""

    instance_id: str
    start_at: datetime | None = None
    wait: int | None = None


def read_options(
    query: Mapping[str, str], body: bytes, *, now: datetime, fresh_id: str
) -> WelcomeOptions:
    """Read the options; the query string may hold other keys, the JSON object may not.

    The host reads keys of its own from the query string (`code`, `clientId`), and proxies add
    theirs, so what is not ours is left alone there. Raises InvalidInput with every defect.
    """
    in_query = {name: query[name] for name in _NAMES if name in query}
    in_body = _json_object(body)
    reader = _Reader(in_query, in_body)
    reader.refuse(in_query.keys() & in_body.keys(), "is in the query string and in the body")
    reader.refuse(in_body.keys() - set(_NAMES), f"is not an option; there are {', '.join(_NAMES)}")
    options = WelcomeOptions(
        instance_id=reader.take("instance_id", _instance_id, fresh_id),
        start_at=reader.take("start_in", lambda value: _start_at(value, now), None),
        wait=reader.take("wait", _seconds, None),
    )
    reader.finish()
    return options


class _Unreadable(Exception):
    """The value is not what the option takes."""


class _Reader:
    """Takes one option after the other and remembers what is wrong with each."""

    def __init__(self, query: Mapping[str, object], body: Mapping[str, object]) -> None:
        self._given, self._body = {**query, **body}, body
        self._defects: list[Defect] = []

    def take(self, name: str, parse: Callable[[object], T], default: T) -> T:
        if name not in self._given:
            return default
        try:
            return parse(self._given[name])
        except _Unreadable as error:
            self.refuse({name}, str(error))
            return default

    def refuse(self, names: set[str], why: str) -> None:
        self._defects += [self._defect(name, f"{name} {why}") for name in sorted(names)]

    def _defect(self, name: str, what: str) -> Defect:
        if name in self._body:
            return Defect(pointer_to(name), what)
        return Defect(name, what, Where.QUERY)

    def finish(self) -> None:
        if self._defects:
            raise InvalidInput(self._defects)


def _json_object(body: bytes) -> dict[str, object]:
    if not body.strip():
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidInput([Defect("", f"the body is not JSON: {error}")]) from error
    if not isinstance(value, dict):
        raise InvalidInput([Defect("", "the body is JSON, but not an object")])
    return value


def _instance_id(value: object) -> str:
    if isinstance(value, str) and _INSTANCE_ID.fullmatch(value):
        return value
    raise _Unreadable("takes 1 to 100 letters, digits, _ and -")


def _start_at(value: object, now: datetime) -> datetime | None:
    try:
        pause = parse_duration(value if isinstance(value, str) else repr(value))
        return now + pause if pause else None
    except InvalidDuration as error:
        raise _Unreadable(f"takes a duration: {error}") from error
    except OverflowError as error:
        raise _Unreadable("reaches beyond the year 9999; say less") from error


def _seconds(value: object) -> int:
    if isinstance(value, str) and re.fullmatch("[0-9]{1,2}", value):
        value = int(value)
    if type(value) is int and 1 <= value <= _LONGEST_WAIT:
        return value
    raise _Unreadable(f"takes whole seconds from 1 to {_LONGEST_WAIT}")


blueprint = df.Blueprint()


@blueprint.route(route="welcome", methods=["GET", "POST"])
@blueprint.durable_client_input(client_name="client")
async def welcome(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    """Answer with the SDK's check-status response, or with the end of a finished instance."""
    try:
        options = read_options(
            req.params,
            req.get_body() if req.method == "POST" else b"",
            now=now(),
            fresh_id=f"ID_{uuid.uuid4().hex}",
        )
    except InvalidInput as error:
        return responses.problem(problem_of(error))
    return await schedule_and_answer(client, req, options)


async def schedule_and_answer(
    client: df.DurableOrchestrationClient, request: func.HttpRequest, options: WelcomeOptions
) -> func.HttpResponse:
    """Start the instance where there is none, then say where it stands, or wait for its end."""
    known = await client.get_status(options.instance_id)
    if not known:
        await start_once(client, options)
    elif known.name != WELCOME:
        what = f"'{options.instance_id}' is the id of another orchestration: {known.name}."
        return responses.problem(Problem(ProblemType.ID_TAKEN, what))
    elif options.wait is None and responses.is_finished(known):
        return responses.instance(known)
    if options.wait is None:
        return client.create_check_status_response(request, options.instance_id)
    return await client.wait_for_completion_or_create_check_status_response(
        request, options.instance_id, timeout_in_milliseconds=options.wait * 1000
    )


async def start_once(client: df.DurableOrchestrationClient, options: WelcomeOptions) -> None:
    """Start the instance; that somebody else has just started it is as good.

    The SDK raises a bare Exception for every refusal and its text differs between extension
    versions, so the instance itself is asked: if it is there, the start was made.
    """
    start_at = options.start_at and options.start_at.isoformat().replace("+00:00", "Z")
    try:
        await client.start_new(WELCOME, options.instance_id, {"start_at": start_at})
    except Exception:
        if not await client.get_status(options.instance_id):
            raise
