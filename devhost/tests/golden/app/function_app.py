"""Small orchestrators whose every observation can be looked at from outside."""

import azure.durable_functions as df
import azure.functions as func

from parts import (
    activities,  # noqa: F401  registers its functions
    again,  # noqa: F401  registers its functions
    children,  # noqa: F401  registers its functions
    client,  # noqa: F401  registers its functions
    compounds,  # noqa: F401  registers its functions
    divergences,  # noqa: F401  registers its functions
    failures,  # noqa: F401  registers its functions
    statuses,  # noqa: F401  registers its functions
    steering,  # noqa: F401  registers its functions
    values,  # noqa: F401  registers its functions
    waits,  # noqa: F401  registers its functions
)
from parts.noting import functions

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)
app.register_functions(functions)
