"""An Azurite started for a host loses nothing, whatever ends first; no two share a folder."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient, ExponentialRetry

from devhost.azurite import Azurite, AzuriteFailed, run
from devhost.azurite.endpoints import Ports, answers
from devhost.filelock import FileLock

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and forks")

_HOST = """
import os, sys, time
from pathlib import Path
from devhost.azurite import Azurite

azurite = Azurite(Path(sys.argv[1]))
azurite.start_now()
worker = os.fork() if sys.argv[2] == "with-a-worker" else 0
if worker == 0 and sys.argv[2] == "with-a-worker":
    time.sleep(600)  # outlives its host, as a pool's worker may
print(azurite.connection_string, worker, flush=True)
time.sleep(600)
"""
_NAMES = {f"paper-{number}" for number in range(30)}


@contextmanager
def _running(folder: Path) -> Iterator[Azurite]:
    azurite = Azurite(folder)
    azurite.start_now()
    try:
        yield azurite
    finally:
        azurite.stop_now()


@contextmanager
def _papers(connection_string: str) -> Iterator[ContainerClient]:
    patient = ExponentialRetry(initial_backoff=1, increment_base=1, retry_total=20)
    with (
        BlobServiceClient.from_connection_string(
            connection_string, retry_policy=patient
        ) as service,
        service.get_container_client("papers") as container,
    ):
        yield container


def _fill(connection_string: str) -> None:
    with _papers(connection_string) as papers:
        papers.create_container()
        for name in _NAMES:
            papers.upload_blob(name, b"text")


def _kept(connection_string: str) -> set[str]:
    with _papers(connection_string) as papers:
        return set(papers.list_blob_names()) if papers.exists() else set()


def test_it_keeps_blobs_in_its_folder_whatever_database_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AZURITE_DB", "mssql://nobody:x@127.0.0.1:1/none")

    with _running(tmp_path) as azurite:
        _fill(azurite.connection_string)

    assert (tmp_path / "__azurite_db_blob__.json").exists()


@pytest.mark.parametrize("company", ["alone", "with-a-worker"])
def test_what_was_acknowledged_outlives_the_kill_of_the_host(tmp_path: Path, company: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOST, str(tmp_path), company], stdout=subprocess.PIPE, text=True
    ) as host:
        assert host.stdout is not None
        connection_string, worker = host.stdout.readline().split()
        _fill(connection_string)
        host.kill()
    try:
        with _running(tmp_path) as azurite:
            assert _kept(azurite.connection_string) == _NAMES
    finally:
        if worker != "0":
            os.kill(int(worker), signal.SIGKILL)


def test_taken_down_and_brought_back_it_has_its_ports_and_its_data(tmp_path: Path) -> None:
    with _running(tmp_path) as azurite:
        where = azurite.connection_string
        _fill(where)

        asyncio.run(azurite.take_down())
        assert not azurite.is_alive
        asyncio.run(azurite.bring_back())

        assert azurite.connection_string == where
        assert _kept(where) == _NAMES


def test_more_signals_while_it_saves_lose_nothing(tmp_path: Path) -> None:
    with _running(tmp_path) as azurite:
        _fill(azurite.connection_string)
        first = azurite.pid
        assert first

        with suppress(ProcessLookupError):
            while azurite.pid == first:
                os.kill(first, signal.SIGTERM)

        assert _kept(azurite.connection_string) == _NAMES


def test_one_that_is_killed_comes_back_on_the_same_ports(tmp_path: Path) -> None:
    with _running(tmp_path) as azurite, _papers(azurite.connection_string) as papers:
        killed = azurite.pid
        assert killed

        os.kill(killed, signal.SIGKILL)

        papers.create_container()  # the client tries again until somebody answers there
        assert azurite.pid != killed


def test_it_runs_in_a_process_group_of_its_own_on_this_machine_only(tmp_path: Path) -> None:
    with _running(tmp_path) as azurite:
        assert azurite.pid
        assert os.getpgid(azurite.pid) == azurite.pid
        assert azurite.connection_string.count("http://127.0.0.1:") == 3


def test_a_second_one_on_the_folder_is_refused_by_the_first_ones_pid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "_OLD_ONE_GONE", 0.0)
    with (
        _running(tmp_path) as azurite,
        pytest.raises(AzuriteFailed, match=rf"pid {azurite.pid}\) still works on"),
    ):
        Azurite(tmp_path).start_now()


def test_one_that_cannot_start_says_why_and_lets_go_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "__azurite_db_blob__.json").mkdir()

    with pytest.raises(AzuriteFailed, match=r"does not start on .*; it said: .*EISDIR"):
        Azurite(tmp_path).start_now()

    assert FileLock(tmp_path / "lock").take()


def test_nothing_answers_where_no_azurite_is() -> None:
    assert not answers(Ports(1, 1, 1))


def test_before_its_start_it_has_no_address_and_stopping_it_does_nothing(tmp_path: Path) -> None:
    azurite = Azurite(tmp_path)

    asyncio.run(azurite.stop())

    assert not azurite.is_alive
    with pytest.raises(LookupError, match="no Azurite was started"):
        _ = azurite.connection_string
