"""Claim: an idle host uses less than one hundredth of a core, and starts about as fast as its app.

The CPU share is that of the host's own process, taken from /proc (Linux), without Azurite's. The
start-up is compared with the time Python takes to import the app, both measured here.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

from devhost_support.azurite import shared_azurite
from support.app import app_settings

ROOT: Final = Path(__file__).parents[1]
WATCHED: Final = 10  # seconds
AT_MOST: Final = 0.01  # of a core


def main() -> None:
    """Print start-up time and idle share; fail where the idle claim does not hold."""
    with tempfile.TemporaryDirectory() as folder, shared_azurite(Path(folder) / "a") as azurite:
        settings = app_settings(AzureWebJobsStorage=azurite.fresh_account())
        environ = {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}
        imported = _import_time(environ)
        began = time.perf_counter()
        host = _start(environ, Path(folder) / "state")
        ready = time.perf_counter() - began
        try:
            share = _idle_share(host.pid)
        finally:
            host.terminate()
            host.communicate()
    print(f"{'import s':>9} {'ready s':>8} {'beyond s':>9} {'idle share of a core':>21}")
    print(f"{imported:9.2f} {ready:8.2f} {ready - imported:9.2f} {share:21.2%}")
    sys.exit(0 if share < AT_MOST else f"idle takes {share:.2%} of a core")


def _import_time(environ: dict[str, str]) -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import function_app"], cwd=ROOT, env=environ, check=True)
    return time.perf_counter() - began


def _start(environ: dict[str, str], state: Path) -> subprocess.Popen[str]:
    command = ["-m", "devhost", "start", ".", "--port", "0", "--state", str(state)]
    host = subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    for line in host.stdout or ():
        if line.startswith("Host ready"):
            return host
    raise RuntimeError("devhost did not get ready")


def _idle_share(pid: int) -> float:
    time.sleep(2)  # what the start leaves to do
    before, began = _cpu(pid), time.perf_counter()
    time.sleep(WATCHED)
    return (_cpu(pid) - before) / (time.perf_counter() - began)


def _cpu(pid: int) -> float:
    """Return the CPU seconds a process has used, user and system."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
