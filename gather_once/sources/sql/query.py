"""Builds the query of an ask: its database, its statement, and the values bound to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gather_once.http_client.secrets import Secrets

Value = str | int | float | bool | None
"""The types of bound values."""


class BadQuery(ValueError):
    """The ask is not a valid query; the message says why, without any of its values."""


@dataclass(frozen=True, slots=True)
class Query:
    """One statement for one database; its repr shows neither the connection nor a value."""

    database: str
    url: str = field(repr=False)
    statement: str
    params: Mapping[str, Value] = field(repr=False)


def read_query(fields: Mapping[str, Any], secrets: Secrets) -> Query:
    """Return the query that a `sql` ask's fields describe.

    Raises BadQuery, or InvalidSetting for a database or a secret without a setting.
    """
    database = _text(fields.get("database"), "the database")
    statement = _text(fields.get("query"), "the query")
    stated = fields.get("params") or {}
    if not isinstance(stated, Mapping):
        raise BadQuery("the params must be an object: a value by each name")
    params = {name: _value(secrets.reveal(value), name) for name, value in stated.items()}
    return Query(database, secrets.database(database), statement, params)


def _value(value: object, name: str) -> Value:
    if isinstance(value, str):
        return _text(value, f"the parameter {name}")
    if value is None or isinstance(value, bool | int | float):
        return value
    raise BadQuery(f"the parameter {name} must be a text, a number, true, false or null")


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise BadQuery(f"{what} must be a text")
    if "\0" in value or not _is_unicode(value):
        raise BadQuery(f"{what} has a character that no database takes: NUL, or half of a pair")
    return value


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True
