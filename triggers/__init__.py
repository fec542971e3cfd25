"""HTTP, queue and timer functions: parse, call, respond."""

from typing import Final

from triggers import (
    answers,
    gathers,
    health,
    maintenance,
    plans,
    questions,
    queue,
    schedules,
    welcome,
)

BLUEPRINTS: Final = tuple(
    module.blueprint
    for module in (
        *(gathers, answers, plans, schedules, questions),
        *(queue, maintenance, health, welcome),
    )
)
