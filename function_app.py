"""What Azure Functions and devhost import: the one app, made of every blueprint."""

import azure.durable_functions as df
import azure.functions as func

from activities import assemble, conclude, deliver, draw, expand, obtain, obtain_share, question
from activities import open as opening
from activities import welcome as welcome_activity
from orchestrators import gather, lane, pursue, shard, spread
from orchestrators import welcome as welcome_orchestration
from triggers import (
    http_answer,
    http_gathers,
    http_health,
    http_plans,
    http_progress,
    http_questions,
    http_ready,
    http_resolve,
    http_schedules,
    http_steering,
    http_welcome,
    queue_gathers,
    queue_poison,
    timer_schedules,
    timer_upkeep,
)

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)

for part in (
    *(http_gathers, http_health, http_plans, http_progress, http_resolve, http_steering),
    *(http_answer, http_questions),
    *(http_ready, http_schedules, queue_gathers, queue_poison, timer_schedules, timer_upkeep),
    *(gather, lane, pursue, shard, spread),
    *(draw, opening, obtain, expand, obtain_share, question, conclude, assemble, deliver),
    *(http_welcome, welcome_orchestration, welcome_activity),
):
    app.register_functions(part.blueprint)
