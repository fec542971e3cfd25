"""Puts a query to its database and makes an answer or a fault of what comes."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from model.errors import InvalidSetting
from model.fault import Fault, FaultKind
from model.settings import Limits
from sources.deadline import Deadline
from sources.sql_databases import Database, database_of
from sources.sql_query import BadQuery, Query
from sources.sql_rows import NoAnswer, rows_as_json

FAILURES: Final = (SQLAlchemyError, BadQuery, NoAnswer, InvalidSetting, ValueError, OSError)
"""All that putting a query and reading its answer may raise."""


def ask(query: Query, deadline: Deadline, limits: Limits) -> bytes:
    """Return the rows as JSON; raises one of FAILURES.

    The connection is of this call alone, so nothing that a query sets outlives it, and a database
    that was restarted is simply connected to again.
    """
    statement = _statement(query)
    with database_of(query).session(deadline, limits) as connection:
        result = connection.execute(
            statement, dict(query.params), execution_options={"stream_results": True}
        )
        if not result.returns_rows:
            raise BadQuery("the query returns no rows; it has to be a `select`")
        return rows_as_json(list(result.keys()), _in_time(result, deadline), limits)
