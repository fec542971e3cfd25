"""Gives one app at a time its place in this process: import path, folder, modules.

A worker process has one app in it. A process that loads several, one after the other, must not
let `import model` of one find another's: the modules of an app that is left are set aside, and are
the same objects again when it comes back.
"""

import importlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from azure.functions import FunctionRegister

# This package and tests that are running may lie in an app's folder; they belong to the process.
_NOT_THE_APPS = frozenset({"devhost", "tests", "conftest", "__main__"})


@dataclass(frozen=True)
class _Home:
    """Where the process was before an app was entered."""

    folder: Path
    import_path: tuple[str, ...]


class _Place:
    """The process's one place: who is in it, and what is set aside."""

    def __init__(self) -> None:
        self.home: _Home | None = None
        self.app: Path | None = None
        self.set_aside: dict[Path, dict[str, ModuleType]] = {}


_place = _Place()


def enter(root: Path) -> None:
    """Make `root` the working folder and the first of the import path, and forget other apps.

    The folder the process was started from leaves the import path.
    """
    home = _place.home or _Home(Path.cwd(), tuple(sys.path))
    _exchange(_place.app or home.folder, root)
    entries = [home.folder / entry for entry in home.import_path]
    os.chdir(root)
    sys.path[:] = [str(root), *(str(one) for one in entries if one not in {home.folder, root})]
    importlib.invalidate_caches()
    _place.home, _place.app = home, root


def leave() -> None:
    """Put the process back to where it was before the first app was entered."""
    if _place.home is None or _place.app is None:
        return
    _exchange(_place.app, _place.home.folder)
    os.chdir(_place.home.folder)
    sys.path[:] = _place.home.import_path
    _place.home = _place.app = None


def forget_entry_module(root: Path, name: str) -> None:
    """Make the next import of the entry file run it afresh.

    An app object can be indexed once. Blueprints can be registered again, so their modules stay;
    where another module makes an app object, all of the app's modules are forgotten, as its
    decorators have to run again.
    """
    sys.modules.pop(name, None)
    others = modules_of(root)
    if any(_holds_an_app(module) for module in others.values()):
        for one in others:
            del sys.modules[one]


def modules_of(folder: Path) -> dict[str, ModuleType]:
    """Return the imported modules that lie where an import from this folder looks for them."""
    return {
        name: module for name, module in list(sys.modules.items()) if _belongs(name, module, folder)
    }


def _belongs(name: str, module: ModuleType, folder: Path) -> bool:
    if name.partition(".")[0] in _NOT_THE_APPS:
        return False
    stem = str(folder.joinpath(*name.split(".")))
    facts = getattr(module, "__dict__", {})  # asking a lazy module for an attribute would load it
    return facts.get("__file__") == f"{stem}.py" or stem in (facts.get("__path__") or ())


def _exchange(left: Path, entered: Path) -> None:
    if left == entered:
        return
    _place.set_aside[left] = modules_of(left)
    for name in _place.set_aside[left]:
        del sys.modules[name]
    sys.modules.update(_place.set_aside.pop(entered, {}))


def _holds_an_app(module: ModuleType) -> bool:
    return any(isinstance(value, FunctionRegister) for value in list(vars(module).values()))
