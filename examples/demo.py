"""Show a gather from its plan to its dossier: `make demo`, or `python examples/demo.py`.

Opens a town of flaky sources and the app on free ports of this machine, hands the app a plan, tells
what changes while it is carried out, and prints the dossier. Nothing outside this machine is asked,
and nothing is left behind.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import requests

Json = dict[str, Any]

ROOT: Final = Path(__file__).parents[1]
TOWN_IN_PLAN: Final = "http://127.0.0.1:7072"
SETTINGS: Final = {
    "AzureWebJobsStorage": "",  # an Azurite of its own, in the demo's folder
    "GATHER_ALLOW_LOOPBACK": "1",
    "GATHER_ALLOWED_HOSTS": "*",
    "GATHER_SECRET_TOWN_TOKEN": "Bearer open-sesame",
    "PYTHONUNBUFFERED": "1",
}
RETRY: Final = 60  # seconds until the demo gives up
LOOK_EVERY: Final = 0.15  # seconds


class DemoFailed(Exception):
    """The demo did not come to its end."""


def main() -> int:
    """Run the demo; return the exit code."""
    options = argparse.ArgumentParser(description="From a plan to its dossier, on this machine.")
    options.add_argument(
        "--public",
        action="store_true",
        help="ask four public services instead of the town: needs the internet, be sparing",
    )
    try:
        _demo(is_public=options.parse_args().public)
    except (DemoFailed, requests.RequestException) as failure:
        print(f"The demo failed: {failure}", file=sys.stderr)
        return 1
    return 0


def _demo(*, is_public: bool) -> None:
    with ExitStack() as stack:
        state = stack.enter_context(tempfile.TemporaryDirectory(prefix="gather-demo-"))
        counter = stack.enter_context(_started("is open at ", "examples/town.py", "--port", "0"))
        host = ("-m", "devhost", "start", ".", "--port", "0", "--azurite", "auto")
        app = stack.enter_context(_started("Host ready at ", *host, "--state", state))
        town = counter.removesuffix("/_asked")
        plan = _plan("public", town) if is_public else _plan("town", town)
        print(f"The app serves {app}, the town {town}.\n")
        _gather(app, plan)
        if not is_public:
            _say_how_often(town)


def _gather(app: str, plan: Json) -> None:
    """Hand the plan over, tell what changes, and print the dossier; then send it once more."""
    sent = _sent(app, plan)
    print(f"POST /api/gathers, {len(plan['asks'])} asks: {sent.status_code} {sent.reason}\n")
    for line in _changes(sent.headers["Location"]):
        print(line, flush=True)
    print("\nThe dossier:\n")
    for line in _told(_found(f"{sent.headers['Location']}/dossier")):
        print(line)
    once_more = _sent(app, plan)
    print(
        f"\nPOST /api/gathers, the same plan: {once_more.status_code} {once_more.reason},", end=""
    )
    print(" the same dossier, and nobody is asked.")


def _sent(app: str, plan: Json) -> requests.Response:
    answer = requests.post(f"{app}/api/gathers", json=plan, timeout=30)
    if not answer.ok:
        raise DemoFailed(f"the plan was refused: {answer.text}")
    return answer


def _changes(gather: str) -> Iterator[str]:
    """Yield a line for every ask whose progress has changed, until the gather has ended."""
    began, seen = time.monotonic(), dict[str, str]()
    while (passed := time.monotonic() - began) < RETRY:
        answer = requests.get(gather, timeout=30)
        answer.raise_for_status()
        now = {ask: _standing(progress) for ask, progress in answer.json()["asks"].items()}
        for ask, standing in now.items():
            if standing != seen.get(ask):
                yield f"{passed:5.1f} s  {ask:14} {standing}"
        seen = now
        if answer.status_code == requests.codes.ok:
            yield f"{passed:5.1f} s  {'the gather':14} {answer.json()['status']}"
            return
        time.sleep(LOOK_EVERY)
    raise DemoFailed(f"{gather} has not ended within {RETRY} s")


def _standing(progress: Mapping[str, Any]) -> str:
    """Say in words where an ask stands."""
    if outcome := progress.get("outcome"):
        reason = progress.get("reason")
        return f"{outcome} ({reason})" if reason else str(outcome)
    if waits_for := progress.get("waits_for"):
        return f"waits for {', '.join(waits_for)}"
    if due := progress.get("next_attempt_at"):
        return f"attempt {progress['attempts']} failed; next attempt at {due[11:21]}"
    return "is asked"


def _told(dossier: Json) -> Iterator[str]:
    for ask, told in dossier["asks"].items():
        says = told.get("answer", told.get("url"))
        fault = told.get("fault", {}).get("message")
        yield f"  {ask:14} {told['status']:8} {fault or json.dumps(says)}"


def _say_how_often(town: str) -> None:
    print("\nHow often the town was asked:\n")
    for address, times in sorted(_found(f"{town}/_asked").items()):
        print(f"  {address:14} {times}")


def _plan(name: str, town: str) -> Json:
    text = (ROOT / "examples" / "plans" / f"{name}.json").read_text(encoding="utf-8")
    plan: Json = json.loads(text.replace(TOWN_IN_PLAN, town))
    return plan


def _found(url: str) -> Json:
    answer = requests.get(url, timeout=30)
    answer.raise_for_status()
    found: Json = answer.json()
    return found


@contextmanager
def _started(ready: str, *command: str) -> Iterator[str]:
    """Run a Python program until the block ends; give the address behind its word `ready`."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        process = subprocess.Popen(  # noqa: S603  our own programs
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | SETTINGS,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        try:
            yield _address(process, ready, said)
        finally:
            process.terminate()
            process.communicate(timeout=30)


def _address(process: subprocess.Popen[str], ready: str, said: Any) -> str:  # noqa: ANN401  a file
    for line in process.stdout or ():
        if ready in line:
            return line.split(ready)[1].strip()
    said.seek(0)
    raise DemoFailed(f"{process.args!r} ended before it was ready: {said.read()[-800:]}")


if __name__ == "__main__":
    sys.exit(main())
