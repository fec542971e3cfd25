"""The functions of `compute` asks; importing this package registers them.

Add the module of your own function to the lines below.
"""

from gather_once.sources.computation import REGISTRY
from gather_once.sources.functions import monte_carlo_pi, value_at_risk

__all__ = ["REGISTRY", "monte_carlo_pi", "value_at_risk"]
