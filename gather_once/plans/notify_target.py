"""The target of a gather's completion notice: a queue, a webhook or a blob."""

from dataclasses import dataclass
from typing import Any, Final

from gather_once.model.errors import meant
from gather_once.model.settings import Settings
from gather_once.model.targets import check_container, check_queue
from gather_once.plans.checks import flaws_in_url
from gather_once.plans.expressions import read_template
from gather_once.plans.fields import check_url, outline

_LONGEST_NAME: Final = 1024


@dataclass(frozen=True, slots=True)
class ToQueue:
    """A message on a queue."""

    name: str


@dataclass(frozen=True, slots=True)
class ToWebhook:
    """A POST to a URL."""

    url: str


@dataclass(frozen=True, slots=True)
class ToBlob:
    """A blob in a container."""

    container: str
    name: str


Delivery = ToQueue | ToWebhook | ToBlob


def read_delivery(value: Any, settings: Settings | None) -> Delivery:  # noqa: ANN401  # raw JSON of the plan
    """Read `notify`, checked against the settings if there are any; raises ValueError."""
    form = 'write {"queue": name}, {"webhook": url} or {"blob": "container/name"} here'
    if not isinstance(value, dict) or len(value) != 1:
        raise ValueError(form)
    ((way, place),) = value.items()
    if way not in _WAYS:
        raise ValueError(f"`{way}` is no way to notify{meant(str(way), list(_WAYS))}")
    if not isinstance(place, str) or "${" in place:
        raise ValueError(f"{form}, as a text without ${{...}}")
    return _WAYS[way](place, settings)


def _to_queue(place: str, settings: Settings | None) -> Delivery:
    return ToQueue(check_queue(place, settings) if settings else place)


def _to_webhook(place: str, _: Settings | None) -> Delivery:
    for flaw in flaws_in_url(outline(read_template(place))):
        raise ValueError(flaw)
    return ToWebhook(check_url(place))


def _to_blob(place: str, settings: Settings | None) -> Delivery:
    container, _, name = place.partition("/")
    if not name or len(name) > _LONGEST_NAME:
        raise ValueError('write {"blob": "container/name"} here, the name of 1 to 1,024 characters')
    return ToBlob(check_container(container, settings) if settings else container, name)


_WAYS: Final = {"queue": _to_queue, "webhook": _to_webhook, "blob": _to_blob}
