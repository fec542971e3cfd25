"""Installs the pinned Azurite beside this file, once for each state of its lock file."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path

from devhost.azurite.errors import AzuriteMissing
from devhost.azurite.node import Node, find_node, run_or_missing
from devhost.filelock import FileLock

log = logging.getLogger(__name__)

HERE = Path(__file__).parent
_LOCK = ".installing"  # beside what it guards: a file in the shared temporary folder has one owner
_LONGEST_INSTALL = 600  # seconds to wait for another process that is installing


@dataclass(frozen=True)
class Installation:
    """An installed Azurite, and the Node.js that runs it."""

    node: str
    script: Path


def ensure_installed(folder: Path = HERE) -> Installation:
    """Return the Azurite that `folder`'s package-lock.json pins, installed first if it is not.

    Raises:
        AzuriteMissing: it is not there and could not be installed.
    """
    node = find_node()
    if not is_installed(folder):
        _install_alone(folder, node)
    return Installation(node.executable, folder / "node_modules/azurite/dist/src/azurite.js")


def is_installed(folder: Path = HERE) -> bool:
    """Say whether what is installed in `folder` came from its lock file as that is now."""
    try:
        return _stamp(folder).read_text() == _fingerprint(folder)
    except FileNotFoundError:
        return False


def _install_alone(folder: Path, node: Node) -> None:
    """Install while no other process does: npm cannot share a folder."""
    lock = FileLock(folder / _LOCK)
    try:
        taken = lock.take(within=_LONGEST_INSTALL)
    except OSError as error:
        raise AzuriteMissing(
            f"Azurite cannot be installed in {folder} ({error.strerror}): make the folder "
            "writable, or start with --azurite off"
        ) from error
    if not taken:
        raise AzuriteMissing(
            f"another process (pid {lock.holder}) has been installing Azurite in {folder} for "
            "ten minutes: end it and try again"
        )
    try:
        if not is_installed(folder):
            _install(folder, node)
    finally:
        lock.release()


def _install(folder: Path, node: Node) -> None:
    log.info("Installing Azurite in %s (once; takes about half a minute)", folder)
    _stamp(folder).unlink(missing_ok=True)
    run_or_missing(
        [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        f"Azurite cannot be installed in {folder}",
        folder,
    )
    _stamp(folder).write_text(_fingerprint(folder))


def _stamp(folder: Path) -> Path:
    return folder / "node_modules" / ".devhost-installed"


def _fingerprint(folder: Path) -> str:
    return hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
