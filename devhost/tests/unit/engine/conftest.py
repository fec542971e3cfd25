"""What the engine's tests share."""

from pathlib import Path
from typing import Any

import pytest

from devhost_support.durable import Benches, on_a_bench


@pytest.fixture
def bench(tmp_path: Path) -> Benches:
    def make(orchestrators: Any, activities: Any = None, **options: Any) -> Any:
        return on_a_bench(tmp_path / "engine.sqlite", orchestrators, activities, **options)

    return make
