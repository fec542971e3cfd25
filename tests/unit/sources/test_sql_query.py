"""What of an ask's fields can be put to a database at all."""

from typing import Any

import pytest

from gather_once.http_client.secrets import Secrets
from gather_once.model.errors import InvalidSetting
from gather_once.sources.sql.query import BadQuery, read_query

CANARY = "cAnArY-5e1f"
SECRETS = Secrets({"GATHER_SQL_HERE": f"sqlite:///{CANARY}", "GATHER_SECRET_TOKEN": CANARY})


def fields(**other: Any) -> dict[str, Any]:
    return {"database": "HERE", "query": "select :a", "params": {"a": 1}, **other}


def test_a_query_shows_neither_its_connection_nor_a_value() -> None:
    query = read_query(fields(params={"a": {"secret": "TOKEN"}}), SECRETS)

    assert (query.url, query.params["a"]) == (f"sqlite:///{CANARY}", CANARY)
    assert CANARY not in repr(query)


@pytest.mark.parametrize("params", [{}, None])
def test_params_may_be_left_out(params: Any) -> None:
    assert read_query(fields(params=params), SECRETS).params == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"database": None},
        {"database": 5},
        {"query": None},
        {"query": ["select 1"]},
        {"query": "select 1\0"},
        {"params": [1]},
        {"params": "a"},
        {"params": {"a": [1]}},
        {"params": {"a": {"b": 1}}},
        {"params": {"a": "x\0"}},
        {"params": {"a": "\ud800"}},
    ],
)
def test_what_cannot_be_put_to_a_database_is_said(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadQuery):
        read_query(fields(**wrong), SECRETS)


@pytest.mark.parametrize(
    ("wrong", "setting"),
    [
        ({"database": "GONE"}, "GATHER_SQL_GONE"),
        ({"params": {"a": {"secret": "GONE"}}}, "GATHER_SECRET_GONE"),
    ],
)
def test_a_setting_that_is_missing_is_named(wrong: dict[str, Any], setting: str) -> None:
    with pytest.raises(InvalidSetting, match=setting):
        read_query(fields(**wrong), SECRETS)
