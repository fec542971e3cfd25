"""Apps written as files, each in a folder of its own, and loaded into this process."""

import os
import subprocess
import sys
from collections.abc import MutableMapping
from pathlib import Path

import devhost
from devhost.loader import LoadedApp, load_app

_HEAD = "import azure.functions as func\nimport azure.durable_functions as df\napp = df.DFApp()\n"


class AppFolder:
    """A folder with an app in it, as somebody wrote it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.environ: MutableMapping[str, str] = {}
        path.mkdir()
        self.writes("host.json", '{"version": "2.0"}')

    def writes(self, name: str, text: str) -> None:
        file = self.path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def has_functions(self, text: str) -> None:
        self.writes("function_app.py", _HEAD + text)

    def loads(self) -> LoadedApp:
        return load_app(self.path, self.environ)


def python_runs(script: str, folder: AppFolder, *, started_from: Path) -> tuple[str, str]:
    """Run a script in a process of its own, its `app_dir` the folder; return what it printed."""
    found_by = {"PYTHONPATH": str(Path(devhost.__path__[0]).parent)}
    head = f"import asyncio, os, pathlib, sys\napp_dir = pathlib.Path({str(folder.path)!r})\n"
    done = subprocess.run(
        [sys.executable, "-c", head + script],
        cwd=started_from,
        env=os.environ | found_by,
        capture_output=True,
        text=True,
        check=False,
        timeout=15,
    )
    return done.stdout, done.stderr
