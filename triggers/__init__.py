"""HTTP, queue and timer functions: parse, call, respond."""

from typing import Final

from triggers import (
    gathers,
    health,
    maintenance,
    plans,
    progress,
    questions,
    queue,
    resolve,
    schedules,
    welcome,
)

BLUEPRINTS: Final = tuple(
    module.blueprint
    for module in (
        *(gathers, progress, resolve, plans, schedules, questions),
        *(queue, maintenance, health, welcome),
    )
)
