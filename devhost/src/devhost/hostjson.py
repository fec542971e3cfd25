"""Reads host.json the way the host does: app settings override it, and `version` must be 2.0."""

import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from devhost.appsettings import AppNotLoadable, resolve_settings, setting
from devhost.clock import parse_timespan

_LOG = logging.getLogger(__name__)
_DEFAULT_HUB = "TestHubName"
_LOCAL_TIMEOUT = timedelta(minutes=30)
_OVERRIDE = "azurefunctionsjobhost"
_HUB_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{2,49}")


@dataclass(frozen=True)
class HostConfig:
    """What host.json says.

    `durable` and `queues` are the raw sections `extensions.durableTask` and `extensions.queues`;
    a value that came from an app setting is text, whatever its type in host.json would be.
    `is_followed_by_text` says that the file goes on after its JSON object.
    """

    route_prefix: str = "api"
    hub_name: str = _DEFAULT_HUB
    function_timeout: timedelta | None = _LOCAL_TIMEOUT
    durable: Mapping[str, Any] = field(default_factory=dict)
    queues: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)
    is_followed_by_text: bool = False

    def serves(self, function_name: str) -> bool:
        """Say whether the list `functions`, where there is one, names this function."""
        listed = self.raw.get("functions") or ()
        names = listed.values() if isinstance(listed, Mapping) else listed
        return not names or function_name.lower() in {str(name).lower() for name in names}


def read_host_json(app_dir: Path, environ: Mapping[str, str]) -> HostConfig:
    """Read host.json of the app; without one the defaults hold.

    Settings such as `AzureFunctionsJobHost__extensions__durableTask__hubName` override it.

    Raises:
        AppNotLoadable: it is not one JSON object, or says something that cannot be.
    """
    path = app_dir / "host.json"
    raw, is_followed_by_text = _document(path)
    _override(raw, environ)
    durable = _section(raw, "extensions", "durableTask")
    http = _section(raw, "extensions", "http")
    return HostConfig(
        route_prefix=str(http.get("routePrefix", "api")).strip("/"),
        hub_name=_hub_name(durable, environ, path),
        function_timeout=_timeout(raw, path),
        durable=durable,
        queues=_section(raw, "extensions", "queues"),
        raw=raw,
        is_followed_by_text=is_followed_by_text,
    )


def _document(path: Path) -> tuple[dict[str, Any], bool]:
    """Return the object in the file, and whether there is more after it, which is left out."""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
        document, end = json.JSONDecoder().raw_decode(text)
    except FileNotFoundError:
        return {"version": "2.0"}, False
    except json.JSONDecodeError as error:
        raise AppNotLoadable(
            f"{path}, line {error.lineno}, column {error.colno}: {error.msg}. "
            "host.json must be one JSON object without comments: the Python SDK reads it too."
        ) from error
    except UnicodeDecodeError as error:
        raise AppNotLoadable(f"{path} is not UTF-8 text ({error}). Save it as UTF-8.") from error
    if not isinstance(document, dict) or document.get("version") != "2.0":
        raise AppNotLoadable(f'{path} must be an object that says "version": "2.0".')
    if end < len(text):  # so are the files of published samples
        _LOG.warning(
            "%s goes on after the end of its JSON object, in line %d. devhost reads the first "
            "object alone; the Python SDK and the real host refuse such a file: delete the rest.",
            *(path, text.count("\n", 0, end) + 1),
        )
    return document, end < len(text)


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, text in environ.items():
        first, *path = name.replace(":", "__").split("__")
        if first.lower() == _OVERRIDE and path:
            _put(raw, path, text)


def _put(node: dict[str, Any], path: list[str], text: str) -> None:
    *sections, last = path
    for part in sections:
        key = _key(node, part)
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
    node[_key(node, last)] = text


def _section(raw: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    found: Any = raw
    for part in path:
        found = found.get(_key(found, part)) or {}
        if not isinstance(found, dict):
            raise AppNotLoadable(f"'{'.'.join(path)}' in host.json must be an object.")
    return dict(found)


def _key(node: Mapping[str, Any], name: str) -> str:
    """Return the key spelt as in the file: the host's configuration ignores case."""
    return next((key for key in node if key.lower() == name.lower()), name)


def _hub_name(durable: Mapping[str, Any], environ: Mapping[str, str], path: Path) -> str:
    declared = durable.get(_key(durable, "hubName"))
    if not declared:
        site = re.sub(r"[^A-Za-z0-9]", "", setting("WEBSITE_SITE_NAME", environ) or "")
        return site or _DEFAULT_HUB
    name = resolve_settings(str(declared), environ)
    if not _HUB_NAME.fullmatch(name):
        raise AppNotLoadable(
            f"hubName '{name}' in {path} must be 3 to 45 letters and digits, a letter first."
        )
    return name


def _timeout(raw: Mapping[str, Any], path: Path) -> timedelta | None:
    text = raw.get("functionTimeout")
    if text is None:
        return _LOCAL_TIMEOUT
    if str(text) == "-1":
        return None
    try:
        return parse_timespan(str(text))
    except ValueError as error:
        raise AppNotLoadable(
            f"functionTimeout '{text}' in {path} must be hh:mm:ss, or -1 for none."
        ) from error
