from collections.abc import Iterator

import pytest

from support.sources import Town


@pytest.fixture
def town() -> Iterator[Town]:
    with Town() as town:
        yield town
