"""The app of the scenarios on a host of its own."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from devhost.testing import SpawnedHost

APP = Path(__file__).parents[1] / "app"
RECORDINGS = Path(__file__).parents[1] / "recordings"
VERSIONED = {"hubName": "scenv", "defaultVersion": "1.5"}
"""What host.json says of versions in the second of the two recordings."""

SETTINGS = {"extension": {}, "versions": VERSIONED}
"""The recordings, by file name, and how the host.json of each differs from the app's."""


@contextmanager
def hosted(recording: str, folder: Path) -> Iterator[str]:
    """Serve the app of a recording from a folder that is empty; yield its address."""
    app = folder / "app"
    shutil.copytree(APP, app, ignore=shutil.ignore_patterns("__pycache__"))
    settings = json.loads((app / "host.json").read_text(encoding="utf-8"))
    settings["extensions"]["durableTask"] |= SETTINGS[recording]
    (app / "host.json").write_text(json.dumps(settings), encoding="utf-8")
    with SpawnedHost(app, folder / "state") as host:
        yield host.url
