"""What tests of several kinds share: one real Azurite and PostgreSQL for each test process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.azurite import SharedAzurite, shared_azurite
from support.postgres import SharedPostgres, shared_postgres


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAzurite]:
    with shared_azurite(Path(tmp_path_factory.mktemp("azurite"))) as shared:
        yield shared


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedPostgres]:
    with shared_postgres(Path(tmp_path_factory.mktemp("postgres"))) as shared:
        yield shared
