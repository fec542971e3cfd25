"""All scenarios, in the order of the recordings."""

from golden_recorder.scenarios import (
    again,
    children,
    divergences,
    events,
    failures,
    flow,
    last,
    looking,
    purging,
    restarting,
    routes,
    starting,
    statuses,
    steering,
    values,
    versions,
)

_SUBJECTS = (
    values,
    failures,
    flow,
    events,
    again,
    children,
    statuses,
    divergences,
    steering,
    restarting,
    purging,
    starting,
    looking,
    routes,
    versions,
    last,
)
ALL = tuple(scenario for subject in _SUBJECTS for scenario in subject.scenes)
"""Every scenario once."""
