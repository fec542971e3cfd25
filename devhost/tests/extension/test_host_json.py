"""The table of host.json, asked of the Durable Task extension itself, on Azurite."""

import json
import os
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from devhost_support.azurite import SharedAzurite
from devhost_support.hostjson_table import ACCEPTED, REFUSED, Row

BUILD = os.environ.get("DEVHOST_EXTENSION")

pytestmark = [
    pytest.mark.extension,
    pytest.mark.skipif(not BUILD, reason="DEVHOST_EXTENSION names no build of the extension"),
]


def lines_of_a_start(durable: Mapping[str, Any], storage: str) -> str:
    """Return what the extension writes until it is ready, or has ended."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    plan = {
        "functions": [{"name": "Flow", "kind": "orchestrator"}],
        "bridge": "http://127.0.0.1:9/no-call-is-made",
        "front": "http://127.0.0.1:9",
        "key": "key",
        "port": port,
        "durable": durable,
    }
    environ = {
        **os.environ,
        "FUNCTIONS_WORKER_RUNTIME": "python",
        "AzureWebJobsStorage": storage,
    }
    with subprocess.Popen(
        [Path(str(BUILD)) / "durable-extension"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environ,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(plan) + "\n")
        process.stdin.flush()
        written = ""
        for line in process.stdout:
            written += line
            if line.startswith('{"ready"'):
                break
        process.kill()
    return written


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: json.dumps(row.durable))
def test_the_extension_refuses_in_these_words(row: Row, azurite: SharedAzurite) -> None:
    written = lines_of_a_start(row.durable, azurite.fresh_account())

    assert str(row.words) in written
    assert '{"ready"' not in written


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: json.dumps(row.durable))
def test_the_extension_accepts_this(row: Row, azurite: SharedAzurite) -> None:
    assert '{"ready"' in lines_of_a_start(row.durable, azurite.fresh_account())
