"""Reads local.settings.json, and puts its values where the app looks: into the environment."""

import json
import logging
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from devhost.azurite.endpoints import ACCOUNT, SHORTHAND

_log = logging.getLogger(__name__)


class _Unusable(ValueError):
    """local.settings.json holds something that no app setting can be."""


@dataclass(frozen=True)
class LocalSettings:
    """What local.settings.json says; `host` is its raw section `Host` (port, CORS)."""

    values: Mapping[str, str] = field(default_factory=dict)
    host: Mapping[str, Any] = field(default_factory=dict)

    def put_into(self, environ: MutableMapping[str, str]) -> None:
        """Set every value, except where the environment has a non-empty one already."""
        for name, text in self.values.items():
            present = environ.get(name)
            if not present:
                environ[name] = text
            elif not _agrees(present, text):
                _log.info("'%s' of local.settings.json is ignored: the environment has it.", name)


def _agrees(present: str, text: str) -> bool:
    is_an_emulator = f"AccountName={ACCOUNT};" in present
    return present == text or (text == SHORTHAND and is_an_emulator)


def read_local_settings(app_dir: Path) -> LocalSettings:
    """Read local.settings.json of the app; one that cannot be used gives a warning, no values."""
    path = app_dir / "local.settings.json"
    try:
        return _settings(json.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        return LocalSettings()
    except ValueError as error:  # not JSON, not UTF-8, or _Unusable
        _log.warning("%s is ignored, the app gets none of its values: %s", path, error)
        return LocalSettings()


def _settings(document: object) -> LocalSettings:
    if not isinstance(document, dict):
        raise _Unusable("it must be a JSON object.")
    if document.get("IsEncrypted", True):
        raise _Unusable(
            'it counts as encrypted unless it says "IsEncrypted": false, and only the machine '
            "that encrypted it could read it."
        )
    values = _texts(document.get("Values"))
    values |= {
        f"ConnectionStrings:{name}": text
        for name, text in _texts(_unwrapped(document.get("ConnectionStrings"))).items()
    }
    host = document.get("Host")
    return LocalSettings(values=values, host=host if isinstance(host, dict) else {})


def _texts(section: object) -> dict[str, str]:
    if section is not None and not isinstance(section, dict):
        raise _Unusable("Values and ConnectionStrings must be objects.")
    return {
        name: _text(name, value) for name, value in (section or {}).items() if value is not None
    }


def _text(name: str, value: object) -> str:
    if isinstance(value, (dict, list)):
        raise _Unusable(f"'{name}' holds a nested value; write it as text.")
    return value if isinstance(value, str) else json.dumps(value)


def _unwrapped(section: object) -> object:
    """Turn the long form `{"ConnectionString": text, "ProviderName": …}` into its text."""
    if not isinstance(section, dict):
        return section
    return {
        name: value.get("ConnectionString") if isinstance(value, dict) else value
        for name, value in section.items()
    }
