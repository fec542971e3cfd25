"""`devhost start` as its user meets it: what it prints, how it ends, how it refuses."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

import devhost

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")

_APP = """
import logging
import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)

@app.route(route="hello", methods=["GET"])
def hello(req: func.HttpRequest) -> func.HttpResponse:
    logging.info("somebody says hello")
    return func.HttpResponse("hi")

@app.orchestration_trigger(context_name="context")
def gather(context):
    return (yield context.call_activity("fetch", "a stone"))

@app.activity_trigger(input_name="what")
def fetch(what: str) -> str:
    return f"fetched {what}"
"""


@pytest.fixture
def app_dir(tmp_path: Path) -> Path:
    made = tmp_path / "app"
    made.mkdir()
    (made / "function_app.py").write_text(_APP)
    (made / "host.json").write_text('{"version": "2.0"}')
    return made


@dataclass(frozen=True)
class _Started:
    process: subprocess.Popen[str]
    printed: list[str]

    @property
    def url(self) -> str:
        return self.printed[0].rpartition(" ")[2].strip()

    def ends_at(self, number: signal.Signals) -> str:
        """Send it the signal; return what it printed from then on."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, err
        return out + err


@contextmanager
def _started(app_dir: Path, *options: str) -> Iterator[_Started]:
    hints = app_dir.parent / "hints.txt"
    hints.write_text("Try this:\n  curl {url}/api/hello\n")
    process = subprocess.Popen(
        [*_COMMAND, str(app_dir), *_ANY_PORT, "--hints", str(hints), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=app_dir.parent,
        env=_ENVIRON,
    )
    printed: list[str] = []
    try:
        for line in process.stdout or ():
            printed.append(line)
            if "curl" in line:
                break
        yield _Started(process, printed)
    finally:
        process.kill()
        process.communicate()


def _refused(app_dir: Path, *options: str) -> str:
    """Start what cannot start; return its one line."""
    ended = subprocess.run(
        [*_COMMAND, str(app_dir), "--azurite", "off", *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=app_dir.parent,
        env=_ENVIRON,
        timeout=60,
    )
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    return line


_ANY_PORT = ["--port", "0", "--azurite", "off"]
_COMMAND = [sys.executable, "-m", "devhost", "start"]
_ENVIRON = {**os.environ, "PYTHONPATH": str(Path(devhost.__path__[0]).parent)}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_what_it_serves_and_ends_in_order_at_a_signal(
    app_dir: Path, number: signal.Signals
) -> None:
    with _started(app_dir) as started:
        assert re.fullmatch(r"Host ready at http://127\.0\.0\.1:\d+\n", started.printed[0])
        assert started.printed[1:] == [
            f"State: {app_dir}/.state\n",
            "Try this:\n",
            f"  curl {started.url}/api/hello\n",
        ]
        assert requests.get(f"{started.url}/api/hello", timeout=10).text == "hi"

        rest = started.ends_at(number)

    assert "Stopping" in rest
    assert "] somebody says hello\n" in rest
    assert "Traceback" not in rest


def test_it_lists_the_functions_for_those_who_ask(app_dir: Path) -> None:
    with _started(app_dir, "--list-functions") as started:
        said = "".join(started.printed)

        assert f"\thello: [GET] {started.url}/api/hello\n" in said
        assert "\tgather: orchestrationTrigger\n" in said


def test_hints_that_are_not_there_are_named_before_anything_is_started(app_dir: Path) -> None:
    done = subprocess.run(
        [*_COMMAND, str(app_dir), *_ANY_PORT, "--hints", "nowhere.txt"],
        capture_output=True,
        text=True,
        check=False,
        env=_ENVIRON,
    )

    assert done.returncode == 2
    assert "--hints: nowhere.txt: No such file or directory\n" in done.stderr
    assert not (app_dir / ".state").exists()


def test_an_azurite_of_its_own_can_be_found_by_the_user(app_dir: Path) -> None:
    values = '{"AzureWebJobsStorage": "UseDevelopmentStorage=true"}'
    (app_dir / "local.settings.json").write_text(f'{{"IsEncrypted": false, "Values": {values}}}')

    with _started(app_dir, "--azurite", "auto") as started:
        (line,) = [line for line in started.printed if line.startswith("Storage: ")]
        blobs = re.search(r"BlobEndpoint=(http://127\.0\.0\.1:\d+)/", line)
        assert blobs is not None
        assert "Azurite" in requests.get(blobs[1], timeout=10).headers["Server"]

        rest = started.ends_at(signal.SIGTERM)

    assert "is ignored" not in rest


def test_a_second_host_on_the_same_state_is_refused_and_the_first_goes_on(app_dir: Path) -> None:
    with _started(app_dir) as started:
        line = _refused(app_dir)

        assert f"{app_dir}/.state is in use by another host (pid {started.process.pid})" in line
        assert requests.get(f"{started.url}/api/hello", timeout=10).text == "hi"


def test_a_taken_port_is_named(app_dir: Path, tmp_path: Path) -> None:
    with _started(app_dir) as started:
        port = started.url.rpartition(":")[2]

        assert f"Port {port} is unavailable" in _refused(
            app_dir, "--port", port, "--state", str(tmp_path / "another")
        )


def test_keys_are_printed_and_enforced_where_asked_for(app_dir: Path) -> None:
    with _started(app_dir, "--keys") as started:
        key = re.search(r"Keys: function (\S+), master (\S+)", "".join(started.printed))
        assert key
        address = f"{started.url}/api/hello"

        assert requests.get(address, timeout=10).status_code == 401
        for one in key.groups():
            assert requests.get(address, params={"code": one}, timeout=10).text == "hi"


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"

    assert f"{missing} is no folder" in _refused(missing)
    assert not missing.exists()


def test_a_storage_nobody_understands_is_refused(app_dir: Path) -> None:
    assert "--azurite 'perhaps' is neither auto" in _refused(app_dir, "--azurite", "perhaps")


def test_a_foreign_state_folder_is_refused(app_dir: Path) -> None:
    line = _refused(app_dir, "--state", str(app_dir))

    assert "files that devhost did not write" in line
    assert not (app_dir / "lock").exists()


@pytest.mark.parametrize("options", [(), ("--verbose",)])
def test_every_episode_and_activity_is_a_line_and_a_history_is_for_those_who_ask(
    app_dir: Path, options: tuple[str, ...]
) -> None:
    with _started(app_dir, *options) as started:
        base = f"{started.url}/runtime/webhooks/durabletask/orchestrators/gather/one"
        wait = {"timeout": "20", "pollingInterval": "0.05"}
        assert requests.post(base, params=wait, timeout=30).json() == "fetched a stone"

        told = started.ends_at(signal.SIGINT)

    for line in (
        "gather one: start -> calls fetch#0 -> Running",
        "fetch#0 of one: completed",
        "gather one: #0 completed -> Completed",
    ):
        assert f"] {line}\n" in told
    assert ("] gather one: Completed, output fetched a stone\n" in told) == bool(options)
    row = re.search(r"  activity fetch#0 +completed +fetched a stone\n", told)
    assert bool(row) == bool(options)


_APPS_REFUSED = {
    "no app": ("", "{}", "Could not find top level function app instances in function_app.py"),
    "two apps": (f"{_APP}\nanother = df.DFApp()", "{}", "More than one DFApp"),
    "wrong host.json": (_APP, "{", "host.json, line 1, column 2"),
    "wrong context_name": (
        _APP.replace('"context")\ndef gather(context)', '"ctx")\ndef gather(ctx)'),
        "{}",
        'Write context_name="context" in its decorator, not "ctx"',
    ),
}


@pytest.mark.parametrize(
    ("source", "host", "said"), _APPS_REFUSED.values(), ids=_APPS_REFUSED.keys()
)
def test_an_app_that_cannot_be_served_is_one_line(
    app_dir: Path, source: str, host: str, said: str
) -> None:
    (app_dir / "function_app.py").write_text(source)
    (app_dir / "host.json").write_text(host.replace("{}", '{"version": "2.0"}'))

    assert said in _refused(app_dir)


def test_a_library_that_is_missing_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError(name='starlette')")

    done = subprocess.run(
        [sys.executable, "-m", "devhost", "start"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={**_ENVIRON, "PYTHONPATH": str(tmp_path)},
    )

    assert done.returncode == 1
    assert done.stderr == (
        'devhost: starlette is not installed: pip install "gather-once-devhost[host]"\n'
    )


def test_help_costs_nothing() -> None:
    """The libraries behind a host take most of a second to import."""
    program = (
        "import sys, devhost.__main__; print({'azure', 'asyncio', 'sqlite3'} & {*sys.modules})"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=_ENVIRON
    )

    assert done.stdout == "set()\n"
