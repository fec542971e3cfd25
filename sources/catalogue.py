"""Which source answers for which kind of ask."""

from collections.abc import Mapping
from typing import Final

from sources.blob import BlobSource
from sources.http import HttpSource
from sources.port import Source
from sources.sql import SqlSource

_SOURCES: Final[Mapping[str, Source]] = {
    source.kind: source for source in (HttpSource(), SqlSource(), BlobSource())
}

KINDS: Final = frozenset(_SOURCES)
"""The kinds of ask that a source answers for."""


class UnknownKind(LookupError):
    """No source answers for this kind of ask."""


def source_for(kind: str) -> Source:
    """Return the source that answers for asks `from` this kind; raises UnknownKind."""
    if kind not in _SOURCES:
        raise UnknownKind(f"no source is called {kind!r}; there are {', '.join(sorted(KINDS))}")
    return _SOURCES[kind]
