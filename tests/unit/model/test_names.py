import pytest

from gather_once.model import names
from gather_once.model.names import RunOf, whose


def test_the_first_run_has_the_gathers_own_id() -> None:
    assert names.root_id("q3", 1) == "q3"
    assert names.root_id("q3", 2) == "q3:2"


def test_every_child_says_whose_it_is() -> None:
    assert names.child_id("q3", 1, "rates") == "q3:1:rates"
    assert names.part_id("q3", 2, "scores", 7) == "q3:2:scores:7"
    assert names.part_spread_id("q3", 2, "scores", (0, 19)) == "q3:2:scores:s0.19"
    assert names.successor_spread_id("q3", 1, "rates", (3,)) == "q3:1:rates:t3"
    assert names.successor_spread_id("q3", 1, None, (3,)) == "q3:1::t3"


def test_no_instance_id_is_longer_than_the_host_takes() -> None:
    longest = names.part_spread_id("i" * 48, 999_999, "a" * 32, (19, 49))
    assert len(longest) <= 100


@pytest.mark.parametrize(
    ("instance", "expected"),
    [
        ("q3", RunOf("q3", 1)),
        ("q3:2", RunOf("q3", 2)),
        ("q3:1:rates", RunOf("q3", 1)),
        ("q3:12::t3", RunOf("q3", 12)),
        ("ID_0123", None),
        ("Q3", None),
        ("q3:0", None),
        ("q3:01:rates", None),
        ("", None),
    ],
)
def test_an_instance_id_tells_the_gather_and_the_run(instance: str, expected: RunOf | None) -> None:
    assert whose(instance) == expected


@pytest.mark.parametrize("text", ["", "-a", "A", "a_b", "a" * 49, "a\n", "a:1", "ä"])
def test_what_cannot_be_a_gathers_id(text: str) -> None:
    assert not names.is_gather_id(text)


@pytest.mark.parametrize("text", ["", "1a", "A", "a-b", "a" * 33, "a\n", "each"])
def test_what_cannot_be_an_asks_name(text: str) -> None:
    assert not names.is_ask_name(text)


def test_no_two_functions_have_the_same_name() -> None:
    assert not names.ORCHESTRATORS & names.ACTIVITIES
