import pytest

from support.durable_api import Api


@pytest.fixture
def api() -> Api:
    return Api()
