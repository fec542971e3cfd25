"""`make run` says where the app and its state are and what to try; what it says to try works."""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from support.deployed import ROOT

LAST_LINE = "More:"
MOST_LINES = 10
LONGEST_WAIT = 60.0  # seconds until a gather of a second has gone wrong


def environ() -> dict[str, str]:
    quick = {"WELCOME_FAILURE_RATE": "0", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    # A make above this one hands its options down by these.
    return {k: v for k, v in os.environ.items() if not k.startswith("MAKE")} | quick


def make_run(state: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["make", "--no-print-directory", "run", "PORT=0", f"STATE={state}"],  # noqa: S607  make on PATH is the face of this repository
        cwd=ROOT,
        env=environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a Ctrl-C is a signal to the whole group
    )


@contextmanager
def banner_of(process: subprocess.Popen[str]) -> Iterator[list[str]]:
    """Read up to the banner's last line; press Ctrl-C at the end."""
    lines: list[str] = []
    try:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if line.startswith(LAST_LINE):
                break
        yield lines
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)


def carried_out(command: str) -> requests.Response:
    """Send what a curl command sends, of the options that the banner uses."""
    words = shlex.split(command)
    url = next(word for word in words if word.startswith("http"))
    method = words[words.index("-X") + 1] if "-X" in words else "GET"
    body = None
    if "-d" in words:
        body = (ROOT / words[words.index("-d") + 1].removeprefix("@")).read_bytes()
    return requests.request(method, url, data=body, timeout=90)


def once_it_has_ended(command: str) -> requests.Response:
    deadline = time.monotonic() + LONGEST_WAIT
    while (answer := carried_out(command)).status_code != 200:
        assert time.monotonic() < deadline, answer.text
    return answer


def test_the_banner_is_short_and_its_commands_work(tmp_path: Path) -> None:
    with banner_of(make_run(tmp_path / "state")) as lines:
        commands = [line.partition(": ")[2] for line in lines if "curl" in line]
        welcome, plan, dossier = commands

        assert lines[0].startswith("Host ready at http://127.0.0.1:")
        assert lines[1] == f"State: {tmp_path}/state"
        assert len(lines) <= MOST_LINES
        assert carried_out(welcome).text == "Welcome One! Welcome Two! Welcome Three!"
        assert carried_out(plan).status_code == 202
        estimate = once_it_has_ended(dossier).json()["asks"]["pi"]["answer"]
        assert estimate["pi"] == pytest.approx(3.14159, abs=0.01)


def test_a_state_of_another_stored_form_is_refused_in_one_line(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "engine.sqlite").touch()
    (tmp_path / "state.version").write_text("0\n")

    out, err = make_run(state).communicate(timeout=60)

    refusal, *rest = err.splitlines()
    assert refusal.startswith(f"the state {state} is of the stored form 0, and this app reads")
    assert [line for line in rest if not line.startswith("make")] == []
    assert "Host ready" not in out
