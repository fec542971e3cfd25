"""The port that every kind of source implements: one blocking call, an answer or a fault."""

from typing import Protocol

from gather_once.http_client.call import Answer, Call
from gather_once.model.fault import SourceFailed


class NotThereYet(SourceFailed):
    """What is asked for is not there, though it may come: refused, unless somebody waits for it.

    Who waits looks again later, and counts no attempt.
    """


class Source(Protocol):
    """One kind of source."""

    @property
    def kind(self) -> str:
        """The plan's word for it: what stands in `from`."""
        ...

    def fetch(self, call: Call) -> Answer:
        """Ask once, blocking; raises SourceFailed, and nothing else, when there is no answer.

        Runs in a thread of the app's own pool. An answer that is returned can be read as its media
        type says.
        """
        ...
