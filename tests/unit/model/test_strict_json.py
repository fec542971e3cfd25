from typing import Any

import pytest

from gather_once.model.errors import Defect
from gather_once.model.strict_json import DEEPEST, examined, read_json


def flaws(raw: bytes | str, *, most: int = 1000) -> tuple[Defect, ...]:
    return read_json(raw, bytes_at_most=most).defects


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


def test_sound_json_is_read() -> None:
    document = read_json('{"a": [1, 2.5, null, true, "ä\\ud83d\\ude00"]}', bytes_at_most=99)
    assert document.value == {"a": [1, 2.5, None, True, "ä😀"]}
    assert document.defects == ()


def test_a_byte_order_mark_does_no_harm() -> None:
    assert read_json(b"\xef\xbb\xbf{}", bytes_at_most=9).value == {}


@pytest.mark.parametrize(
    ("raw", "pointer", "message"),
    [
        (b"", "", "not JSON"),
        (b"{", "", "line 1, column 2"),
        (b"[1,]", "", "not JSON"),
        (b"\xff{}", "", "UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "", "UTF-8"),
        (b'{"a": NaN}', "", "NaN"),
        (b'{"a": -Infinity}', "", "Infinity"),
        (b'{"a": 1e999}', "/a", "finite"),
        (b"9" * 5000, "", "5,000 bytes"),
        (b'{"a": {"b": 1, "b": 2, "b": 3}}', "/a", "'b' occurs more than once"),
        (rb'{"a": ["\ud800"]}', "/a/0", "surrogate"),
        (rb'{"\udfff": 1}', "", "surrogate"),
        (nested(DEEPEST + 2), "/0" * (DEEPEST + 1), "levels deep"),
        (nested(100_000), "", "levels deep"),
        ('{"a/b~": {"c": 1, "c": 1}}', "/a~1b~0", "'c'"),
    ],
)
def test_what_is_not_sound_is_said_where_it_stands(
    raw: bytes | str, pointer: str, message: str
) -> None:
    most = 1000 if "5,000" in message else 10**6
    (defect,) = flaws(raw, most=most)
    assert defect.pointer == pointer
    assert message in defect.message


def test_a_number_too_long_to_be_read_is_said() -> None:
    (defect,) = flaws(b"9" * 5000, most=10**6)
    assert "not JSON" in defect.message


def test_the_deepest_that_is_allowed_is_allowed() -> None:
    assert flaws(nested(DEEPEST + 1)) == ()


def test_as_many_bytes_as_allowed_are_allowed() -> None:
    assert flaws(b'"' + b"x" * 98 + b'"', most=100) == ()
    assert flaws(b'"' + b"x" * 99 + b'"', most=100) != ()


@pytest.mark.parametrize("value", [{1: 2}, {"a": b""}, {"a": {1, 2}}, float("nan")])
def test_a_value_that_json_does_not_have_is_a_defect(value: Any) -> None:
    assert examined(value).defects
