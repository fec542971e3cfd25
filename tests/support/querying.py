"""Queries to databases, as tests put them."""

import json
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gather_once.http_client.call import Call
from gather_once.http_client.secrets import Secrets
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.settings import Settings
from gather_once.sources.sql.source import SqlSource


class Asking:
    """Asks one database, which plans call HERE."""

    def __init__(self, url: str, **environ: str) -> None:
        self.environ = {"GATHER_SQL_HERE": url, **environ}

    def call(self, query: object, params: Mapping[str, Any] | None = None, **own: Any) -> Call:
        """Return a call; `timeout` (seconds) and `database` are the call's own."""
        return Call(
            request={
                "database": own.get("database", "HERE"),
                "query": query,
                "params": params or {},
            },
            timeout=timedelta(seconds=own.get("timeout", 20)),
            idempotency_key="asking-1",
            secrets=Secrets(self.environ),
            settings=Settings.of(self.environ),
        )

    def rows(self, query: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Return the rows that come back."""
        answer = SqlSource().fetch(self.call(query, params))
        assert answer.media_type == "application/json"
        content = json.loads(answer.content)
        assert content.keys() == {"rows"}
        return list(content["rows"])

    def value(self, query: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the one value of the one row."""
        ((value,),) = (row.values() for row in self.rows(query, params))
        return value

    def failed(
        self, query: object, params: Mapping[str, Any] | None = None, **own: Any
    ) -> SourceFailed:
        """Return the failure that there is instead of an answer."""
        with pytest.raises(SourceFailed) as failed:
            SqlSource().fetch(self.call(query, params, **own))
        return failed.value

    def fault(self, query: object, params: Mapping[str, Any] | None = None, **own: Any) -> Fault:
        """Return why there is no answer."""
        return self.failed(query, params, **own).fault


def sqlite_file(path: Path, script: str) -> str:
    """Make a database file by a script, and return its URL."""
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()
    return f"sqlite:///{path}"
