"""`${...}`: JMESPath over earlier answers, alone or inside a text, and the names it reads."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, Final
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from gather_once.model.errors import Path, pointer_to

LONGEST: Final = 1_000
"""Characters of one expression."""
MOST_VALUES: Final = 10_000_000
"""Values in the result of one expression, whose size can be exponential in its length."""
MOST_CHARACTERS: Final = 64 * 1024 * 1024
"""Characters of all texts in the result of one expression."""

_SHOWN: Final = 80

_OPENING: Final = re.compile(r"\$?\$\{")
_PIECE: Final = re.compile(
    r"""'(?:[^'\\]|\\.)*' | `(?:[^`\\]|\\.)*` | "(?:[^"\\]|\\.)*" | [{}] | [^'`"{}]+""",
    re.DOTALL | re.VERBOSE,
)
"""A token: a quoted piece of JMESPath, a brace, or other characters."""


class BadExpression(ValueError):
    """The text has a `${...}` with a syntax error."""


class NotResolved(Exception):
    """An expression cannot be evaluated, or its result does not fit the field."""

    def __init__(self, pointer: str, message: str) -> None:
        self.pointer, self.message = pointer, message
        super().__init__(f"{pointer}: {message}")


@dataclass(frozen=True, slots=True)
class Expression:
    """One `${...}`: its JMESPath text, and the names (asks, `each`) that it reads."""

    text: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Template:
    """A text in parts: literal ones and expressions, in order."""

    parts: tuple[str | Expression, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names (asks, `each`) that its expressions read."""
        return frozenset().union(*(p.names for p in self.parts if isinstance(p, Expression)))

    @property
    def is_one_expression(self) -> bool:
        """Whether it keeps the type of what its one expression gives."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Expression)


def read_template(text: str) -> Template:
    """Cut a text into literal parts and expressions; raises BadExpression."""
    if "${" not in text:
        return Template((text,) if text else ())
    return _cut(text)


def texts_in(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:  # noqa: ANN401  # any JSON value
    """Yield every text in a JSON value with the path to it; names of members are not texts."""
    match value:
        case str():
            yield path, value
        case Mapping():
            for name, inner in value.items():
                yield from texts_in(inner, (*path, name))
        case list() | tuple():
            for number, inner in enumerate(value):
                yield from texts_in(inner, (*path, number))


def resolve(
    value: Any,  # noqa: ANN401  # any JSON value
    scope: Mapping[str, Any],
    *,
    in_url: bool = False,
    path: Path = (),
) -> Any:  # noqa: ANN401  # any JSON value
    """Return the JSON value with every expression in it replaced by what it gives.

    `scope` has the answers by ask, and the item as `each`. A text that is one whole expression
    takes its type; elsewhere the value is written into the text, percent-encoded if `in_url`.
    Raises NotResolved.
    """
    match value:
        case str():
            return _fill(read_template(value), scope, path, in_url=in_url)
        case Mapping():
            return {
                name: resolve(inner, scope, in_url=in_url, path=(*path, name))
                for name, inner in value.items()
            }
        case list() | tuple():
            return [
                resolve(inner, scope, in_url=in_url, path=(*path, number))
                for number, inner in enumerate(value)
            ]
        case _:
            return value


@lru_cache(maxsize=256)
def _cut(text: str) -> Template:
    parts: list[str | Expression] = []
    literal, at = "", 0
    while found := _OPENING.search(text, at):
        literal += text[at : found.start()]
        if found[0] == "$${":
            literal, at = literal + "${", found.end()
            continue
        end = _end_of(text, found.end())
        parts += [literal] if literal else []
        parts.append(_read_expression(text[found.end() : end].strip()))
        literal, at = "", end + 1
    literal += text[at:]
    return Template((*parts, literal) if literal else tuple(parts))


def _end_of(text: str, start: int) -> int:
    """Return the index of the closing brace, skipping JMESPath's three kinds of quoted pieces."""
    depth, at = 0, start
    while found := _PIECE.match(text, at):
        piece, at = found[0], found.end()
        if piece == "}" and depth == 0:
            return found.start()
        depth += {"{": 1, "}": -1}.get(piece, 0)
        if piece[0] == "`":
            _check_literal(piece)
    raise BadExpression(
        f"the expression that begins with {text[start - 2 : start + 20]!r} has no end;"
        " close it with }, or write $${ for a literal ${"
    )


def _check_literal(piece: str) -> None:
    """Reject unquoted text in backticks: JMESPath deprecates it and warns at every use."""
    try:
        json.loads(piece[1:-1].replace("\\`", "`"))
    except ValueError as error:
        raise BadExpression(f"{piece} is not JSON; write 'text' in single quotes") from error


def _read_expression(text: str) -> Expression:
    if not text or len(text) > LONGEST:
        raise BadExpression(f"an expression has 1 to {LONGEST} characters, this one {len(text)}")
    try:
        return Expression(text, names_read_by(jmespath.compile(text).parsed))
    except Unreadable as error:
        raise BadExpression(f"in {_shown(text)} {error}") from error
    except (JMESPathError, RecursionError) as error:
        reason = str(error).splitlines()[0].removesuffix(", for expression:")
        raise BadExpression(f"{_shown(text)} is not JMESPath: {reason}; correct it") from error


def _shown(text: str) -> str:
    return "${" + (text if len(text) <= _SHOWN else text[:_SHOWN] + "…") + "}"


def _fill(template: Template, scope: Mapping[str, Any], path: Path, *, in_url: bool) -> Any:  # noqa: ANN401  # any JSON value
    if template.is_one_expression:
        return _value(template.parts[0], scope, path)
    texts = (
        part if isinstance(part, str) else _in_text(part, scope, path, in_url=in_url)
        for part in template.parts
    )
    return "".join(texts)


def _in_text(expression: Expression, scope: Mapping[str, Any], path: Path, *, in_url: bool) -> str:
    value = _value(expression, scope, path)
    if value is None:
        raise NotResolved(
            pointer_to(*path),
            f"{_shown(expression.text)} is null, which cannot be part of a text;"
            f" write a default: ${{{expression.text} || 'unknown'}}",
        )
    text = (
        value
        if isinstance(value, str)
        else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    )
    return quote(text, safe="") if in_url else text


def _value(expression: str | Expression, scope: Mapping[str, Any], path: Path) -> Any:  # noqa: ANN401  # any JSON value
    text = expression if isinstance(expression, str) else expression.text
    try:
        value = jmespath.search(text, scope)
        _check_json(value)
    # JMESPath does not check the types of comparisons ("a" < 1) and sums (infinities), so Python's
    # own errors are raised.
    except (ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise NotResolved(
            pointer_to(*path), f"{_shown(text)} cannot be evaluated: {str(error)[:200]}"
        ) from error
    return value


def _check_json(value: Any) -> None:  # noqa: ANN401  # whatever JMESPath gives
    """Reject results that are not JSON, and results too large to be written within memory."""
    waiting, values, characters = [value], 0, 0
    while waiting:
        here = waiting.pop()
        values += 1
        match here:
            case Mapping():
                waiting += [*here.values(), *here]
            case list() | tuple():
                waiting += here
            case str():
                characters += len(here)
            case None | bool() | int():
                pass
            case float() if isfinite(here):
                pass
            case _:
                raise ValueError(
                    f"its result has a {type(here).__name__}, which is not a JSON value"
                )
        if values + len(waiting) > MOST_VALUES or characters > MOST_CHARACTERS:
            raise ValueError("its result is too large; select less")


DEEPEST: Final = 30
"""Levels of an expression's syntax tree."""

Node = Mapping[str, Any]


class Unreadable(ValueError):
    """The asks that the expression reads cannot be determined."""


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
    """Yield the names that the nodes evaluated on the root look up."""
    kind, children = node["type"], node["children"]
    if kind == "field":
        yield node["value"]
    elif kind not in _ON_ROOT:
        raise Unreadable(
            "it reads all answers at once, so its needs cannot be determined;"
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
"""The children of a node that are evaluated on the same value as the node, by type of node.

Not listed: `current` (@) and `identity` (`*`, `[*]`, `[?...]` with nothing to their left), which
are the root itself, and `expref` outside a call, which has no value.
"""
