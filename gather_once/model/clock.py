"""The app's one clock: callers read `now`, tests and hosts in virtual time replace `source`."""

from collections.abc import Callable
from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, aware, in UTC."""
    return source()


def system_time() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)  # noqa: TID251  # the app's only read of the machine's clock


source: Callable[[], datetime] = system_time
"""What `now` calls; looked up at every call, so a test or a host can replace it at any time."""
