"""Rows become JSON, whole or not at all."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather_once.model.key import canonical
from gather_once.model.settings import Limits
from gather_once.sources.sql.query import BadQuery
from gather_once.sources.sql.rows import NoAnswer, in_json, rows_as_json

ROOMY = Limits()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("1.50"), "1.50"),
        (Decimal("-0E+3"), "-0"),
        (Decimal("1E+3"), "1000"),
        (datetime(2026, 2, 28, 6, 0, 0, 1, UTC), "2026-02-28T06:00:00.000001+00:00"),
        (date(2026, 2, 28), "2026-02-28"),
        (time(6, 0), "06:00:00"),
        (memoryview(b"\x00"), {"base64": "AA=="}),
        (bytearray(b""), {"base64": ""}),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ((1, [Decimal(2)]), [1, ["2"]]),
        ({"a": date(2026, 1, 1)}, {"a": "2026-01-01"}),
    ],
)
def test_every_type_has_its_text(value: object, written: Any) -> None:
    assert in_json(value) == written


@pytest.mark.parametrize("value", [float("nan"), Decimal("Infinity"), timedelta(1), object(), 1j])
def test_what_has_none_is_refused(value: object) -> None:
    with pytest.raises(NoAnswer):
        in_json(value)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_a_decimal_comes_back_from_its_text(value: Decimal) -> None:
    assert Decimal(in_json(value)) == value


@given(st.lists(st.tuples(st.integers(), st.text(st.characters(exclude_categories=["Cs"])))))
def test_the_answer_is_canonical_json(rows: list[tuple[int, str]]) -> None:
    written = rows_as_json(["n", "t"], rows, ROOMY)

    assert json.loads(written) == {"rows": [{"n": n, "t": t} for n, t in rows]}
    assert written == canonical({"rows": [{"n": n, "t": t} for n, t in rows]})


def test_two_columns_of_one_name_are_refused_before_a_row_is_read() -> None:
    with pytest.raises(BadQuery, match="'a'"):
        rows_as_json(["a", "b", "a"], iter_never(), ROOMY)


def iter_never() -> Iterator[tuple[int, ...]]:
    raise AssertionError("a row was read")
    yield ()


def test_nothing_is_read_beyond_the_row_that_is_too_much() -> None:
    read: list[int] = []

    def rows() -> Iterator[tuple[int]]:
        for n in range(1000):
            read.append(n)
            yield (n,)

    with pytest.raises(NoAnswer, match="2 rows"):
        rows_as_json(["n"], rows(), Limits(rows=2))

    assert read == [0, 1, 2]


def test_the_limit_of_bytes_is_exact() -> None:
    whole = b'{"rows":[{"n":1},{"n":2}]}'

    assert rows_as_json(["n"], [(1,), (2,)], Limits(payload_bytes=len(whole))) == whole
    with pytest.raises(NoAnswer, match="25 bytes"):
        rows_as_json(["n"], [(1,), (2,)], Limits(payload_bytes=len(whole) - 1))


def test_a_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(NoAnswer, match="not Unicode"):
        rows_as_json(["t"], [("\ud800",)], ROOMY)


def test_a_refusal_names_the_column_and_not_the_value() -> None:
    with pytest.raises(NoAnswer, match="the column 'rate' has an infinity or NaN"):
        rows_as_json(["rate"], [(float("inf"),)], ROOMY)
