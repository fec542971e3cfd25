"""Queues and blob containers that a plan may name: those an operator lists, and never our own."""

import re
from typing import Final

from gather_once.model.reading import queue_name
from gather_once.model.settings import Settings

_HOSTS_CONTAINERS: Final = re.compile(
    r"azure-webjobs-.*|app-package-.*|scm-.*|function-.*|gather-once-.*|.*-leases|.*-applease|.*-largemessages"
)
_HOSTS_QUEUES: Final = re.compile(r"azure-webjobs-.*|.*-control-[0-9]{2}|.*-workitems|.*-poison")


def check_container(name: str, settings: Settings) -> str:
    """Return the name of a blob container that a plan may read or fill; raises ValueError."""
    queue_name(name)
    hub = settings.task_hub.lower()
    if _HOSTS_CONTAINERS.fullmatch(name) or name.startswith(f"{hub}-"):
        raise ValueError(f"the container {name} belongs to the app or its host; name another")
    _check_listed(name, settings.allowed_containers, "GATHER_ALLOWED_CONTAINERS")
    return name


def check_queue(name: str, settings: Settings) -> str:
    """Return the name of a queue that a plan may be delivered to; raises ValueError."""
    queue_name(name)
    hub = settings.task_hub.lower()
    ours = {settings.queue, settings.questions_queue}
    if name in ours or _HOSTS_QUEUES.fullmatch(name) or name.startswith(f"{hub}-"):
        raise ValueError(f"the queue {name} belongs to the app or its host; name another")
    _check_listed(name, settings.allowed_queues, "GATHER_ALLOWED_QUEUES")
    return name


def _check_listed(name: str, listed: frozenset[str], setting: str) -> None:
    if name not in listed:
        names = ", ".join(sorted(listed))
        raise ValueError(f"{name} is not among those allowed ({names}); name one, or set {setting}")
