import json

import pytest

from devhost.engine.records import Status
from devhost.keys import Keys
from devhost.management import Management, client_json
from devhost_support.asking import ask
from devhost_support.durable_api import PUBLIC, QUERY, Api
from devhost_support.known_instances import KnownInstances


def test_a_start_tells_where_to_follow_the_instance(api: Api) -> None:
    answer = api.post("orchestrators/main/a%20b", b'{"x": 1}')

    base = f"http://host.example{PUBLIC}/instances/a%20b"
    assert answer.status == 202
    assert answer.headers["location"] == f"{base}?{QUERY}"
    assert answer.headers["retry-after"] == "10"
    assert answer.json == {
        "id": "a b",
        "statusQueryGetUri": f"{base}?{QUERY}",
        "sendEventPostUri": f"{base}/raiseEvent/{{eventName}}?{QUERY}",
        "terminatePostUri": f"{base}/terminate?reason={{text}}&{QUERY}",
        "purgeHistoryDeleteUri": f"{base}?{QUERY}",
        "restartPostUri": f"{base}/restart?{QUERY}",
        "suspendPostUri": f"{base}/suspend?reason={{text}}&{QUERY}",
        "resumePostUri": f"{base}/resume?reason={{text}}&{QUERY}",
    }


def test_the_client_binding_names_every_address_and_the_hub() -> None:
    binding = json.loads(client_json(port=7071, hub="Hub", key="key"))

    base = f"http://127.0.0.1:7071{PUBLIC}"
    start = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]"
    wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
    assert binding["taskHubName"] == "Hub"
    assert binding["rpcBaseUrl"] == "http://127.0.0.1:7071/durabletask/"
    assert binding["baseUrl"] == base
    assert binding["requiredQueryStringParameters"] == "code=key"
    assert binding["creationUrls"] == {
        "createNewInstancePostUri": f"{start}?code=key",
        "createAndWaitOnNewInstancePostUri": f"{start}?{wait}&code=key",
    }
    urls = binding["managementUrls"]
    assert urls["rewindPostUri"] == f"{base}/instances/INSTANCEID/rewind?reason={{text}}&{QUERY}"
    assert len(urls) == 9


@pytest.mark.parametrize(
    "path", [f"{PUBLIC}/instances/x", "/durabletask/instances/x", "/DurableTask/INSTANCES/x/"]
)
def test_both_addresses_lead_to_the_same_instances_in_any_case(path: str) -> None:
    engine = KnownInstances()
    engine.has("x", Status.COMPLETED)

    assert ask(Management(engine, hub="Hub", key="key"), "GET", path).status == 200


@pytest.mark.parametrize("path", ["/", "/api/x", "/durabletasks/instances", "/runtime/webhooks/x"])
def test_other_addresses_are_left_to_others(path: str) -> None:
    assert ask(Management(KnownInstances(), hub="Hub", key="key"), "GET", path).status == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "orchestrators/main"),
        ("PUT", "instances/x"),
        ("GET", "instances/x/terminate"),
        ("POST", "instances/x/explode"),
        ("HEAD", "instances"),
    ],
)
def test_an_unknown_route_or_method_is_an_empty_404(api: Api, method: str, path: str) -> None:
    api.engine.has("x", Status.RUNNING)

    answer = api.ask(method, path)

    assert (answer.status, answer.body) == (404, b"")


@pytest.mark.parametrize(
    ("key", "status"), [("", 401), ("wrong", 401), ("host", 403), ("key", 200), ("master", 200)]
)
def test_enforced_keys_let_in_the_system_key_and_the_master_key(key: str, status: int) -> None:
    api = Api(keys=Keys(host="host", master="master"))

    assert api.get("instances", headers={"x-functions-key": key}).status == status
    assert api.get(f"instances?code={key}").status == status


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "entities"),
        ("GET", "entities/counter"),
        ("GET", "entities/counter/k"),
        ("POST", "entities/counter/k?op=add"),
        ("DELETE", "entities/counter/k"),
    ],
)
def test_entities_are_a_501_that_says_so(api: Api, method: str, path: str) -> None:
    answer = api.ask(method, path)

    assert answer.status == 501
    assert "does not implement durable entities" in answer.json["Message"]


def test_the_only_host_is_the_primary_one(api: Api) -> None:
    assert api.post("makePrimary").status == 200
