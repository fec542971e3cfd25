"""PostgreSQL, the real one: what it answers, what it keeps a query from, how it fails."""

import logging
import socket
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.sources.sql import postgres as sql_postgres
from gather_once.sources.sql.source import SqlSource
from support.postgres import SharedPostgres
from support.querying import Asking

CANARY = "cAnArY-5e1f"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
PASSES = (FaultKind.PASSING, False)
THROTTLED = (FaultKind.THROTTLED, False)
REFUSED = (FaultKind.REFUSED, False)
BROKEN = (FaultKind.BROKEN, False)


@pytest.fixture(scope="module")
def prepared(postgres: SharedPostgres) -> SharedPostgres:
    postgres.run("create table positions (id int primary key, day date, amount numeric)")
    postgres.run("insert into positions values (1, '2026-09-30', 1.50), (2, '2026-10-01', 2)")
    postgres.run("create sequence numbers")
    postgres.run(
        "create function add_one() returns int language sql"
        " as 'insert into positions values (3) returning id'"
    )
    postgres.run(
        "create function turn_and_add() returns int language plpgsql as 'begin"
        " set transaction read write; insert into positions values (3); return 1; end'"
    )
    postgres.run(
        "create function end_and_add() returns int language plpgsql as 'begin"
        " commit; insert into positions values (3); return 1; end'"
    )
    postgres.run(
        "create procedure adds() language sql as 'insert into positions values (3)'",
    )
    postgres.run(
        "create function fails(state text) returns int language plpgsql as"
        " $$ begin raise exception 'cAnArY-5e1f' using errcode = state; end $$"
    )
    return postgres


@pytest.fixture
def asking(prepared: SharedPostgres) -> Asking:
    return Asking(prepared.url, GATHER_SECRET_TOKEN=CANARY)


def told(fault: Fault) -> tuple[FaultKind, bool]:
    return fault.kind, fault.may_have_acted


def test_rows_come_back_by_column(asking: Asking) -> None:
    query = "select id, day, amount from positions where day = :day"

    rows = asking.rows(query, {"day": "2026-09-30"})

    assert rows == [{"id": 1, "day": "2026-09-30", "amount": "1.50"}]


def test_no_rows_are_an_answer(asking: Asking) -> None:
    assert asking.rows("select id from positions where id = :id", {"id": 9}) == []


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("null", None),
        ("true", True),
        ("9007199254740993", 9007199254740993),
        ("9223372036854775807::bigint", 9223372036854775807),
        ("0.1::float8", 0.1),
        ("0.1::float4", 0.1),
        ("1.10::numeric", "1.10"),
        ("1e30::numeric", "1" + "0" * 30),
        ("12345678901234567890.1234567890123456", "12345678901234567890.1234567890123456"),
        ("'Zürich ☕ 100 %'", "Zürich ☕ 100 %"),
        ("date '2026-02-28'", "2026-02-28"),
        ("time '06:00:00.5'", "06:00:00.500000"),
        ("timestamp '2026-02-28 06:00'", "2026-02-28T06:00:00"),
        ("timestamptz '2026-02-28 06:00+02'", "2026-02-28T04:00:00+00:00"),
        ("interval '1 year 2 months 3 days 4:05:06.7'", "P1Y2M3DT4H5M6.7S"),
        ("interval '-1 day'", "P-1D"),
        (r"'\x00ff'::bytea", {"base64": "AP8="}),
        ("'6b0fc0cc-8c2e-4f0e-9f0e-0123456789ab'::uuid", "6b0fc0cc-8c2e-4f0e-9f0e-0123456789ab"),
        ("inet '10.0.0.1/8'", "10.0.0.1/8"),
        ("array[[1,2],[3,null]]", [[1, 2], [3, None]]),
        ("array[interval '1 month']", ["P1M"]),
        ("""'{"a": [1, 0.1, null, "x"]}'::jsonb""", {"a": [1, 0.1, None, "x"]}),
    ],
)
def test_a_value_keeps_all_that_it_says(asking: Asking, expression: str, value: Any) -> None:
    assert asking.value(f"select {expression} as it") == value


@pytest.mark.parametrize(
    "expression",
    [
        *("'NaN'::float8", "'-Infinity'::float4", "'NaN'::numeric", "array['Infinity'::float8]"),
        *("'infinity'::date", "date '0044-03-15 BC'", "time '24:00'", "int4range(1, 3)"),
        *("'[0.1234567890123456789]'::jsonb", "'[1e400]'::json"),
    ],
)
def test_what_json_cannot_say_is_broken_rather_than_rounded(
    asking: Asking, expression: str
) -> None:
    assert told(asking.fault(f"select {expression} as it")) == BROKEN


@pytest.mark.parametrize(
    "query",
    [
        "insert into positions values (9)",
        "insert into positions values (9) returning id",
        "with gone as (delete from positions returning id) select id from gone",
        "select id from positions for update",
        "select nextval('numbers')",
        "select add_one()",
        "select set_config('transaction_read_only', 'off', true), add_one()",
        "select turn_and_add()",
        "select end_and_add()",
        "call adds()",
        "select lo_create(0)",
        "set transaction read write",
        "set transaction read write; insert into positions values (9)",
        "commit; insert into positions values (9)",
        "select 1; commit; insert into positions values (9)",
        "do $$ begin insert into positions values (9); end $$",
        "copy positions to stdout",
        "create table mine (id int)",
        "create temp table mine (id int)",
        "vacuum",
    ],
)
def test_a_query_that_does_more_than_read_fails_and_changes_nothing(
    asking: Asking, prepared: SharedPostgres, query: str
) -> None:
    fault = asking.fault(query)

    assert told(fault) == REFUSED
    assert prepared.run("select count(*) from positions") == [(2,)]
    assert prepared.run("select last_value from numbers") == [(1,)]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("select nope from positions", 'column "nope" does not exist'),
        ("select * from nope", 'relation "nope" does not exist'),
        ("selec 1", "SQLSTATE 42601"),
        ("select 1 as a, 2 as a", "two columns are called 'a'"),
        ("select 1 / 0", "DivisionByZero"),
        ("", "SQLSTATE 42601"),
        ("select 1; select 2", "SQLSTATE 42601"),
        ("select :a", r"names :a, which is not in params; a plain colon is written \:"),
    ],
)
def test_a_query_that_cannot_be_answered_is_refused_in_words(
    asking: Asking, query: str, says: str
) -> None:
    fault = asking.fault(query)

    assert told(fault) == REFUSED
    assert says in fault.message
    assert fault.message.startswith("the database HERE: ")


@pytest.mark.parametrize(
    ("state", "meant"),
    [
        ("08006", PASSES),
        ("22012", REFUSED),
        ("25006", REFUSED),
        ("28000", REFUSED),
        ("40001", PASSES),
        ("40P01", PASSES),
        ("42501", REFUSED),
        ("53200", THROTTLED),
        ("53300", THROTTLED),
        ("55P03", PASSES),
        ("57014", PASSES),
        ("57P01", PASSES),
        ("57P04", REFUSED),
        ("58030", PASSES),
        ("F0000", BROKEN),
        ("P0001", REFUSED),
        ("XX000", BROKEN),
    ],
)
def test_an_error_means_what_its_sqlstate_says(
    asking: Asking, state: str, meant: tuple[FaultKind, bool]
) -> None:
    fault = asking.fault("select fails(:state)", {"state": state})

    assert told(fault) == meant
    assert f"SQLSTATE {state}" in fault.message
    assert CANARY not in fault.message


def test_a_database_with_too_much_to_do_is_left_alone_for_a_while(asking: Asking) -> None:
    source = SqlSource(now=lambda: NOON)

    with pytest.raises(SourceFailed) as failed:
        source.fetch(asking.call("select fails('53300')"))

    assert failed.value.fault.until == NOON + timedelta(seconds=10)


def test_what_a_database_says_of_what_it_stores_is_not_shown(asking: Asking) -> None:
    assert CANARY not in asking.fault("select fails('P0001')").message


def test_an_option_of_the_url_that_nobody_knows_is_refused(prepared: SharedPostgres) -> None:
    fault = Asking(f"{prepared.url}&{CANARY}=1").fault("select 1 as it")

    assert told(fault) == REFUSED
    assert "an option in the URL" in fault.message
    assert CANARY not in fault.message


def test_what_a_query_does_beside_reading_is_undone(
    asking: Asking, prepared: SharedPostgres
) -> None:
    with psycopg.connect(prepared.url, autocommit=True) as listener:
        listener.execute("listen news")

        asking.rows("select pg_notify('news', 'told'), pg_advisory_lock(7)")

        assert list(listener.notifies(timeout=0)) == []
        assert prepared.run("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]


def test_a_parameter_that_the_query_does_not_name_is_refused(asking: Asking) -> None:
    assert "params has b" in asking.fault("select :a", {"a": 1, "b": 2}).message


@pytest.mark.parametrize(
    "query",
    [
        "select cast(:it as int)",
        """select cast('"' || cast(:it as text) || '"' as regclass)""",
        "select cast(:it as date)",
        "select id from positions where day = cast(:it as text)",
        "select nope from positions where id = :it",
        "select cast(:it as text) as a, 1 as a",
        "select set_config('statement_timeout', :it, true)",
    ],
)
def test_a_bound_value_shows_in_no_fault_no_traceback_and_no_log(
    asking: Asking, caplog: pytest.LogCaptureFixture, query: str
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy")

    failed = asking.failed(query, {"it": {"secret": "TOKEN"}})

    shown = "".join(traceback.format_exception(failed)) + repr(failed.fault) + caplog.text
    assert CANARY not in shown
    assert "postgres:@" not in shown


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
        st.sampled_from(["'", "';--", "\\", "%s", "%(it)s", ":it", "${a}", "'; drop table x; --"]),
    )
)
def test_a_text_goes_in_and_comes_out_whatever_is_in_it(asking: Asking, value: str) -> None:
    assert asking.value("select cast(:it as text) as it", {"it": value}) == value


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(-(2**63), 2**63 - 1) | st.booleans() | st.none() | st.integers(-9, 9))
def test_a_number_goes_in_and_comes_out_as_it_was(asking: Asking, value: int | None) -> None:
    assert asking.value("select :it as it", {"it": value}) == value


def test_a_slow_query_is_cancelled_by_the_server_itself(
    asking: Asking, prepared: SharedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_postgres, "_GRACE", 15)
    before = prepared.log.count("due to statement timeout")

    fault = asking.fault("select pg_sleep(60)", timeout=0.2)

    assert told(fault) == PASSES
    assert "within the time limit" in fault.message
    assert under_way(prepared) == []
    assert prepared.log.count("due to statement timeout") == before + 1


def test_a_query_cannot_buy_itself_time(
    asking: Asking, prepared: SharedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_postgres, "_GRACE", 0.2)
    without_limit = (
        "select set_config('statement_timeout', '0', false),"
        " case when n > 8 then pg_sleep(60) end from generate_series(1, 20) n"
    )

    fault = asking.fault(without_limit, timeout=0.2)

    assert told(fault) == PASSES
    assert "within the time limit" in fault.message
    assert under_way(prepared) == []


def under_way(prepared: SharedPostgres) -> Any:
    return prepared.run(
        "select query from pg_stat_activity"
        " where application_name = 'gather-once' and state <> 'idle'"
    )


def test_what_is_read_stops_at_the_limit_of_rows(prepared: SharedPostgres) -> None:
    few = Asking(prepared.url, GATHER_MAX_ROWS="3")

    assert len(few.rows("select n from generate_series(1, 3) n")) == 3
    fault = few.fault("select generate_series(1, 1000000000) as n")
    assert told(fault) == BROKEN
    assert "3 rows" in fault.message


def test_what_is_read_stops_at_the_limit_of_bytes(prepared: SharedPostgres) -> None:
    little = Asking(prepared.url, GATHER_MAX_PAYLOAD_BYTES="30")

    assert little.rows("select 'eleven text' as t")
    fault = little.fault("select 'eleven texts and more' as t, generate_series(1, 1000000000)")
    assert told(fault) == BROKEN
    assert "30 bytes" in fault.message


def test_rows_travel_by_the_hundred_at_most(prepared: SharedPostgres) -> None:
    few = Asking(prepared.url, GATHER_MAX_ROWS="160")
    asleep_later = (
        "select n, case when n > 300 then pg_sleep(60) end from generate_series(1, 999) n"
    )

    fault = few.fault(asleep_later)

    assert told(fault) == BROKEN
    assert "160 rows" in fault.message


def test_a_database_that_was_killed_and_started_again_answers_again(
    asking: Asking, prepared: SharedPostgres
) -> None:
    assert asking.value("select 1 as it") == 1

    prepared.kill()
    down = asking.fault("select 1 as it")
    prepared.start()

    assert told(down) == PASSES
    assert asking.value("select 1 as it") == 1


def test_a_database_that_is_killed_under_a_query_is_in_passing_trouble(
    asking: Asking, prepared: SharedPostgres
) -> None:
    faults: list[Fault] = []
    asks = threading.Thread(target=lambda: faults.append(asking.fault("select pg_sleep(60)")))
    asks.start()
    while not under_way(prepared):
        pass

    prepared.restart()
    asks.join()

    assert [told(fault) for fault in faults] == [PASSES]
    assert asking.value("select 1 as it") == 1


def test_a_connection_that_an_operator_ends_is_passing_trouble(
    asking: Asking, prepared: SharedPostgres
) -> None:
    faults: list[Fault] = []
    asks = threading.Thread(target=lambda: faults.append(asking.fault("select pg_sleep(60)")))
    asks.start()
    ended = (
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'gather-once' and state = 'active'"
    )
    while (True,) not in prepared.run(ended):
        pass
    asks.join()

    assert [told(fault) for fault in faults] == [PASSES]


@pytest.mark.parametrize(
    ("user", "password", "meant"),
    [
        ("locked", CANARY + "-wrong", REFUSED),
        ("locked", "", REFUSED),
        ("nobody", CANARY, REFUSED),
        ("full", CANARY, THROTTLED),
    ],
)
def test_a_login_that_is_not_let_in_is_told_without_its_password(
    logins: SharedPostgres, user: str, password: str, meant: tuple[FaultKind, bool]
) -> None:
    failed = Asking(logins.url_of(user, password)).failed("select 1 as it")

    assert told(failed.fault) == meant
    shown = "".join(traceback.format_exception(failed))
    assert CANARY not in shown
    assert user not in shown


@pytest.fixture(scope="module")
def logins(prepared: SharedPostgres) -> SharedPostgres:
    prepared.run("create role locked login password 'right'")
    prepared.run('create role "full" login connection limit 0')
    prepared.require_password("locked")
    return prepared


def test_a_login_with_its_password_is_let_in(logins: SharedPostgres) -> None:
    assert Asking(logins.url_of("locked", "right")).value("select 1 as it") == 1


def test_a_login_without_the_right_to_a_table_is_refused(logins: SharedPostgres) -> None:
    fault = Asking(logins.url_of("locked", "right")).fault("select id from positions")

    assert told(fault) == REFUSED
    assert "permission denied for table positions" in fault.message


def test_where_nobody_answers_is_passing_trouble() -> None:
    assert told(Asking("postgresql://a:b@127.0.0.1:1/x").fault("select 1 as it")) == PASSES


def test_a_server_that_takes_the_call_and_is_silent_is_passing_trouble() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        here = Asking(f"postgresql://a:b@127.0.0.1:{silent.getsockname()[1]}/x?sslmode=disable")

        fault = here.fault("select 1 as it", timeout=0.1)

    assert told(fault) == PASSES
    assert "within the time limit" in fault.message


def test_a_server_that_falls_silent_is_cut_off(
    prepared: SharedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_postgres, "_GRACE", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as front:
        door = threading.Thread(target=mute_after, args=(front, prepared.socket, b"pg_sleep"))
        door.start()
        here = Asking(f"postgresql://postgres@127.0.0.1:{front.getsockname()[1]}/postgres")

        fault = here.fault("select pg_sleep(60)", timeout=0.3)

        door.join()
    assert told(fault) == PASSES
    assert "within the time limit" in fault.message


def mute_after(front: socket.socket, server: str, word: bytes) -> None:
    """Pass everything on until the client says `word`, and from then on nothing at all."""
    client, _ = front.accept()
    with client, socket.socket(socket.AF_UNIX) as behind:
        behind.connect(server)
        back = threading.Thread(target=_pass_on, args=(behind, client, lambda _: False))
        back.start()
        _pass_on(client, behind, lambda piece: word in piece)
        with suppress(OSError):
            while client.recv(65_536):
                pass
            behind.shutdown(socket.SHUT_RDWR)
        back.join()


def _pass_on(come: socket.socket, go: socket.socket, is_enough: Callable[[bytes], bool]) -> None:
    with suppress(OSError):
        while (piece := come.recv(65_536)) and not is_enough(piece):
            go.sendall(piece)


def test_what_one_query_sets_does_not_reach_the_next(asking: Asking) -> None:
    asking.rows("select set_config('statement_timeout', '1', false)")

    assert asking.value("select current_setting('statement_timeout') as it") != "1ms"


def test_many_threads_may_ask_at_once(asking: Asking) -> None:
    answers: list[bytes] = []
    call = asking.call("select pg_sleep(0.01), id from positions order by id")

    def fetch() -> None:
        with suppress(SourceFailed):
            answers.append(SqlSource().fetch(call).content)

    threads = [threading.Thread(target=fetch) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 12
    assert len(set(answers)) == 1
