"""Containers that the app itself writes and reads: what is told when storage is out of reach."""

import traceback
from collections.abc import Callable

import pytest

from gather_once.model.errors import InvalidSetting
from gather_once.model.fault import FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.storage import containers

KEY = "Y0FuQXJZ"

Access = Callable[[dict[str, str]], object]


def write(environ: dict[str, str]) -> object:
    containers.write(environ, Settings(), "delivered", "end.json", b"{}")
    return None


def read(environ: dict[str, str]) -> object:
    return containers.read(environ, Settings(), "inputs", "plan.json", bytes_at_most=5)


@pytest.mark.parametrize("access", [write, read])
def test_storage_out_of_reach_passes_and_neither_its_address_nor_its_key_is_told(
    access: Access,
) -> None:
    away = f"AccountName=one;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:1/one"

    with pytest.raises(SourceFailed) as failed:
        access({"AzureWebJobsStorage": away})

    assert failed.value.fault.kind is FaultKind.PASSING
    shown = "".join(traceback.format_exception(failed.value))
    assert "127.0.0.1" not in shown
    assert KEY not in shown


@pytest.mark.parametrize("access", [write, read])
def test_a_connection_string_that_is_none_is_told_without_its_text(access: Access) -> None:
    with pytest.raises(InvalidSetting, match="AzureWebJobsStorage") as failed:
        access({"AzureWebJobsStorage": f"noise {KEY}"})

    assert KEY not in "".join(traceback.format_exception(failed.value))
