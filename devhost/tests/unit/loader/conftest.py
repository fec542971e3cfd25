from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost import place
from devhost_support.app_folders import AppFolder


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[AppFolder]:
    yield AppFolder(tmp_path / "one")
    place.leave()


@pytest.fixture
def another(tmp_path: Path) -> AppFolder:
    return AppFolder(tmp_path / "another")
