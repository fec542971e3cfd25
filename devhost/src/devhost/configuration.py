"""Looks into host.json as .NET's configuration does: names in any case, null as if left out."""

from collections.abc import Mapping
from typing import Any

from devhost.appsettings import AppNotLoadable


def key(node: Mapping[str, Any], name: str) -> str:
    """Return the name as `node` spells it; the name itself if it is not there."""
    return next((found for found in node if found.lower() == name.lower()), name)


def section(raw: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the object at that path, empty if it is not there.

    Raises:
        AppNotLoadable: something else than an object is there.
    """
    found: Any = raw
    for part in path:
        found = found.get(key(found, part))
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise AppNotLoadable(f"'{'.'.join(path)}' in host.json must be an object.")
    return dict(found)
