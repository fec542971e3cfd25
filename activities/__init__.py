"""Effects: what touches the world, at least once."""

from typing import Final

from activities import assemble, deliver, draw, questions, runs, welcome
from activities.old import conclude, expand, obtain, obtain_share

BLUEPRINTS: Final = tuple(
    module.blueprint
    for module in (
        *(draw, runs, obtain, expand, obtain_share, questions, conclude, assemble, deliver),
        welcome,
    )
)
