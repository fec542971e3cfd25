"""A guess at what was meant by a name that is not known."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_SHOWN: Final = 20


def meant(name: str, known: Iterable[str]) -> str:
    """Return "; did you mean ...?" where a known name is near, else what there is."""
    names = list(known)
    near = get_close_matches(name, names, n=1)
    if near:
        return f"; did you mean `{near[0]}`?"
    more = ", …" if len(names) > _SHOWN else ""
    return f"; there are {', '.join(names[:_SHOWN])}{more}" if names else "; there are none"
