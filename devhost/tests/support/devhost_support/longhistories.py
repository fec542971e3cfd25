"""Makes long histories cheaper to replay, for stories in which much virtual time passes."""

from functools import lru_cache
from importlib import import_module

import pytest

_EVENTS = "azure.durable_functions.models.history.HistoryEvent"


def parse_each_timestamp_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the SDK remember the timestamps it has read.

    Each episode reads the whole history anew, and most of the time of a long one goes into the
    timestamps, nearly all of which the episode before had read as well.
    """
    module = import_module(_EVENTS)
    monkeypatch.setattr(module, "dt_parse", lru_cache(maxsize=2**16)(module.dt_parse))
