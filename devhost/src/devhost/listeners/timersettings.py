"""What a timer function's declaration and the app's settings say about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from devhost.appsettings import AppNotLoadable, resolve_settings
from devhost.functions import FunctionInfo
from devhost.hostjson import HostConfig
from devhost.listeners.cron import BadExpression
from devhost.listeners.retries import RetryPolicy, retry_policy
from devhost.listeners.schedule import Schedule, schedule_of
from devhost.listeners.timerstatus import StatusFile


@dataclass(frozen=True)
class Timer:
    """A timer function, ready to be run.

    `status` is where its status is kept; None for one that is not monitored, which is never past
    due. `zone` is the time zone its wall clock shows, None the machine's.
    """

    name: str
    schedule: Schedule
    status: StatusFile | None = None
    zone: tzinfo | None = None
    run_on_startup: bool = False
    retries: RetryPolicy | None = None


@dataclass(frozen=True)
class Timers:
    """What all timers of a host have in common."""

    environ: Mapping[str, str]
    host: HostConfig
    folder: Path
    zone: tzinfo | None

    def of(self, function: FunctionInfo) -> Timer:
        """Return the timer of a function.

        Raises:
            AppNotLoadable: its schedule or its retry policy cannot be read.
        """
        settings = function.trigger.settings
        schedule = self._schedule(function.name, str(settings["schedule"]))
        is_monitored = settings.get("useMonitor", True) and not schedule.is_too_dense_to_monitor
        return Timer(
            function.name,
            schedule,
            StatusFile(self.folder, function.name) if is_monitored else None,
            self.zone,
            run_on_startup=bool(settings.get("runOnStartup")),
            retries=retry_policy(function.name, function.retry, self.host.raw),
        )

    def _schedule(self, name: str, declared: str) -> Schedule:
        try:
            return schedule_of(resolve_settings(declared, self.environ), self.zone)
        except BadExpression as error:
            raise AppNotLoadable(
                f"The '{name}' function is in error: {error}. A schedule is a cron expression "
                "such as '0 */5 * * * *', seconds first, or a time span such as '00:05:00'."
            ) from error
