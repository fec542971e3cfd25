"""SQL sources: one read-only query per attempt, over a connection of its own."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

from gather_once.http_client.call import Answer, Call
from gather_once.http_client.deadline import Deadline
from gather_once.model import clock
from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.sources.sql.query import BadQuery, Query, read_query


class SqlSource:
    """Queries the databases that settings name.

    `monotonic` (seconds) is the clock of deadlines, `now` the clock of the pause after an overload.
    """

    kind: Final = "sql"

    def __init__(
        self,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._monotonic = monotonic
        self._now = now

    def fetch(self, call: Call) -> Answer:
        """Return the rows as JSON, `{"rows": [{column: value}]}`; raises SourceFailed.

        An attempt is never in doubt, because the query cannot write.
        """
        deadline = Deadline.after(call.timeout, self._monotonic)
        # Imported here: SQLAlchemy is slow to import, and few processes query a database.
        from gather_once.sources.sql.asking import FAILURES, ask, fault_behind  # noqa: PLC0415  # see above

        query = _read(call)
        try:
            return Answer(ask(query, deadline, call.settings.limits), "application/json")
        except FAILURES as error:
            failed = SourceFailed(fault_behind(error, query, deadline, self._now()))
            # Not `from error`: databases and drivers quote values, passwords and statements.
            failed.add_note(f"behind it: {type(error).__name__}")
            raise failed from None


def _read(call: Call) -> Query:
    try:
        return read_query(call.request, call.secrets)
    except (BadQuery, InvalidSetting) as error:
        raise SourceFailed(Fault(FaultKind.REFUSED, str(error))) from None
