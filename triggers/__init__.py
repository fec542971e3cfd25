"""HTTP, queue and timer functions: parse, call, respond."""

from typing import Final

from triggers import (
    answers,
    gathers,
    health,
    maintenance,
    plans,
    progress,
    queue,
    resolve,
    schedules,
    welcome,
)

BLUEPRINTS: Final = tuple(
    module.blueprint
    for module in (
        *(gathers, progress, resolve, plans, schedules, answers),
        *(queue, maintenance, health, welcome),
    )
)
