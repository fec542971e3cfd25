import pytest

from devhost_support.durable_api import Api


@pytest.fixture
def api() -> Api:
    return Api()
