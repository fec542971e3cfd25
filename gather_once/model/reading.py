"""Readers of settings: each turns a text into a value, or raises ValueError with "must be …"."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from math import isfinite
from typing import Final

from gather_once.model.durations import InvalidDuration, parse_duration

_QUEUE: Final = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""Names of queues and of blob containers, as Azure Storage has them."""
_LONGEST_QUEUE: Final = 63
_POISON: Final = "-poison"
"""What the Functions host adds to a queue's name for the messages that keep failing."""
_HOST: Final = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
_LAST_PORT: Final = 65_535
_CRON_FIELDS: Final = 6
_SHORTEST_KEY: Final = 32


class Keys(tuple[str, ...]):
    """Keys that sign; no repr shows them."""

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


def seconds(most: int) -> Callable[[str], timedelta]:
    """Return a reader of seconds, fractions allowed, from 0 to `most`."""

    def read(text: str) -> timedelta:
        return timedelta(seconds=_number(text, most))

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
    """Read the name of a task hub: it becomes part of names of tables, queues and containers."""
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
    """Read the name of a queue beside which the host can have one for what keeps failing."""
    name = queue_name(text)
    if name.endswith(_POISON) or len(name + _POISON) > _LONGEST_QUEUE:
        most = _LONGEST_QUEUE - len(_POISON)
        raise ValueError(f"must have at most {most} characters, and not end with {_POISON}")
    return name


def queues(text: str) -> frozenset[str]:
    """Read names of queues, comma-separated."""
    return frozenset(queue_name(name) for name in _listed(text))


containers = queues


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
    """Read keys that sign, comma-separated."""
    read = Keys(_listed(text))
    if any(len(key) < _SHORTEST_KEY for key in read):
        raise ValueError(f"must be keys of {_SHORTEST_KEY} characters or more, comma-separated")
    return read


def page(text: str) -> str:
    """Read the address of a page, without query and fragment; empty is none."""
    if text and not re.fullmatch(r"https?://[^\s?#@/]+(?:/[^\s?#]*)?", text):
        raise ValueError("must be an address such as https://app.example.com/api/answer")
    return text


def webhook(text: str) -> str:
    """Read the URL of a webhook; empty is none."""
    if text and not re.fullmatch(r"https?://[^\s#@/]+(?:/[^\s#]*)?", text):
        raise ValueError("must be a URL such as https://hooks.example.com/questions")
    return text


def cron(text: str) -> str:
    """Read a cron expression of six fields; what each says is the host's to check."""
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
