"""The app with harmless settings, for stories."""

import json
from typing import Any

from devhost.testing import DevHost
from support.deployed import ROOT

_QUIET = {f"AzureWebJobs.{timer}.Disabled": "1" for timer in ("timer_schedules", "timer_upkeep")}
"""Each minute's timers would run 1,440 times in every virtual day; their own stories set "0"."""


def app_settings(**changes: str) -> dict[str, str]:
    """Return the settings of the example file, so that no story depends on a developer's own."""
    example = json.loads((ROOT / "local.settings.json.example").read_text())
    settings: dict[str, str] = example["Values"]
    del settings["AzureWebJobsStorage"]
    return settings | _QUIET | changes


def the_app(*, clock: Any = "virtual", azurite_clock: Any = None, **changes: str) -> DevHost:
    """Return the whole app, not yet started; on the virtual clock the app's time moves with it."""
    publish = "gather_once.model.clock:source" if clock == "virtual" else None
    return DevHost(
        ROOT,
        clock=clock,
        publish=publish,
        settings=app_settings(**changes),
        azurite_clock=azurite_clock,
    )
