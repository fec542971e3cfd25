"""SQLite, the real one: what it answers, what it keeps a query from, how it fails."""

import logging
import sqlite3
import time
import traceback
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gather_once.http_client.deadline import Deadline
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.settings import Limits
from gather_once.sources.sql import sqlite
from support.querying import Asking, sqlite_file

CANARY = "cAnArY-5e1f"
PASSES = (FaultKind.PASSING, False)
REFUSED = (FaultKind.REFUSED, False)
BROKEN = (FaultKind.BROKEN, False)

FILLED = """
create table positions (id integer primary key, day text, amount real);
insert into positions values (1, '2026-09-30', 1.5), (2, '2026-10-01', 2);
create virtual table notes using fts5(text);
insert into notes values ('the sky is clear');
"""
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n"
ENDLESS_AND_SILENT = ENDLESS.replace("select i from", "select max(i) from")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    sqlite_file(tmp_path / "a b#?%.db", FILLED)
    return tmp_path / "a b#?%.db"


@pytest.fixture
def asking(file: Path) -> Asking:
    return Asking(url_of(file), GATHER_SECRET_TOKEN=CANARY)


def url_of(file: Path) -> str:
    return f"sqlite:///{str(file).replace('%', '%25').replace('?', '%3F').replace('#', '%23')}"


def told(fault: Fault) -> tuple[FaultKind, bool]:
    return fault.kind, fault.may_have_acted


def test_rows_come_back_by_column(asking: Asking) -> None:
    rows = asking.rows("select * from positions where day = :day", {"day": "2026-09-30"})

    assert rows == [{"id": 1, "day": "2026-09-30", "amount": 1.5}]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("9223372036854775807", 9223372036854775807),
        ("0.1", 0.1),
        ("'☕ 12:30 100 %'", "☕ 12:30 100 %"),
        ("x'00ff'", {"base64": "AP8="}),
        ("(select count(*) from json_each('[1, 2]'))", 2),
        ("(select text from notes where notes match 'sky')", "the sky is clear"),
    ],
)
def test_a_value_keeps_all_that_it_says(asking: Asking, expression: str, value: Any) -> None:
    assert asking.value(f"select {expression} as it") == value


@pytest.mark.parametrize("expression", ["9e999", "-9e999", "cast(x'ff' as text)"])
def test_what_json_cannot_say_is_broken(asking: Asking, expression: str) -> None:
    assert told(asking.fault(f"select {expression} as it")) == BROKEN


@pytest.mark.parametrize(
    "query",
    [
        "insert into positions values (9, null, null)",
        "insert into positions values (9, null, null) returning id",
        "delete from positions",
        "create table mine (id)",
        "create temp table mine (id)",
        "begin immediate",
        "drop table positions",
        "vacuum",
        "vacuum into '{other}'",
        "attach '{other}' as other",
        "pragma query_only = off",
        "pragma writable_schema = on",
        "select * from pragma_database_list",
        "select load_extension('{other}')",
        "select 'a' regexp '(a+)+$'",
        "insert into notes(notes) values ('rebuild')",
        "select 1; delete from positions",
    ],
)
def test_a_query_that_does_more_than_read_fails_and_changes_nothing(
    asking: Asking, file: Path, query: str
) -> None:
    before = file.read_bytes()
    other = file.parent / "other.db"

    fault = asking.fault(query.format(other=other))

    assert told(fault) == REFUSED
    assert file.read_bytes() == before
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_each_of_the_two_locks_of_a_file_holds_alone(file: Path) -> None:
    deadline = Deadline.after(timedelta(minutes=1), time.monotonic)
    with (
        closing(sqlite._opened(file, deadline)) as opened,
        closing(sqlite3.connect(file)) as confined,
    ):
        sqlite._confine(confined, deadline, Limits())

        for connection in (opened, confined):
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                connection.execute("delete from positions")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select nope from positions", "no such column: nope"),
        ("select * from nope", "no such table: nope"),
        ("selec 1", "syntax error"),
        ("select 1 as a, 2 as a", "two columns are called 'a'"),
        ("", "returns no rows"),
        ("select :a", r"names :a, which is not in params"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused_in_words(
    asking: Asking, query: str, says: str
) -> None:
    fault = asking.fault(query)

    assert told(fault) == REFUSED
    assert says in fault.message


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1])
def test_a_number_that_sqlite_does_not_hold_is_refused(asking: Asking, value: int) -> None:
    assert told(asking.fault("select :it as it", {"it": value})) == REFUSED


@pytest.mark.parametrize(
    "query", ["select json_extract('[1]', :it)", "select nope from positions where id = :it"]
)
def test_a_bound_value_shows_in_no_fault_no_traceback_and_no_log(
    asking: Asking, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    caplog.set_level(logging.DEBUG, "sqlalchemy")

    failed = asking.failed(query, {"it": {"secret": "TOKEN"}})

    shown = "".join(traceback.format_exception(failed)) + repr(failed.fault) + caplog.text
    assert CANARY not in shown


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.none()
)
def test_a_value_goes_in_and_comes_out_whatever_it_is(asking: Asking, value: Any) -> None:
    assert asking.value("select :it as it", {"it": value}) == value


def test_a_query_without_end_is_ended_at_the_time_limit(asking: Asking) -> None:
    fault = asking.fault(ENDLESS_AND_SILENT, timeout=0.1)

    assert told(fault) == PASSES
    assert "within the time limit" in fault.message


def test_a_locked_file_is_waited_for_until_the_time_limit(asking: Asking, file: Path) -> None:
    writer = sqlite3.connect(file)
    writer.execute("begin exclusive")

    fault = asking.fault("select * from positions", timeout=0.1)
    writer.close()

    assert told(fault) == PASSES
    assert "within the time limit" in fault.message
    assert asking.rows("select id from positions")


def test_what_is_read_stops_at_the_limits(file: Path) -> None:
    few = Asking(url_of(file), GATHER_MAX_ROWS="3", GATHER_MAX_PAYLOAD_BYTES="60")

    assert len(few.rows(f"{ENDLESS} limit 3")) == 3
    assert "3 rows" in few.fault(ENDLESS).message
    wide = ENDLESS.replace("select i from", "select hex(zeroblob(40)) as x from")
    assert "60 bytes" in few.fault(wide).message
    assert told(few.fault("select length(zeroblob(1000000)) as it")) == BROKEN


def test_a_pattern_that_would_take_for_ever_is_refused(asking: Asking) -> None:
    pattern = "%" + "a%" * 200

    assert told(asking.fault("select 'aaa' like :it", {"it": pattern})) == REFUSED


def test_a_file_that_is_not_there_passes_and_is_not_made(tmp_path: Path) -> None:
    fault = Asking(f"sqlite:///{tmp_path}/none.db").fault("select 1 as it")

    assert told(fault) == PASSES
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_broken(tmp_path: Path) -> None:
    (tmp_path / "noise.db").write_bytes(b"noise" * 1000)

    assert told(Asking(f"sqlite:///{tmp_path}/noise.db").fault("select * from x")) == BROKEN


def test_a_file_in_write_ahead_mode_is_read_beside_its_writer(file: Path, asking: Asking) -> None:
    writer = sqlite3.connect(file)
    writer.execute("pragma journal_mode = wal")
    writer.execute("insert into positions values (3, null, null)")

    before = asking.value("select count(*) as it from positions")
    writer.commit()
    after = asking.value("select count(*) as it from positions")
    writer.close()

    assert (before, after) == (2, 3)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("oracle://a:cAnArY-5e1f@b/c", "is not a supported kind of database"),
        ("cAnArY-5e1f", "is no URL of a database"),
        ("postgresql://a:cAnArY-5e1f@b:port/c", "is no URL of a database"),
    ],
)
def test_a_setting_that_names_no_database_is_told_without_its_value(url: str, says: str) -> None:
    failed = Asking(url).failed("select 1")

    assert told(failed.fault) == REFUSED
    assert "GATHER_SQL_HERE" in failed.fault.message
    assert says in failed.fault.message
    assert CANARY not in "".join(traceback.format_exception(failed))
