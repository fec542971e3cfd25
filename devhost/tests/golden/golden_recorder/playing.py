"""Plays scenarios on a host, many side by side, and returns a recording."""

import secrets
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests

from devhost.clock import SystemClock
from golden_recorder.canon import Canon
from golden_recorder.compact import Recording
from golden_recorder.scenario import Scenario
from golden_recorder.scenarios import ALL
from golden_recorder.scene import Hung, Scene


@dataclass(frozen=True)
class Played:
    """A recording, how long each scenario took, and the run's prefix of ids."""

    run: str
    recording: Recording
    seconds: Mapping[str, float] = field(default_factory=dict)


def scenarios_of(base: str) -> list[Scenario]:
    """Return the scenarios for the app at this address: its host.json decides."""
    about = requests.get(f"{base}/api/about", timeout=20).json()
    is_versioned = "defaultVersion" in about["extensions"]["durableTask"]
    return [one for one in ALL if one.versioned == is_versioned]


def play(
    base: str, scenarios: Sequence[Scenario], *, workers: int, patience: float = 1.0
) -> Played:
    """Play all of them: long ones first, those that need to be alone one by one at the end."""
    run = f"r{secrets.token_hex(3)}z"
    recording: Recording = {}
    seconds: dict[str, float] = {}
    lock = threading.Lock()

    def work(scenario: Scenario) -> None:
        began = time.monotonic()
        seen = _play_one(scenario, base, run, patience)
        with lock:
            recording[scenario.name] = seen
            seconds[scenario.name] = time.monotonic() - began

    together = sorted((one for one in scenarios if not one.alone), key=lambda one: -one.length)
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, together))
    for scenario in scenarios:
        if scenario.alone:
            work(scenario)
    ordered = {scenario.name: recording[scenario.name] for scenario in scenarios}
    return Played(run, ordered, seconds)


def _play_one(scenario: Scenario, base: str, run: str, patience: float) -> dict[str, Any]:
    canon = Canon(base, run, SystemClock().now)
    scene = Scene(base, scenario.name, canon, patience=patience, limit=scenario.limit)
    try:
        scenario.play(scene)
    except Hung as hung:
        scene.seen["given up"] = canon.text(str(hung))
    except Exception as error:  # noqa: BLE001  an answer that a scenario cannot read is a difference too
        last = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error} in {last.name}"
        scene.seen["recorder"] = canon.text(text)[:400]
    if scenario.tidy:
        scene.terminate_all(scene.started)
    scene.close()
    return scene.seen
