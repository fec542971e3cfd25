"""The pytest plugin as a stranger's test folder meets it: runs of pytest of their own."""

import pytest

pytest_plugins = ["pytester"]

_APP = """
from datetime import timedelta

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="begin", methods=["POST"])
@app.durable_client_input(client_name="client")
async def begin(req: func.HttpRequest, client: df.DurableOrchestrationClient):
    instance_id = await client.start_new("order", "order-1", req.get_json())
    return client.create_check_status_response(req, instance_id)

@app.orchestration_trigger(context_name="context")
def order(context):
    order = context.get_input()
    yield context.create_timer(context.current_utc_datetime + timedelta(days=3))
    return (yield context.call_activity("charge", order["eur"]))

@app.activity_trigger(input_name="eur")
def charge(eur: int) -> str:
    if eur < 0:
        raise ValueError("nobody pays less than nothing")
    return f"{eur} EUR"

@app.orchestration_trigger(context_name="context")
def impatient(context):
    try:
        tomorrow = context.current_utc_datetime + timedelta(days=1)
        timer = context.create_timer(tomorrow)
        yield context.task_all([context.call_activity("charge", -1), timer])
    except Exception:
        yield context.call_activity("charge", 1)

@app.orchestration_trigger(context_name="context")
def deaf(context):
    yield context.wait_for_external_event("nobody raises it")

@app.orchestration_trigger(context_name="context")
def slow(context):
    yield context.create_timer(context.current_utc_datetime + timedelta(hours=1))
    return (yield context.wait_for_external_event("go"))

@app.timer_trigger(arg_name="t", schedule="0 0 * * * *")
def each_hour(t: func.TimerRequest) -> None:
    pass
"""
_HOST_JSON = """
{"version": "2.0", "extensions": {"durableTask": {"storeInputsInOrchestrationHistory": true}}}
"""
_GOOD = """
from datetime import timedelta

import pytest
import requests

from devhost.testing import DevHost

BEGIN = "/runtime/webhooks/durabletask/orchestrators/{}/one"


def test_an_ini_option_names_the_app_and_three_days_pass_in_a_moment(host):
    assert host.post("/api/begin", json={"eur": 4}).status_code == 202
    ended = host.wait("order-1")
    assert ended["output"] == "4 EUR"
    assert ended["historyEvents"][-2]["Input"] == '["4"]'
    assert [event["EventType"] for event in host.history("order-1")][:2] == [12, 0]


@pytest.mark.parametrize("turn", range(4))
def test_each_has_a_state_of_its_own(host, turn):
    host.post("/api/begin", json={"eur": turn})
    assert host.wait("order-1")["output"] == f"{turn} EUR"


def test_an_early_event_is_no_error(host):
    host.post(BEGIN.format("slow"))
    host.settle()
    host.post("/runtime/webhooks/durabletask/instances/one/raiseEvent/go", json=1)
    assert host.wait("one")["output"] == 1


def test_a_divergence_is_an_error(host):
    host.post(BEGIN.format("impatient"))
    assert "Divergence 1" in host.wait("one")["output"]


@pytest.mark.devhost("app", strict=False)
def test_a_divergence_is_told_where_the_marker_says_so(host):
    host.post(BEGIN.format("impatient"))
    assert host.wait("one")["runtimeStatus"] == "Completed"
    assert [found.case.number for found in host.divergences] == [1]


def test_kills_faults_and_single_messages_change_nothing(devhost):
    host = devhost("app", seed=3)
    began = host.now
    host.one_message_per_episode = True
    host.faults.before_commit(times=2)
    host.faults.after_commit(times=2)
    host.faults.late(timedelta(hours=1))
    host.post("/api/begin", json={"eur": 4})
    host.advance(days=1)
    host.kill()
    assert host.one_message_per_episode
    host.advance(days=1)
    host.restart()
    assert host.wait("order-1")["output"] == "4 EUR"
    assert len([point for point, times in host.faults.struck.items() if times]) == 5
    assert timedelta(0) < host.now - began - timedelta(days=3) < timedelta(hours=1)


def test_a_stuck_instance_is_given_up_though_timers_go_on(host):
    began = host.now
    host.post(BEGIN.format("deaf"))
    with pytest.raises(TimeoutError, match="nothing is planned for it any more") as stuck:
        host.wait("one")
    assert "one waits for the event nobody raises it." in str(stuck.value)
    assert host.now - began < timedelta(days=5)
    with pytest.raises(TimeoutError, match="all the time it was given"):
        host.wait("one", within=timedelta(hours=1))


def test_a_spawned_host_survives_its_killing(tmp_path):
    nowhere = DevHost.spawn("nowhere", tmp_path / "other")
    with pytest.raises(RuntimeError, match="nowhere is no folder"):
        nowhere.start()
    assert nowhere._process is None  # waited for, not left to be reaped
    with DevHost.spawn("app", tmp_path / "state") as host:
        url = host.url + "/api/begin"
        assert requests.post(url, json={"eur": 4}, timeout=9).status_code == 202
        host.kill()
        host.start()
        found = host.get("/runtime/webhooks/durabletask/instances/order-1").json()
        assert found["runtimeStatus"] in {"Pending", "Running"}
"""
_BAD = """
import pytest
from devhost.testing import DevHost


def test_fixture(host):
    host.post("/api/begin", json={"eur": -4})
    assert host.wait("order-1")["runtimeStatus"] == "Completed"


def test_with():
    with DevHost("app") as host:
        host.post("/api/begin", json={"eur": 4})
        assert host.wait("order-1")["output"] == "5 EUR"


def test_good(host):
    host.post("/api/begin", json={"eur": 77})
    host.wait("order-1")


@pytest.mark.devhost("nowhere")
def test_nowhere(host):
    pass
"""


@pytest.fixture
def folder(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    pytester.makepyfile(**{"app/function_app": _APP})
    pytester.path.joinpath("app/host.json").write_text(_HOST_JSON)
    pytester.makeini("[pytest]\ndevhost_app = app\naddopts = -p no:cacheprovider\n")
    return pytester


def test_hosts_of_two_processes_do_what_is_promised_and_do_not_collide(
    folder: pytest.Pytester,
) -> None:
    folder.makepyfile(_GOOD)

    folder.runpytest_subprocess("-n", "2", "--strict-markers").assert_outcomes(passed=11)


def test_what_the_sdk_says_of_code_in_order_fails_nobody_for_whom_warnings_are_errors(
    folder: pytest.Pytester,
) -> None:
    folder.makepyfile(_GOOD)

    done = folder.runpytest_subprocess(
        *("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
        *("-k", "three_days or early"),
    )

    done.assert_outcomes(passed=2, deselected=9)


def test_a_test_that_fails_shows_what_happened_to_its_instances(folder: pytest.Pytester) -> None:
    folder.makepyfile(_BAD)

    result = folder.runpytest_subprocess("-rA")

    result.assert_outcomes(failed=2, passed=1, errors=1)
    result.stdout.re_match_lines(
        [
            r"-+ instances on devhost -+",
            r"order order-1: Failed, output Orchestrator function 'order' failed: .*",
            r'  \+0:00:00 +instance +started +{"eur": -4}',
            r"  \+0:00:00 +timer#0 +set +until 2026-01-04T00:00:00Z",
            r"  \+3 days, 0:00:00 +timer#0 +fired",
            r"  \+3 days, 0:00:00 +activity charge#1 +scheduled",
            r"  \+3 days, 0:00:00 +activity charge#1 +failed +.*nobody pays less than nothing.*",
            r"  \+3 days, 0:00:00 +instance +ended .*",
        ],
        consecutive=True,
    )
    # The second without a fixture: as a note of its exception.
    result.stdout.re_match_lines(
        [r"E? *order order-1: Completed, output 4 EUR", r".*activity charge#1 +completed +4 EUR"]
    )
    result.stdout.no_fnmatch_line("*77 EUR*")
    result.stdout.fnmatch_lines(["*AppNotLoadable: *nowhere*function_app.py is not there*"])
