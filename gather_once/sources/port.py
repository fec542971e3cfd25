"""The port of every kind of source: one blocking call with a response or a fault."""

from typing import Protocol

from gather_once.http_client.call import Answer, Call
from gather_once.model.fault import SourceFailed


class NotThereYet(SourceFailed):
    """The blob does not exist yet: a refused fault, unless the ask has `wait_until_exists`.

    Such an ask polls, which does not count as an attempt.
    """


class Source(Protocol):
    """One kind of source."""

    @property
    def kind(self) -> str:
        """The kind's name in `from`."""
        ...

    def fetch(self, call: Call) -> Answer:
        """Make one call, blocking; raises only SourceFailed.

        Runs in a thread of the app's own pool. A returned response can be decoded by its media
        type.
        """
        ...
