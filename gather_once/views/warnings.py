"""What a valid plan would run into: addresses out of bounds, databases and secrets not set."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from gather_once.http_client.secrets import Secrets
from gather_once.ledger.old.versions import newest_of
from gather_once.model.errors import Defect, Flaw, InvalidInput, InvalidSetting, pointer_to
from gather_once.model.settings import Settings
from gather_once.model.targets import ForbiddenAddress, Reach, Secret, read_address
from gather_once.plans.asks import Ask, ComputeAsk, HttpAsk, SqlAsk
from gather_once.plans.expressions import read_template
from gather_once.plans.fields import outline
from gather_once.plans.notify_target import Delivery, ToWebhook
from gather_once.plans.plan import Plan
from gather_once.plans.requests import request_of
from gather_once.sources.functions import REGISTRY
from gather_once.sources.registry import NEWEST

_UP_TO_THE_PATH: Final = re.compile(r"https?://[^/?#]+[/?#]", re.IGNORECASE)


def warnings_of(plan: Plan, settings: Settings, secrets: Secrets) -> list[Defect]:
    """Return what would fail here, each with a pointer into the plan."""
    return [
        *_of_asks(plan, Reach.of(settings), secrets),
        *(Defect(pointer_to("notify"), what) for what in _of_notify(plan.notify, settings)),
    ]


def _of_asks(plan: Plan, reach: Reach, secrets: Secrets) -> Iterator[Defect]:
    for name, ask in plan.asks.items():
        for path, what in _of_surroundings(ask, reach, secrets):
            yield Defect(pointer_to("asks", name, *path), what)
        for one in _of_input(ask):
            yield Defect(pointer_to("asks", name) + one.pointer, one.message)


def _of_surroundings(ask: Ask, reach: Reach, secrets: Secrets) -> Iterator[Flaw]:
    yield from _of_address(ask, reach)
    yield from _of_database(ask, secrets)
    yield from _of_secrets(ask, secrets)


def _of_address(ask: Ask, reach: Reach) -> Iterator[Flaw]:
    """Look at a URL whose host is written in the plan; another one only the call can judge."""
    if not isinstance(ask, HttpAsk):
        return
    template = read_template(ask.url)
    begins_with = template.parts[0] if template.parts else ""
    if not isinstance(begins_with, str):
        return
    if len(template.parts) > 1 and not _UP_TO_THE_PATH.match(begins_with):
        return
    try:
        read_address(outline(template), reach)
    except ForbiddenAddress as error:
        yield ("url",), f"this address will be refused: {error}"


def _of_database(ask: Ask, secrets: Secrets) -> Iterator[Flaw]:
    """Look for the setting of the database that an ask names; its URL is not shown."""
    if not isinstance(ask, SqlAsk):
        return
    try:
        secrets.database(ask.database)
    except InvalidSetting as error:
        yield ("database",), f"this database is not there: {error}"


def _of_secrets(ask: Ask, secrets: Secrets) -> Iterator[Flaw]:
    """Look for the settings of the secrets that an ask names; none of them is shown."""
    for (field, name), value in _parameters(ask):
        try:
            secrets.reveal(value)
        except InvalidSetting as error:
            yield (field, name), f"this secret is not there: {error}"


def _of_notify(to: Delivery | None, settings: Settings) -> Iterator[str]:
    """Yield a warning for a webhook that no key can sign."""
    if isinstance(to, ToWebhook) and not settings.webhook_signing_keys:
        yield "this webhook will not be called: GATHER_WEBHOOK_SIGNING_KEYS is not set"


def _of_input(ask: Ask) -> tuple[Defect, ...]:
    """Look whether a function takes the input that is written in the plan."""
    if not isinstance(ask, ComputeAsk) or ask.each is not None or ask.referred():
        return ()
    try:
        version = newest_of(ask, NEWEST).version
        REGISTRY.find(ask.function, version).check(request_of(ask, {})["input"])
    except InvalidInput as error:
        return error.defects
    return ()


def _parameters(ask: Ask) -> Iterator[tuple[tuple[str, str], Mapping[str, str]]]:
    match ask:
        case HttpAsk():
            fields = {"headers": ask.headers, "query": ask.query}
        case SqlAsk():
            fields = {"params": ask.params}
        case _:
            fields = {}
    for field, values in fields.items():
        for name, value in values.items():
            if isinstance(value, Secret):
                yield (field, name), {"secret": value.name}
