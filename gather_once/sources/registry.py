"""The registry of sources by kind of ask."""

from collections.abc import Mapping
from typing import Final

from gather_once.model.settings import Settings
from gather_once.plans.asks import HumanAsk
from gather_once.plans.plan import Plan, parse_plan
from gather_once.sources.blob import BlobSource
from gather_once.sources.compute import ComputeSource
from gather_once.sources.functions import REGISTRY
from gather_once.sources.http import HttpSource
from gather_once.sources.port import Source
from gather_once.sources.sql.source import SqlSource

_SOURCES: Final[Mapping[str, Source]] = {
    source.kind: source for source in (HttpSource(), SqlSource(), BlobSource(), ComputeSource())
}

KINDS: Final = frozenset({*_SOURCES, HumanAsk.kind})
"""The kinds of ask that can be put here: those that a source answers for, and questions to humans,
for which nobody is called."""

FUNCTIONS: Final = REGISTRY.versions
"""The functions that can be computed: versions by name, and whether each takes shards."""
NEWEST: Final = REGISTRY.newest
"""The newest version of each function."""


class UnknownKind(LookupError):
    """No source is registered for this kind of ask."""


def read_plan(raw: object, settings: Settings, *, id: str | None = None) -> Plan:
    """Parse a plan with the kinds and functions of this registry; raises InvalidPlan."""
    return parse_plan(raw, settings, id=id, kinds=KINDS, functions=FUNCTIONS)


def source_for(kind: str) -> Source:
    """Return the source for asks `from` this kind; raises UnknownKind."""
    if kind not in _SOURCES:
        raise UnknownKind(f"no source is called {kind!r}; there are {', '.join(sorted(KINDS))}")
    return _SOURCES[kind]
