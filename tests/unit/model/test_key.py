import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gather_once.model.key import NotCanonical, canonical, idempotency_key, key_of

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_the_canonical_form_says_the_same_and_is_its_own_canonical_form(value: Any) -> None:
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ([1.0, -0.0, 1e3], [1, 0, 1000]),
        ((1, 2), [1, 2]),
        ({"ä": "ö"}, json.loads('{"\\u00e4": "\\u00f6"}')),
    ],
)
def test_what_is_the_same_has_the_same_form(one: Any, other: Any) -> None:
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(("one", "other"), [(1, True), (0, None), ("1", 1), ([], {}), (1, 1.5)])
def test_what_differs_has_another_form(one: Any, other: Any) -> None:
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), "\ud800", {1: 2}, {"a": b""}, object()]
)
def test_what_is_not_json_has_no_canonical_form(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_endless_nesting_has_no_canonical_form() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_key_is_what_it_was_yesterday() -> None:
    """Receipts in storage are found by it, so this value may never change."""
    assert key_of("http", {"url": "https://example.com/ä", "query": {"n": 1.0}}) == (
        "551e5490bd3f994c5bf638d8478597da9c9b9fb527e7b1c14b2d1ee666e0e234"
    )


def test_a_key_depends_on_kind_and_request() -> None:
    keys = {key_of("http", {"a": 1}), key_of("sql", {"a": 1}), key_of("http", {"a": 2})}
    assert len(keys) == 3
    assert all(len(key) == 64 for key in keys)


def test_an_asking_has_its_own_idempotency_key() -> None:
    askings = [
        ("k", 1, None),
        ("k", 2, None),
        ("l", 1, None),
        ("k", 1, ("q3", None)),
        ("k", 1, ("q4", None)),
        ("k", 1, ("q3", 0)),
        ("k", 1, ("q3", 1)),
    ]
    assert len({idempotency_key(*asking) for asking in askings}) == len(askings)
