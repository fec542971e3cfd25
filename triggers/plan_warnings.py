"""What a valid plan would run into: addresses out of bounds, secrets that are not set."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from ledger.versions import newest_of
from model.address import outline
from model.ask import Ask, ComputeAsk, HttpAsk, SqlAsk
from model.errors import Defect, Flaw, InvalidInput, InvalidSetting, pointer_to
from model.expression import read_template
from model.fields import Secret
from model.plan import Plan
from model.request import request_of
from sources.address import ForbiddenAddress, Reach, read_address
from sources.catalogue import NEWEST
from sources.functions import REGISTRY
from sources.secrets import Secrets

_UP_TO_THE_PATH: Final = re.compile(r"https?://[^/?#]+[/?#]", re.IGNORECASE)


def warnings_of(plan: Plan, reach: Reach, secrets: Secrets) -> list[Defect]:
    """Return what would make asks of this plan fail here, each with a pointer into the plan."""
    return [
        Defect(pointer_to("asks", name, *path), what)
        for name, ask in plan.asks.items()
        for path, what in (*_of_address(ask, reach), *_of_secrets(ask, secrets))
    ] + [
        Defect(pointer_to("asks", name) + one.pointer, one.message)
        for name, ask in plan.asks.items()
        for one in _of_input(ask)
    ]


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


def _of_secrets(ask: Ask, secrets: Secrets) -> Iterator[Flaw]:
    """Look for the settings of the secrets that an ask names; none of them is shown."""
    for (field, name), value in _parameters(ask):
        try:
            secrets.reveal(value)
        except InvalidSetting as error:
            yield (field, name), f"this secret is not there: {error}"


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
