"""What tests of several kinds share: one real Azurite for each test process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.azurite import SharedAzurite, shared_azurite


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAzurite]:
    with shared_azurite(Path(tmp_path_factory.mktemp("azurite"))) as shared:
        yield shared
