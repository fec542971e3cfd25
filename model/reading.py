"""Readers of settings: each turns a text into a value, or raises ValueError with "must be …"."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from math import isfinite
from typing import Final

from model.duration import InvalidDuration, parse_duration

_QUEUE: Final = re.compile(r"(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
"""Names of queues and of blob containers, as Azure Storage has them."""
_HOST: Final = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9-]{1,63}")
_LAST_PORT: Final = 65_535
_CRON_FIELDS: Final = 6


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
