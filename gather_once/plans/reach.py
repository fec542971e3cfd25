"""Which names an expression reads from its root: the asks it needs, before any of them is known.

JMESPath looks a name up in what stands to its left; only what has nothing to its left looks into
the root, which here holds the answers by ask. Nodes as jmespath.ast builds them.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from jmespath.functions import Functions

DEEPEST: Final = 30
"""Levels of an expression's syntax tree."""

Node = Mapping[str, Any]


class Unreadable(ValueError):
    """The expression reads in a way that does not tell which asks it needs."""


def names_read_by(tree: Node) -> frozenset[str]:
    """Return the names that a parsed expression looks up in its root; raises Unreadable."""
    for node, depth in _nodes_of(tree):
        if depth > DEEPEST:
            raise Unreadable(f"it is nested more than {DEEPEST} levels deep; make it simpler")
        if node["type"] == "function_expression":
            _check_call(node["value"], len(node["children"]))
    return frozenset(_names(tree))


def _nodes_of(tree: Node) -> Iterator[tuple[Node, int]]:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting += [(child, depth + 1) for child in node["children"] if isinstance(child, dict)]


def _check_call(name: str, given: int) -> None:
    known = Functions().FUNCTION_TABLE
    if name not in known:
        raise Unreadable(f"there is no function {name}; JMESPath has {', '.join(sorted(known))}")
    signature = known[name]["signature"]
    is_open = bool(signature) and signature[-1].get("variadic", False)
    if given < len(signature) or (given > len(signature) and not is_open):
        at_least = "at least " if is_open else ""
        raise Unreadable(f"{name} takes {at_least}{len(signature)} arguments, not {given}")


def _names(node: Node) -> Iterator[str]:
    """Walk the part of the tree that is evaluated on the root."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield node["value"]
    elif kind not in _ON_ROOT:
        raise Unreadable(
            "it reads the answers as a whole, so nobody can tell which asks it needs;"
            " begin with the name of an ask"
        )
    else:
        for child in _ON_ROOT[kind](children):
            yield from _names(child)


def _all(children: list[Node]) -> list[Node]:
    return children


def _first(children: list[Node]) -> list[Node]:
    return children[:1]


def _values(children: list[Node]) -> list[Node]:
    """`&x` is applied to the elements of another argument, never to the root."""
    return [child for child in children if child["type"] != "expref"]


_ON_ROOT: Final[Mapping[str, Callable[[list[Node]], list[Node]]]] = {
    "and_expression": _all,
    "comparator": _all,
    "filter_projection": _first,
    "flatten": _first,
    "function_expression": _values,
    "index_expression": _first,
    "key_val_pair": _all,
    "literal": _all,
    "multi_select_dict": _all,
    "multi_select_list": _all,
    "not_expression": _all,
    "or_expression": _all,
    "pipe": _first,
    "projection": _first,
    "subexpression": _first,
    "value_projection": _first,
}
"""What of a node's children is evaluated where the node itself is.

Absent are `current` (@) and `identity` (`*`, `[*]`, `[?...]` with nothing to their left), which
would be the root itself, and `expref` outside a call, which gives no value.
"""
