"""Runs one timer function at its times, one call after the other."""

import asyncio
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from random import Random
from uuid import uuid4

from devhost.call import FunctionFailed
from devhost.clock import Clock
from devhost.context import RetryContext, RetryFailure
from devhost.listeners.timersettings import Timer
from devhost.listeners.timerstatus import TimerStatus
from devhost.listeners.waiting import Alarm
from devhost.values import Datum

Call = Callable[[Datum, RetryContext, str], Awaitable[None]]
"""Runs the function on a trigger value, as one attempt of the call with that id, and sends what it
put out; raises FunctionFailed."""

_LOG = logging.getLogger("devhost.timer")


class TimerListener:
    """Calls until it is cancelled; a part of the host's timeline."""

    def __init__(self, timer: Timer, call: Call, clock: Clock, chance: Random) -> None:
        self._timer, self._call, self._clock, self._chance = timer, call, clock, chance
        self._alarm = Alarm(clock)
        self._resting = asyncio.Event()
        self._until: datetime | None = None
        self._running: asyncio.Task[TimerStatus] | None = None

    def wake(self) -> None:
        """See whether the time has come; before that, nothing is disturbed."""
        if self._until is not None and self._until <= self._clock.now():
            self._resting.clear()
            self._alarm.ring()

    async def rest(self) -> None:
        """Return when the function does not run, and is not due."""
        await self._resting.wait()

    def next_due(self) -> datetime | None:
        """Return when the function, or its next attempt, is due."""
        return self._until

    async def run(self) -> None:
        """Call the function at its times, for ever; cancelling leaves a call to `finish`."""
        status = self._beginning()
        is_past_due = self._clock.now() > status.next
        at_once = is_past_due or self._timer.run_on_startup
        while True:
            if not at_once:
                await self._wait_until(status.next)
            self._running = asyncio.create_task(self._once(status, is_past_due=is_past_due))
            status = await asyncio.shield(self._running)
            at_once = is_past_due = False

    async def finish(self, patience: float) -> None:
        """Let a call that runs end within `patience` seconds, with its status; drop it after that.

        A call that is dropped is past due for the next host.
        """
        if self._running is not None:
            await asyncio.wait([self._running], timeout=patience)
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _once(self, status: TimerStatus, *, is_past_due: bool) -> TimerStatus:
        """Call the function, and return and keep the status after it."""
        began = self._clock.now()
        await self._run_function(status, is_past_due=is_past_due)
        following = TimerStatus(began, self._timer.schedule.after(began), began)
        self._keep(following)
        return following

    def _beginning(self) -> TimerStatus:
        """Return where the timer stands when the host starts."""
        now = self._clock.now()
        kept = self._timer.status.read() if self._timer.status else None
        if kept is None:
            status = TimerStatus(None, self._timer.schedule.after(now), now)
        else:
            status = self._unless_edited(kept, now)
        if status != kept:
            self._keep(status)
        return status

    def _unless_edited(self, kept: TimerStatus, now: datetime) -> TimerStatus:
        """Return the status that was kept; a new one if its next time is not the schedule's.

        The new one is dated the moment that its next time was reckoned from. With an older date
        the next start would reckon another time and take the schedule for edited again.
        """
        reckoned_from = kept.last or kept.updated
        following = self._timer.schedule.after(reckoned_from)
        if following == kept.next:
            return kept
        if following <= now:
            reckoned_from, following = now, self._timer.schedule.after(now)
        return TimerStatus(None, following, reckoned_from)

    def _keep(self, status: TimerStatus) -> None:
        if self._timer.status is None:
            return
        try:
            self._timer.status.write(status)
        except OSError as error:
            _LOG.warning("The status of timer '%s' is not kept: %s", self._timer.name, error)

    async def _run_function(self, status: TimerStatus, *, is_past_due: bool) -> None:
        trigger = Datum(json.dumps(self._argument(status, is_past_due=is_past_due)), "json")
        policy, failure = self._timer.retries, None
        invocation_id = str(uuid4())
        for count in itertools.count():
            context = RetryContext(count, policy.most if policy else 0, failure)
            failure = await self._attempt(trigger, context, invocation_id)
            if failure is None or policy is None:
                return
            wait = policy.wait_before(count + 1, self._chance)
            if wait is None:
                return
            await self._wait_until(self._clock.now() + wait)

    async def _attempt(
        self, trigger: Datum, context: RetryContext, invocation_id: str
    ) -> RetryFailure | None:
        try:
            await self._call(trigger, context, invocation_id)
        except FunctionFailed as error:
            _LOG.error("Executed '%s' (Failed): %s\n%s", self._timer.name, error, error.stack)
            return RetryFailure(self._timer.name, error.stack, error.text)
        except Exception as error:  # noqa: BLE001  the host's outermost loop: it must go on
            _LOG.exception("devhost could not run the timer '%s'.", self._timer.name)
            return RetryFailure("devhost", "", repr(error))
        return None

    def _argument(self, status: TimerStatus, *, is_past_due: bool) -> dict[str, object]:
        return {
            "Schedule": {"AdjustForDST": self._timer.schedule.adjusts_for_dst},
            "ScheduleStatus": status.as_json(self._timer.zone) if self._timer.status else None,
            "IsPastDue": is_past_due,
        }

    async def _wait_until(self, moment: datetime) -> None:
        """Wait for the moment, and say meanwhile that nothing runs."""
        self._until = moment
        while self._clock.now() < moment:
            self._alarm.silence()
            self._resting.set()
            await self._alarm.wait(moment)
        self._resting.clear()
        self._until = None
