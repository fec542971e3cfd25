import json
from pathlib import Path
from typing import Any

import pytest

from devhost.appsettings import AppNotLoadable
from devhost.durableoptions import DurableOptions
from devhost.engine.versions import Versioning
from devhost.hostjson import HostConfig, read_host_json
from devhost_support.hostjson_table import ACCEPTED, REFUSED, Row


def read(folder: Path, durable: Any, **environ: str) -> HostConfig:
    document = {"version": "2.0", "extensions": {"durableTask": durable}}
    (folder / "host.json").write_text(json.dumps(document))
    return read_host_json(folder, environ)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: json.dumps(row.durable))
def test_what_the_extension_refuses_is_refused_in_its_words(tmp_path: Path, row: Row) -> None:
    with pytest.raises(AppNotLoadable) as refused:
        read(tmp_path, row.durable)

    assert str(row.words) in str(refused.value)


@pytest.mark.parametrize("row", ACCEPTED, ids=lambda row: json.dumps(row.durable))
def test_what_the_extension_accepts_is_accepted(tmp_path: Path, row: Row) -> None:
    read(tmp_path, row.durable)


def test_the_values_are_what_the_engine_goes_by(tmp_path: Path) -> None:
    durable = {
        "maxConcurrentActivityFunctions": 7,
        "MaxConcurrentOrchestratorFunctions": "3",
        "defaultVersion": 1.5,
        "versionMatchStrategy": "STRICT",
        "versionFailureStrategy": 1,
        "overridableExistingInstanceStates": "anystate",
        "storeInputsInOrchestrationHistory": True,
    }

    assert read(tmp_path, durable).options == DurableOptions(
        7, 3, Versioning("1.5", "Strict", "Fail"), replaces_live=True, stores_inputs=True
    )


def test_what_is_left_out_or_null_is_the_default(tmp_path: Path) -> None:
    durable = {"maxConcurrentActivityFunctions": None, "storageProvider": None}

    assert read(tmp_path, durable).options == DurableOptions()


def test_an_app_setting_is_checked_like_host_json(tmp_path: Path) -> None:
    name = "AzureFunctionsJobHost__extensions__durableTask__storageProvider__partitionCount"

    with pytest.raises(AppNotLoadable, match="between 1 and 16"):
        read(tmp_path, {}, **{name: "40"})


@pytest.mark.parametrize(
    ("durable", "told"),
    [
        ([], r"'extensions\.durableTask' in host\.json must be an object"),
        ({"storageProvider": "AzureStorage"}, "'storageProvider' in host.json must be an object"),
        (
            {"maxConcurrentActivityFunctions": [8]},
            "MaxConcurrentActivityFunctions must be a single",
        ),
        ({"storageProvider": {"partitionCount": {"is": 4}}}, "PartitionCount must be a single"),
    ],
)
def test_what_the_extension_would_take_for_left_out_is_refused(
    tmp_path: Path, durable: Any, told: str
) -> None:
    with pytest.raises(AppNotLoadable, match=told):
        read(tmp_path, durable)


def test_another_storage_provider_is_announced_and_not_held_to_azure_storages_rules(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    provider = {"type": "azureManaged", "partitionCount": 40}

    assert read(tmp_path, {"hubName": "my_hub", "storageProvider": provider}).hub_name == "my_hub"
    assert "the storage provider 'azureManaged'" in caplog.text


def test_a_batch_above_the_threshold_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    read(tmp_path, {"storageProvider": {"controlQueueBufferThreshold": 31}})

    assert "ControlQueueBatchSize cannot be larger than ControlQueueBufferThreshold" in caplog.text
