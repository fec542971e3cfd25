"""The demo does what the README shows."""

import os
import subprocess
import sys

from support.deployed import ROOT


def test_the_demo_ends_with_a_dossier_and_asks_each_source_as_often_as_it_must() -> None:
    done = subprocess.run(
        [sys.executable, "examples/demo.py"],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.returncode == 0, done.stderr
    assert "completed" in done.stdout
    for counted in ("/rates         3", "/limits        2", "/quotes        1", "/archive       1"):
        assert counted in done.stdout
