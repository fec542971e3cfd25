"""What can be wrong with an ask as it was sent, beyond the form of its fields."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gather_once.model.errors import Flaw
from gather_once.model.meaning import meant
from gather_once.model.names import EACH
from gather_once.model.settings import Settings
from gather_once.plans.address import outline
from gather_once.plans.asks import KINDS
from gather_once.plans.expressions import BadExpression, read_template, texts_in
from gather_once.plans.fitting import misfits
from gather_once.plans.secrecy import flaws_in_headers, flaws_in_query, flaws_in_url

Functions = Mapping[str, Mapping[int, bool]]
"""The functions that can be computed: versions by name, and whether each takes shards."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is accepted here: limits, places, kinds of source, functions with their versions."""

    settings: Settings
    kinds: Collection[str]
    functions: Functions | None = None


def flaws_in(kind: str, ask: Mapping[str, Any], terms: Terms | None) -> Iterator[Flaw]:
    """Find what the form of fields does not tell; without terms, nothing that they rule."""
    if terms and kind not in terms.kinds:
        known = ", ".join(sorted(terms.kinds))
        yield ("from",), f"{kind} is not available here; there are {known}"
    if terms and kind == "compute" and terms.functions is not None:
        yield from _flaws_of_function(ask, terms.functions)
    yield from misfits(kind, ask)
    yield from _secrets_in(ask)
    yield from _flaws_of_expressions(ask, KINDS[kind].resolved_fields)


def _flaws_of_function(ask: Mapping[str, Any], functions: Functions) -> Iterator[Flaw]:
    name, version, shards = (ask.get(field) for field in ("function", "version", "shards"))
    if not isinstance(name, str):
        return
    if name not in functions:
        yield ("function",), f"there is no function {name[:64]}{meant(name, functions)}"
        return
    versions = functions[name]
    if isinstance(version, int) and version not in versions:
        known = ", ".join(map(str, sorted(versions)))
        yield ("version",), f"{name} has no version {version}; there are {known}"
    elif isinstance(shards, int) and shards > 1 and not versions[version or max(versions)]:
        yield ("shards",), f"{name} is not made for shards; leave `shards` out"


def _secrets_in(ask: Mapping[str, Any]) -> Iterator[Flaw]:
    headers, query, url = ask.get("headers"), ask.get("query"), ask.get("url")
    if isinstance(headers, dict):
        yield from ((("headers", *path), what) for path, what in flaws_in_headers(headers))
    if isinstance(query, dict):
        yield from ((("query", *path), what) for path, what in flaws_in_query(query))
    if isinstance(url, str):
        yield from ((("url",), what) for what in flaws_in_url(_outline(url)))


def _outline(url: str) -> str:
    try:
        return outline(read_template(url))
    except BadExpression:
        return url


def _flaws_of_expressions(ask: Mapping[str, Any], fields: Collection[str]) -> Iterator[Flaw]:
    for field in fields:
        for path, text in texts_in(ask.get(field), (field,)):
            try:
                names = read_template(text).names
            except BadExpression as error:
                yield path, str(error)
            else:
                if EACH in names and (ask.get("each") is None or field == "each"):
                    yield path, "`each` is the item of a list; say `each` for this ask, elsewhere"
