"""Names in bindings: what storage allows, and expressions filled for each call."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from devhost.listeners.names import BadName, Expressions, queue_name

ID = UUID("01234567-89ab-cdef-0123-456789abcdef")
DATA = {
    "queueTrigger": "hello",
    "name": "n",
    "count": 3,
    "flag": True,
    "order": {"id": "7", "to": {"city": "Rome"}},
}


def filled(template: str) -> str:
    expressions = Expressions(lambda: ID, lambda: datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    return expressions.fill(template, DATA)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain/name.txt", "plain/name.txt"),
        ("c/{rand-guid}.txt", f"c/{ID}.txt"),
        ("c/{rand-guid:N}", f"c/{ID.hex}"),
        ("c/{sys.randguid}", f"c/{ID}"),
        ("c/{DateTime}", "c/2026-03-04T05-06-07Z"),
        ("c/{datetime:yyyy-MM/dd}", "c/2026-03/04"),
        ("c/{queueTrigger}", "c/hello"),
        ("c/{QUEUETRIGGER}-{name}", "c/hello-n"),
        ("c/{count}/{flag}", "c/3/True"),
        ("c/{order.id}/{order.to.city}", "c/7/Rome"),
    ],
)
def test_an_expression_stands_for_this(template: str, expected: str) -> None:
    assert filled(template) == expected


@pytest.mark.parametrize("template", ["{nobody}", "{order.nobody}", "{name.x}", "{}"])
def test_an_unknown_expression_says_what_is_known(template: str) -> None:
    with pytest.raises(BadName, match="the trigger brought count, flag, name, order, queueTrigger"):
        filled(template)


def test_queue_names_are_lower_case() -> None:
    assert queue_name("Work-2") == "work-2"


@pytest.mark.parametrize("name", ["ab", "a" * 64, "-abc", "abc-", "a--b", "a_b", "ä-bc", ""])
def test_what_is_no_queue_name_is_refused(name: str) -> None:
    with pytest.raises(BadName, match="no queue name"):
        queue_name(name)
