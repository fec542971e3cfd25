"""Loads a function app as the Python worker does: settings, host.json, import, index, checks."""

import contextlib
import importlib
import json
import logging
import re
import tempfile
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from types import ModuleType
from typing import Any

from azure.functions import FunctionRegister

from devhost import place
from devhost.appsettings import AppNotLoadable, is_switched_off, resolve_settings
from devhost.cautions import cautions
from devhost.functions import Binding, FunctionInfo, LoadedApp
from devhost.hostjson import HostConfig, read_host_json
from devhost.localsettings import read_local_settings
from devhost.validation import examine

__all__ = [
    "AppNotLoadable",
    "Binding",
    "FunctionInfo",
    "LoadedApp",
    "load_app",
    "resolve_settings",
]

_FILE_NAME = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9_\-]*\.py$")
_log = logging.getLogger(__name__)


def load_app(app_dir: Path, environ: MutableMapping[str, str]) -> LoadedApp:
    """Import and index the app in this process; loading the same folder again is a fresh start.

    Its values of local.settings.json go into `environ`, which should be what the app reads. The
    process is in the app's folder afterwards (`devhost.place.leave` takes it back).

    Raises:
        AppNotLoadable: the app, host.json or a setting does not allow it.
    """
    root = app_dir.resolve()
    read_local_settings(root).put_into(environ)
    environ["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development"
    environ["AzureWebJobsScriptRoot"] = str(root)
    entry = root / _entry_name(environ)
    if not entry.is_file():
        raise AppNotLoadable(
            f"{entry} is not there. devhost runs apps of the Python v2 model, whose functions are "
            "declared by decorators in function_app.py; name the folder that holds it."
        )
    host = read_host_json(root, environ)  # first: the SDK reads it on import, and says less
    place.enter(root)
    if host.is_followed_by_text:
        _import_sdk_elsewhere()
    indexed = _indexed(_imported(root, entry), entry)
    functions = tuple(_described(one, host, environ) for one in indexed)
    for function in functions:
        examine(function)
        for caution in cautions(function):
            _log.warning(caution)
    return LoadedApp(root, functions, host)


def _entry_name(environ: Mapping[str, str]) -> str:
    name = environ.get("PYTHON_SCRIPT_FILE_NAME") or "function_app.py"
    if not _FILE_NAME.match(name):
        raise AppNotLoadable(
            f"Invalid file name: {name}. The worker takes a file in the app's folder for "
            "PYTHON_SCRIPT_FILE_NAME, named by letters, digits, '_' and '-' before '.py'."
        )
    return name


def _imported(root: Path, entry: Path) -> ModuleType:
    place.forget_entry_module(root, entry.stem)
    try:
        return importlib.import_module(entry.stem)
    except Exception as error:  # the module is a stranger's and may raise anything
        raise AppNotLoadable(f"{entry} cannot be imported.\n{_told(error, root)}") from error


def _import_sdk_elsewhere() -> None:
    """Import the SDK where it finds no host.json: it reads the one of the working folder."""
    with tempfile.TemporaryDirectory() as empty, contextlib.chdir(empty):
        importlib.import_module("azure.durable_functions")


def _told(error: Exception, root: Path) -> str:
    """Write the error with the frames that are the app's, and what to do if a module is missing."""
    frames = traceback.extract_tb(error.__traceback__)
    of_app = [one for one in frames if Path(one.filename).is_relative_to(root)]
    lines = [*traceback.format_list(of_app), *traceback.format_exception_only(error)]
    if isinstance(error, ImportError):
        lines.append("Install what the app's requirements.txt names into this environment.")
    return "".join(lines).rstrip()


def _indexed(module: ModuleType, entry: Path) -> list[Any]:
    apps = [value for value in vars(module).values() if isinstance(value, FunctionRegister)]
    if not apps:
        raise AppNotLoadable(f"Could not find top level function app instances in {entry.name}.")
    if len(apps) > 1:
        raise AppNotLoadable(
            f"More than one {type(apps[0]).__name__} or other top level function app instances "
            f"are defined. Keep one in {entry}, and register blueprints with it."
        )
    try:
        return list(apps[0].get_functions())
    except ValueError as error:  # no trigger, a second one, a name used twice
        raise AppNotLoadable(str(error)) from error


def _described(
    function: Any,  # noqa: ANN401  the library's Function has no types
    host: HostConfig,
    environ: MutableMapping[str, str],
) -> FunctionInfo:
    name = function.get_function_name()
    bindings = tuple(_binding(json.loads(text)) for text in function.get_raw_bindings())
    trigger = function.get_trigger()
    return FunctionInfo(
        name=name,
        user_function=function.get_user_function(),
        trigger=next(one for one in bindings if one.name == trigger.name),
        bindings=bindings,
        retry=function.get_settings_dict("retry_policy"),
        disabled=is_switched_off(name, environ) or not host.serves(name),
    )


def _binding(raw: dict[str, Any]) -> Binding:
    return Binding(raw["name"], raw["type"], is_out=raw.get("direction") == "OUT", settings=raw)
