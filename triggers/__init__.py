"""HTTP, queue and timer functions: parse, call, respond."""

from typing import Final

from triggers import (
    answers,
    gathers,
    health,
    http_ready,
    http_steering,
    maintenance,
    plans,
    progress,
    questions,
    queue,
    queue_poison,
    resolve,
    schedules,
    timer_schedules,
    welcome,
)

BLUEPRINTS: Final = tuple(
    module.blueprint
    for module in (
        *(gathers, health, plans, progress, resolve, http_steering, answers, questions),
        *(http_ready, schedules, queue, queue_poison, timer_schedules, maintenance, welcome),
    )
)
