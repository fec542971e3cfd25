"""Which versions an app runs, and what becomes of the others."""

from typing import Any

import azure.durable_functions as df
import pytest

from devhost.engine.records import Status
from devhost.engine.scheduler import EngineOptions
from devhost.engine.versions import Versioning
from devhost_support.durable import Bench, Benches


@pytest.mark.parametrize(
    ("default", "version", "accepted"),
    [
        ("1.0", "1.0", True),
        ("1.0", "0.9", True),
        ("1.9", "1.10", False),
        ("1.10", "1.9", True),
        ("1.0", None, True),
        (None, None, True),
        (None, "1.0", False),
        ("10", "9", False),
        ("1.0", "1.0.0", False),
        ("b", "A", True),
    ],
)
def test_current_or_older(default: str | None, version: str | None, *, accepted: bool) -> None:
    assert Versioning(default).accepts(version) is accepted


def test_strict_is_equality_and_none_takes_all() -> None:
    assert not Versioning("1.0", "Strict").accepts("0.9")
    assert not Versioning("", "Strict").accepts(None)
    assert Versioning("1.0", "None").accepts("7")


def versioned(context: df.DurableOrchestrationContext) -> Any:
    yield context.create_timer(context.current_utc_datetime)
    return context.version


def test_new_instances_get_the_default_version(bench: Benches) -> None:
    @bench({"o": versioned}, options=EngineOptions(versioning=Versioning("2.0")))
    async def _(bench: Bench) -> None:
        assert (await bench.run("o")).output == '"2.0"'


def test_a_newer_version_is_rejected_for_ever(bench: Benches) -> None:
    @bench({"o": versioned}, options=EngineOptions(versioning=Versioning("1.0")))
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("o", None, "new", "3.0")
        await bench.advance(days=1)
        assert bench.status("new").status is Status.PENDING
        assert bench.worker.episodes == 0


def test_a_newer_version_fails_where_host_json_says_so(bench: Benches) -> None:
    strategy = Versioning("1.0", on_mismatch="Fail")

    @bench({"o": versioned}, options=EngineOptions(versioning=strategy))
    async def _(bench: Bench) -> None:
        bench.engine.start_instance("o", None, "new", "3.0")
        record = await bench.end_of("new")
        assert record.status is Status.FAILED
        assert "did not comply with Worker Versioning" in (record.output or "")
