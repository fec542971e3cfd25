"""What tests of several kinds share: one real Azurite and PostgreSQL for each test process."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from support.postgres import SharedPostgres, shared_postgres

pytest_plugins = ["devhost_support.azurite"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[SharedPostgres]:
    # Not below pytest's own folder: every test process that begins shuts that to others than its
    # user, and a PostgreSQL that root starts runs as another.
    with TemporaryDirectory() as folder, shared_postgres(Path(folder)) as shared:
        yield shared
