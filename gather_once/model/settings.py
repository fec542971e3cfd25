"""The app's settings, read from a mapping that the caller has (the environment).

A reader turns a setting's text into a value, or raises ValueError with "must be …".
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from datetime import timedelta
from math import isfinite
from typing import Any, Final, Self, TypeVar

from gather_once.model.durations import InvalidDuration, parse_duration
from gather_once.model.errors import InvalidSetting

_QUEUE: Final = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""Names of queues and of blob containers, as Azure Storage has them."""
_LONGEST_QUEUE: Final = 63
_POISON: Final = "-poison"
"""The Functions host appends this to a queue's name for the queue of its poison messages."""
_HOST: Final = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
_LAST_PORT: Final = 65_535
_CRON_FIELDS: Final = 6
_SHORTEST_KEY: Final = 32


class Keys(tuple[str, ...]):
    """Signing keys; no repr shows them."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"Keys({len(self)} of them)"


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from `least` to `most`."""

    def read(text: str) -> int:
        digits = re.fullmatch(r"[0-9]{1,19}", text)
        if not digits or not least <= int(text) <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return read


def optional_whole(least: int, most: int) -> Callable[[str], int | None]:
    """Return a reader of whole numbers that takes an empty text for None."""
    read = whole(least, most)
    return lambda text: read(text) if text else None


def span(least: str, most: str = "P1Y") -> Callable[[str], timedelta]:
    """Return a reader of ISO 8601 durations from `least` to `most`."""
    shortest, longest = (parse_duration(text, with_years=True) for text in (least, most))

    def read(text: str) -> timedelta:
        with suppress(InvalidDuration):
            duration = parse_duration(text, with_years=True)
            if shortest <= duration <= longest:
                return duration
        raise ValueError(f"must be a duration from {least} to {most}")

    return read


def share(text: str) -> float:
    """Read a number from 0 to 1."""
    return _number(text, 1)


def yes_or_no(text: str) -> bool:
    """Read 1 or true, 0 or false."""
    if text.lower() not in {"1", "0", "true", "false"}:
        raise ValueError("must be 1 or 0")
    return text.lower() in {"1", "true"}


def task_hub(text: str) -> str:
    """Read the name of a task hub, which is part of names of tables, queues and containers."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]{2,44}", text):
        raise ValueError("must be 3 to 45 letters and digits, a letter first")
    return text


def setting_name(text: str) -> str:
    """Read the name of another setting."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,127}", text):
        raise ValueError("must be the name of a setting (the connection itself goes into that one)")
    return text


def queue_name(text: str) -> str:
    """Read the name of a queue or a blob container: Azure has one rule for both."""
    if not _QUEUE.fullmatch(text):
        raise ValueError("must be 3 to 63 lower-case letters, digits and single hyphens between")
    return text


def watched_queue(text: str) -> str:
    """Read the name of a queue that leaves room for the name of its poison queue."""
    name = queue_name(text)
    if name.endswith(_POISON) or len(name + _POISON) > _LONGEST_QUEUE:
        most = _LONGEST_QUEUE - len(_POISON)
        raise ValueError(f"must have at most {most} characters, and not end with {_POISON}")
    return name


def queues(text: str) -> frozenset[str]:
    """Read names of queues, comma-separated."""
    return frozenset(queue_name(name) for name in _listed(text))


containers = queues
container_name = queue_name


def hosts(text: str) -> tuple[str, ...]:
    """Read hosts, comma-separated; `*.` in front stands for all names below, `*` for all hosts."""
    names = tuple(name.lower() for name in _listed(text))
    for name in names:
        if name != "*" and not _HOST.fullmatch(name):
            raise ValueError("must be hosts such as api.example.com or *.example.com, or *")
    return names


def ports(text: str) -> frozenset[int]:
    """Read port numbers, comma-separated."""
    try:
        return frozenset(whole(1, _LAST_PORT)(port) for port in _listed(text))
    except ValueError as error:
        raise ValueError("must be port numbers such as 443,8443") from error


def keys(text: str) -> Keys:
    """Read signing keys, comma-separated."""
    read = Keys(_listed(text))
    if any(len(key) < _SHORTEST_KEY for key in read):
        raise ValueError(f"must be keys of {_SHORTEST_KEY} characters or more, comma-separated")
    return read


def base_url(text: str) -> str:
    """Read the address of a site, without query and fragment; empty is none."""
    if text and not re.fullmatch(r"https?://[^\s?#@/]+(?:/[^\s?#]*)?", text):
        raise ValueError("must be an address such as https://app.example.com")
    return text.rstrip("/")


def webhook(text: str) -> str:
    """Read the URL of a webhook; empty is none."""
    if text and not re.fullmatch(r"https?://[^\s#@/]+(?:/[^\s#]*)?", text):
        raise ValueError("must be a URL such as https://hooks.example.com/questions")
    return text


def cron(text: str) -> str:
    """Read a cron expression of six fields; the host checks the fields themselves."""
    if len(text.split()) != _CRON_FIELDS or not re.fullmatch(r"[0-9A-Za-z*/,\- ]+", text):
        raise ValueError("must have six fields, seconds first, such as 0 * * * * *")
    return text


def _number(text: str, most: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not (isfinite(number) and 0 <= number <= most):
        raise ValueError(f"must be a number from 0 to {most}")
    return number


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


# ruff: noqa: RUF009  # `setting` declares a field, which the rule cannot see


T = TypeVar("T")

SECRET_PREFIX: Final = "GATHER_SECRET_"  # noqa: S105  # the name of a family, not a secret
SQL_PREFIX: Final = "GATHER_SQL_"
FAMILIES: Final = (SECRET_PREFIX, SQL_PREFIX)
"""Prefixes of settings of which an operator adds as many as are needed."""

_IN_AZURE: Final = "WEBSITE_INSTANCE_ID"


def setting(name: str, default: str, read: Callable[[str], T]) -> T:
    """Declare a field that comes from the setting `name`; empty or absent is `default`."""
    metadata = {"setting": name, "default": default, "read": read}
    return field(default=read(default), metadata=metadata)


class _FromEnviron:
    """Reads a frozen dataclass whose fields are declared by `setting`."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read every field; raises InvalidSetting, which names the first that cannot be used."""
        return cls(**{f.name: _read(f.metadata, environ) for f in _declared(cls)})

    @classmethod
    def defaults(cls) -> Mapping[str, str]:
        """Return the default text of every setting by its name."""
        return {f.metadata["setting"]: f.metadata["default"] for f in _declared(cls)}


@dataclass(frozen=True, slots=True)
class Limits(_FromEnviron):
    """The limits of a plan."""

    plan_bytes: int = setting("GATHER_MAX_PLAN_BYTES", "262144", whole(1, 2**24))
    """Bytes of a plan's JSON text."""
    asks: int = setting("GATHER_MAX_ASKS", "200", whole(1, 1_000))
    """Asks in a plan."""
    list_items: int = setting("GATHER_MAX_LIST_ITEMS", "10000", whole(1, 100_000))
    """Items in the list of one `each`."""
    payload_bytes: int = setting("GATHER_MAX_PAYLOAD_BYTES", "10485760", whole(1, 2**28))
    """Bytes of one answer, or of one item's."""
    rows: int = setting("GATHER_MAX_ROWS", "100000", whole(1, 10_000_000))
    """Rows of one answer of a database."""
    list_bytes: int = setting("GATHER_MAX_LIST_BYTES", "67108864", whole(1, 2**28))
    """Bytes of the joined answers of an `each`."""
    attempts: int = setting("GATHER_MAX_ATTEMPTS", "20", whole(1, 100))
    """Attempts that a retry policy may allow."""
    timeout: timedelta = setting("GATHER_MAX_TIMEOUT", "PT10M", span("PT1S", "PT20M"))
    """Time limit of one attempt; the host's function timeout must leave room for it."""
    human_timeout: timedelta = setting("GATHER_MAX_HUMAN_TIMEOUT", "P1Y", span("PT1S"))
    """Time limit of a question to a human."""
    deadline: timedelta = setting("GATHER_MAX_DEADLINE", "P1Y", span("PT1S"))
    """How long one run of a gather may take."""
    cache_retention: timedelta = setting("GATHER_CACHE_RETENTION", "P1Y", span("PT1S"))
    """How long a shared answer may count as fresh at most; maintenance deletes it after that."""
    parallel: int = setting("GATHER_MAX_PARALLEL", "1000", whole(1, 10_000))
    """Items of one `each`, or shards of a computation, that are worked on at once."""


@dataclass(frozen=True, slots=True)
class Settings(_FromEnviron):
    """The app's settings."""

    task_hub: str = setting("TASKHUB_NAME", "GatherOnce", task_hub)
    """Task hub: letters and digits, begins with a letter, 3 to 45 characters."""
    welcome_delay: timedelta = setting("WELCOME_DELAY", "PT1S", span("PT0S", "PT10M"))
    """How long the random failure service takes."""
    welcome_failure_rate: float = setting("WELCOME_FAILURE_RATE", "0.5", share)
    """The share of calls that fail, from 0 (none) to 1 (all)."""
    welcome_seed: int | None = setting("WELCOME_SEED", "", optional_whole(0, 2**63 - 1))
    """Makes the failures the same each time; empty for real chance."""

    storage_connection: str = setting(
        "GATHER_STORAGE_CONNECTION", "AzureWebJobsStorage", setting_name
    )
    """Name of the connection of the ledger's storage account, not the connection itself."""
    threads: int = setting("GATHER_THREADS", "32", whole(1, 256))
    """Size of the app's own thread pool, where every blocking call goes."""
    expose_management_urls: bool = setting("GATHER_EXPOSE_MANAGEMENT_URLS", "1", yes_or_no)
    """Return the host's management URIs, which carry a system key; 0: the app's own links only."""

    plans_queue: str = setting("GATHER_PLANS_QUEUE", "gathers", watched_queue)
    """Queue that plans are sent to."""
    plans_container: str = setting("GATHER_PLANS_CONTAINER", "inputs", container_name)
    """Blob container of the plans that messages name."""
    completions_queue: str = setting("GATHER_COMPLETIONS_QUEUE", "completions", queue_name)
    """Queue of completion notices."""
    questions_queue: str = setting("GATHER_QUESTIONS_QUEUE", "questions", queue_name)
    """Queue of question notices."""
    questions_webhook: str = setting("GATHER_QUESTIONS_WEBHOOK", "", webhook)
    """URL that question notices are POSTed to as well, signed; empty: none."""
    public_url: str = setting("GATHER_PUBLIC_URL", "", base_url)
    """The app's address in links; empty: its host name in Azure, else this machine."""
    link_signing_keys: Keys = setting("GATHER_LINK_SIGNING_KEYS", "", keys)
    """Keys of links to questions, comma-separated: the first signs, each is accepted."""
    webhook_signing_keys: Keys = setting("GATHER_WEBHOOK_SIGNING_KEYS", "", keys)
    """Keys of webhooks, comma-separated: the first signs; empty: no webhook is sent."""
    schedules_cron: str = setting("GATHER_SCHEDULES_CRON", "0 * * * * *", cron)
    """When due schedules are started: six fields, seconds first."""
    maintenance_cron: str = setting("GATHER_MAINTENANCE_CRON", "0 * * * * *", cron)
    """When maintenance runs: six fields, seconds first."""

    retention: timedelta = setting("GATHER_RETENTION", "P90D", span("PT1S"))
    """How long a gather is kept after its end, with its dossier; then maintenance deletes it."""

    allowed_hosts: tuple[str, ...] = setting("GATHER_ALLOWED_HOSTS", "", hosts)
    """Hosts that plans may name, comma-separated: `api.example.com`, `*.example.com`, or `*`."""
    allowed_ports: frozenset[int] = setting("GATHER_ALLOWED_PORTS", "443", ports)
    """Ports that plans may name, comma-separated; GATHER_ALLOW_HTTP adds 80."""
    allow_http: bool = setting("GATHER_ALLOW_HTTP", "0", yes_or_no)
    """Allow `http:` beside `https:`."""
    allow_loopback: bool = setting("GATHER_ALLOW_LOOPBACK", "0", yes_or_no)
    """Allow loopback addresses, any port, `http:` too; for trying things out, refused in Azure."""
    named_queues: frozenset[str] = setting("GATHER_ALLOWED_QUEUES", "", queues)
    """Queues that plans may name beside GATHER_COMPLETIONS_QUEUE, comma-separated."""
    allowed_containers: frozenset[str] = setting(
        "GATHER_ALLOWED_CONTAINERS", "inputs,delivered", containers
    )
    """Blob containers that plans may name, comma-separated; never the host's or the app's own."""

    limits: Limits = field(default_factory=Limits)
    """The limits of a plan."""

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """Read every setting; raises InvalidSetting, which names the first that cannot be used."""
        read = {f.name: _read(f.metadata, environ) for f in _declared(cls)}
        if read["allow_loopback"] and environ.get(_IN_AZURE):
            raise InvalidSetting(
                "GATHER_ALLOW_LOOPBACK", "must not be set in Azure; remove it or set it to 0"
            )
        return cls(**read, limits=Limits.of(environ))

    @classmethod
    def defaults(cls) -> Mapping[str, str]:
        """Return the default text of every setting by its name; families have none."""
        own = {f.metadata["setting"]: f.metadata["default"] for f in _declared(cls)}
        return own | dict(Limits.defaults())

    @property
    def allowed_queues(self) -> frozenset[str]:
        """Queues that plans may name."""
        return self.named_queues | {self.completions_queue}


def secret_setting(name: str) -> str:
    """Return the name of the setting that holds the secret which plans call `name`."""
    return SECRET_PREFIX + name


def secret(environ: Mapping[str, str], name: str) -> str:
    """Return the value of the secret that plans call `name`; raises InvalidSetting."""
    return _member(environ, secret_setting(name), "the secret that the plan names")


def database_setting(name: str) -> str:
    """Return the name of the setting that holds the connection of the database `name`."""
    return SQL_PREFIX + name


def database(environ: Mapping[str, str], name: str) -> str:
    """Return the connection URL of the database that plans call `name`; raises InvalidSetting."""
    return _member(environ, database_setting(name), "the database that the plan names")


def _member(environ: Mapping[str, str], name: str, what: str) -> str:
    value = environ.get(name)
    if not value:
        raise InvalidSetting(
            name, f"is not set; {what} is looked for there, so set it or correct the plan"
        )
    return value


def _declared(cls: type) -> list[Any]:
    return [f for f in fields(cls) if "setting" in f.metadata]


def _read(metadata: Mapping[str, Any], environ: Mapping[str, str]) -> Any:  # noqa: ANN401  # a field's own type
    name = metadata["setting"]
    try:
        return metadata["read"](environ.get(name, "").strip() or metadata["default"])
    except ValueError as error:
        # Without the value: it may be a connection string that was put into the wrong setting.
        raise InvalidSetting(name, str(error)) from None
