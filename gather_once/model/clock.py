"""The app's one clock: whoever needs the time asks `now`, whoever moves time replaces `source`."""

from collections.abc import Callable
from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return source()


def system_time() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251  # the one place that may


source: Callable[[], datetime] = system_time
"""Where `now` looks; looked up at every call, so a test or a host may set it at any time."""
