"""Time: generators that decide what next and when."""

from typing import Final

from orchestrators import gather, lane, shard, welcome
from orchestrators.old import pursue, spread

BLUEPRINTS: Final = tuple(
    module.blueprint for module in (gather, lane, pursue, shard, spread, welcome)
)
