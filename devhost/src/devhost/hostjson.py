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
from devhost.configuration import key, section
from devhost.durableoptions import DurableOptions, read_durable_options

_LOG = logging.getLogger(__name__)
_DEFAULT_HUB = "TestHubName"
_LOCAL_TIMEOUT = timedelta(minutes=30)
_OVERRIDE = "azurefunctionsjobhost"
_BYTE_ORDER_MARK = "\ufeff"
_LONGEST_SITE = 45
_SHORTEST_SITE = 3


@dataclass(frozen=True)
class HostConfig:
    """What host.json says.

    `durable` and `queues` are the raw sections `extensions.durableTask` and `extensions.queues`;
    a value that came from an app setting is text, whatever its type in host.json would be.
    `options` is what the former says, checked.
    `is_followed_by_text` says that the file goes on after its JSON object.
    """

    route_prefix: str = "api"
    hub_name: str = _DEFAULT_HUB
    function_timeout: timedelta | None = _LOCAL_TIMEOUT
    options: DurableOptions = field(default_factory=DurableOptions)
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
    durable = section(raw, "extensions", "durableTask")
    hub_name = _hub_name(durable, environ)
    http = section(raw, "extensions", "http")
    return HostConfig(
        route_prefix=str(http.get("routePrefix", "api")).strip("/"),
        hub_name=hub_name,
        function_timeout=_timeout(raw, path),
        options=read_durable_options(durable, hub_name),
        durable=durable,
        queues=section(raw, "extensions", "queues"),
        raw=raw,
        is_followed_by_text=is_followed_by_text,
    )


def _document(path: Path) -> tuple[dict[str, Any], bool]:
    """Return the object in the file, and whether there is more after it, which is left out."""
    try:
        text = path.read_text(encoding="utf-8").strip()
        if text.startswith(_BYTE_ORDER_MARK):
            raise AppNotLoadable(
                f"{path} begins with a byte order mark. The Functions host reads such a file, but "
                "the Python SDK, which reads it when it is imported, does not: save it as UTF-8 "
                "without a byte order mark."
            )
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
        name = key(node, part)
        if not isinstance(node.get(name), dict):
            node[name] = {}
        node = node[name]
    node[key(node, last)] = text


def _hub_name(durable: Mapping[str, Any], environ: Mapping[str, str]) -> str:
    declared = durable.get(key(durable, "hubName"))
    if declared is None:
        return _hub_of_site(setting("WEBSITE_SITE_NAME", environ) or _DEFAULT_HUB)
    return resolve_settings(str(declared), environ)


def _hub_of_site(site: str) -> str:
    """Return the site's name as the extension makes a hub's name of it."""
    letters = re.sub(r"[^A-Za-z0-9]", "", site)
    if not letters:
        return "DefaultTaskHub"
    name = ("t" + letters if letters[0].isdigit() else letters)[:_LONGEST_SITE]
    return name if len(name) >= _SHORTEST_SITE else name + "Hub"


def _timeout(raw: Mapping[str, Any], path: Path) -> timedelta | None:
    text = raw.get("functionTimeout")
    if text is None:
        return _LOCAL_TIMEOUT
    if str(text) == "-1":
        return None
    try:
        timeout = parse_timespan(str(text))
    except ValueError:
        timeout = timedelta()
    if timeout <= timedelta():
        raise AppNotLoadable(
            f"functionTimeout '{text}' in {path} must be hh:mm:ss, or -1 for none."
        )
    return timeout
