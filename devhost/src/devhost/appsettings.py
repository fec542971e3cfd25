"""What app settings decide while an app is loaded, and the one error loading ends in."""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"%([^%]+)%")
_ON = frozenset({"1", "true"})


class AppNotLoadable(Exception):
    """The app cannot be loaded as it is; the text says what, where and what to do."""


def setting(name: str, environ: Mapping[str, str]) -> str | None:
    """Return the app setting of that name, in any case, as the host's configuration does."""
    if name in environ:
        return environ[name]
    wanted = name.lower()
    return next((text for key, text in environ.items() if key.lower() == wanted), None)


def resolve_settings(text: str, environ: Mapping[str, str]) -> str:
    """Replace every `%NAME%` in a binding or host.json text by the app setting NAME, once.

    Raises:
        AppNotLoadable: such a setting is missing or empty.
    """

    def value(match: re.Match[str]) -> str:
        found = setting(match[1], environ)
        if not found:
            raise AppNotLoadable(
                f"'%{match[1]}%' (in '{text}') does not resolve to a value: put {match[1]} into "
                "the environment or into Values of local.settings.json."
            )
        return found

    return _REFERENCE.sub(value, text)


def is_switched_off(function_name: str, environ: Mapping[str, str]) -> bool:
    """Say whether an app setting disables the function (`AzureWebJobs.NAME.Disabled`)."""
    names = (f"AzureWebJobs.{function_name}.Disabled", f"AzureWebJobs_{function_name}_Disabled")
    return any((setting(name, environ) or "").lower() in _ON for name in names)
