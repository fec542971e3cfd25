"""The graph of a plan's asks: needs, successors, a topological order, and cycles."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from gather_once.plans.asks import Ask

Needs = Mapping[str, frozenset[str]]
"""For each ask, in the plan's order, the asks that it needs; all of them are in the plan."""


def peel(needs: Needs) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the asks in topological order, and those in or behind a cycle, which have none."""
    order: list[str] = []
    done: set[str] = set()
    rest = list(needs)
    while ready := [ask for ask in rest if needs[ask] <= done]:
        order += ready
        done.update(ready)
        rest = [ask for ask in rest if ask not in done]
    return tuple(order), tuple(rest)


def cycles_in(needs: Needs) -> Iterator[tuple[str, ...]]:
    """Yield disjoint cycles, each starting with its first ask in the plan."""
    _, rest = peel(needs)
    while rest:
        cycle = _a_cycle(needs, rest)
        yield cycle
        left = {ask: needs[ask] & (set(rest) - set(cycle)) for ask in rest if ask not in cycle}
        _, rest = peel(left)


def _a_cycle(needs: Needs, rest: Sequence[str]) -> tuple[str, ...]:
    """Return one cycle of `rest`, each of which needs another one of `rest`."""
    path = [rest[0]]
    while (needed := _first_of(needs[path[-1]], rest)) not in path:
        path.append(needed)
    cycle = path[path.index(needed) :]
    start = min(range(len(cycle)), key=lambda number: rest.index(cycle[number]))
    return (*cycle[start:], *cycle[:start])


def _first_of(asks: Collection[str], among: Sequence[str]) -> str:
    return next(ask for ask in among if ask in asks)


def needs_of(asks: Mapping[str, Ask]) -> Needs:
    """Return for each ask, in the plan's order, the asks that it needs, `${...}` included."""
    return {name: ask.needed() for name, ask in asks.items()}


def successors_of(asks: Mapping[str, Ask]) -> Mapping[str, tuple[str, ...]]:
    """Return for each ask those that need it, in the plan's order."""
    needs = needs_of(asks)
    return {name: tuple(other for other in needs if name in needs[other]) for name in needs}


def order_of(asks: Mapping[str, Ask]) -> tuple[str, ...]:
    """Return the asks in topological order; independent ones keep the plan's order."""
    return peel(needs_of(asks))[0]
