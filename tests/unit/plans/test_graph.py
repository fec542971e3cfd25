from hypothesis import given
from hypothesis import strategies as st

from gather_once.model.settings import Settings
from gather_once.plans.graph import cycles_in, needs_of, order_of, peel, successors_of
from gather_once.plans.plan import Plan, parse_plan

ASKS = [f"a{n}" for n in range(6)]


def a_plan() -> Plan:
    url = "https://example.com/"
    asks = {
        "report": {"from": "http", "url": url + "${rates.day}", "needs": ["scores"]},
        "scores": {"from": "http", "url": url + "${each.id}", "each": "${clients.items}"},
        "clients": {"from": "http", "url": url, "headers": {"x-day": "${rates.day}"}},
        "rates": {"from": "http", "url": url},
        "alone": {"from": "http", "url": url},
    }
    return parse_plan({"asks": asks}, Settings())


def test_an_ask_needs_what_it_says_and_what_its_expressions_name() -> None:
    assert needs_of(a_plan().asks) == {
        "report": {"scores", "rates"},
        "scores": {"clients"},
        "clients": {"rates"},
        "rates": set(),
        "alone": set(),
    }


def test_successors_come_in_the_plans_order() -> None:
    assert successors_of(a_plan().asks) == {
        "report": (),
        "scores": ("report",),
        "clients": ("scores",),
        "rates": ("report", "clients"),
        "alone": (),
    }


def test_the_order_puts_every_ask_after_its_needs() -> None:
    assert order_of(a_plan().asks) == ("rates", "alone", "clients", "scores", "report")


def test_a_cycle_is_told_from_its_first_ask_on() -> None:
    needs = {
        "x": frozenset({"b"}),
        "a": frozenset({"c"}),
        "b": frozenset({"a"}),
        "c": frozenset({"b"}),
        "self": frozenset({"self"}),
    }
    assert list(cycles_in(needs)) == [("a", "c", "b"), ("self",)]


GRAPHS = st.fixed_dictionaries(
    {ask: st.frozensets(st.sampled_from(ASKS), max_size=3) for ask in ASKS}
)


@given(GRAPHS)
def test_a_graph_has_an_order_or_a_cycle(needs: dict[str, frozenset[str]]) -> None:
    order, rest = peel(needs)
    cycles = list(cycles_in(needs))
    assert bool(rest) == bool(cycles)
    for number, ask in enumerate(order):
        assert needs[ask] <= set(order[:number])
    for cycle in cycles:
        for ask, needed in zip(cycle, (*cycle[1:], cycle[0]), strict=True):
            assert needed in needs[ask]


@given(GRAPHS)
def test_without_one_ask_of_each_cycle_no_told_cycle_is_left(
    needs: dict[str, frozenset[str]],
) -> None:
    told = [ask for cycle in cycles_in(needs) for ask in cycle]
    assert len(told) == len(set(told))
