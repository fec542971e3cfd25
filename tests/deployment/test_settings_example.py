import json
from typing import Any

import pytest

from gather_once.model.settings import FAMILIES, Settings
from support.deployed import ROOT

OF_THE_HOST = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "FUNCTIONS_WORKER_RUNTIME": "python",
}


@pytest.fixture
def example() -> Any:
    return json.loads((ROOT / "local.settings.json.example").read_text())


def test_the_example_is_not_encrypted_which_core_tools_would_assume(example: Any) -> None:
    assert example["IsEncrypted"] is False


def test_the_example_has_every_setting_of_the_app_with_its_default(example: Any) -> None:
    assert example["Values"] == OF_THE_HOST | dict(Settings.defaults())


def test_every_value_is_a_text_for_core_tools_drop_all_where_one_is_not(example: Any) -> None:
    assert {type(value) for value in example["Values"].values()} == {str}


def test_the_example_holds_no_secret_and_no_database(example: Any) -> None:
    assert not [name for name in example["Values"] if name.startswith(FAMILIES)]


def test_the_app_accepts_the_example(example: Any) -> None:
    assert Settings.of(example["Values"]) == Settings.of({})
