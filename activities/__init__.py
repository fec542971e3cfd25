"""Effects: what touches the world, at least once."""

from typing import Final

from activities import questions, runs, welcome
from activities.old import asks

BLUEPRINTS: Final = tuple(module.blueprint for module in (runs, asks, questions, welcome))
