"""The benchmark that counts storage requests counts them, here on devhost's own engine."""

import pytest

from benchmarks.on_the_extension import BY_HAND, GATHER_ONCE, bench_of, main, table
from support.access_log import Service


def test_five_asks_cost_blob_requests_here_and_nothing_by_hand() -> None:
    """devhost keeps instances in a file: what remains in storage is the app's own."""
    costs = {}
    for app in (BY_HAND, GATHER_ONCE):
        with bench_of(app) as bench:
            costs[app.name] = {"five asks": bench.cost_of(bench.five("mine"))}

    by_hand, ours = (costs[app.name]["five asks"] for app in (BY_HAND, GATHER_ONCE))
    assert by_hand.work.total() == 0
    assert {service for service, _ in ours.work} == {Service.BLOB}
    assert ours.work[Service.BLOB, "PUT"] >= 5
    assert ours.polling > 0
    assert 0 < ours.seconds < 30
    assert "| five asks: operations | 0 | " in table(costs)


def test_without_a_build_it_says_why_it_is_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DEVHOST_EXTENSION", raising=False)
    main()

    assert capsys.readouterr().out.startswith("skipped: DEVHOST_EXTENSION names no build")
