"""The log lines of a host in a terminal: one format for its own, the app's and the libraries'."""

import logging
from datetime import UTC, datetime
from typing import TextIO

_TALKATIVE = ("azure.core", "azure.identity", "urllib3", "asyncio")  # say more than an app does


def show_log(stream: TextIO, *, verbose: bool = False) -> None:
    """Send the log to `stream`, from INFO on; verbose adds the host's own details.

    Whatever handlers there were are replaced.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Line())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("devhost").setLevel(logging.DEBUG if verbose else logging.INFO)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.INFO if verbose else logging.WARNING)


class _Line(logging.Formatter):
    """`[2026-01-01T00:00:00.123Z] text`, with the level where it asks for attention."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's own hook
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        return f"[{moment.replace('+00:00', 'Z')}] {level}{record.message}"
