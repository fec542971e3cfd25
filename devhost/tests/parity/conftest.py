"""The same apps in devhost and in the worker library that runs them in Azure."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devhost import place
from devhost_support.app_folders import AppFolder
from devhost_support.parity import Both, the_workers_pool
from devhost_support.parity_app import APP

_NEEDS = (3, 13)  # what azure-functions-runtime asks for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.version_info >= _NEEDS:
        return
    reason = "the worker library, azure-functions-runtime, needs Python 3.13"
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def _pool() -> Iterator[None]:
    if sys.version_info < _NEEDS:
        yield
        return
    with the_workers_pool():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[AppFolder]:
    yield AppFolder(tmp_path / "one")
    place.leave()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    folder = AppFolder(tmp_path_factory.mktemp("parity") / "one")
    folder.has_functions(APP)
    yield Both(folder)
    place.leave()
