"""How queues are listened to: the section `extensions.queues` of host.json."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from devhost.appsettings import AppNotLoadable
from devhost.clock import parse_timespan

T = TypeVar("T")

_MAX_BATCH = 32  # what one request to a queue may return
_MINUTE = timedelta(minutes=1)
_DEVELOPMENT_POLL = timedelta(seconds=2)
_SHORTEST_POLL = timedelta(milliseconds=100)
_LONGEST_REST = timedelta(days=7)  # more is an error of storage, at the first failed message


@dataclass(frozen=True)
class QueueOptions:
    """The values of host.json, or what the host takes where it says nothing.

    A function handles at most `batch_size + new_batch_threshold` messages at once.
    `visibility_timeout` is how long a message rests after it has failed.
    """

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    max_polling_interval: timedelta = _DEVELOPMENT_POLL
    visibility_timeout: timedelta = timedelta()
    base64: bool = True

    @classmethod
    def read(cls, section: Mapping[str, Any], cores: int = os.cpu_count() or 1) -> "QueueOptions":
        """Read the section.

        Raises:
            AppNotLoadable: a value is outside its range.
        """
        given = _Section(section)
        batch = given.get("batchSize", int, 16, "1 to 32", lambda n: 1 <= n <= _MAX_BATCH)
        default = batch // 2 * cores
        interval = given.get(
            "maxPollingInterval",
            _span,
            _MINUTE,
            "at least 00:00:00.1",
            lambda t: t >= _SHORTEST_POLL,
        )
        encoding = given.get(
            "messageEncoding",
            str,
            "base64",
            "base64 or none",
            lambda e: e.lower() in {"base64", "none"},
        )
        return cls(
            batch,
            given.get("newBatchThreshold", int, default, "0 or more", lambda n: n >= 0),
            given.get("maxDequeueCount", int, 5, "1 or more", lambda n: n >= 1),
            # A minute is the default, which a development host takes for two seconds.
            _DEVELOPMENT_POLL if interval == _MINUTE else interval,
            given.get(
                "visibilityTimeout",
                _span,
                timedelta(),
                "0 to 7 days",
                lambda t: timedelta() <= t <= _LONGEST_REST,
            ),
            encoding.lower() == "base64",
        )


class _Section:
    """Values by name, in any case; a value from an app setting is text."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        self._values = {name.lower(): value for name, value in raw.items()}

    def get(
        self,
        name: str,
        read: Callable[[Any], T],
        default: T,
        allowed: str,
        is_allowed: Callable[[T], bool],
    ) -> T:
        value = self._values.get(name.lower())
        if value is None:
            return default
        try:
            found = read(value)
        except (ValueError, TypeError):
            found = None
        if found is None or not is_allowed(found):
            raise AppNotLoadable(
                f"extensions.queues.{name} in host.json is {value!r} and must be {allowed}"
            )
        return found


def _span(text: object) -> timedelta:
    return parse_timespan(str(text))
