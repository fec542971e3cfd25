"""A task hub of a few instances behind the SDK's own client, for tests of the doors."""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

import aiohttp
import azure.durable_functions as df

_WEBHOOKS = "http://localhost/runtime/webhooks/durabletask"
_OPERATIONS = {
    "statusQueryGetUri": "",
    "sendEventPostUri": "/raiseEvent/{eventName}",
    "terminatePostUri": "/terminate",
    "rewindPostUri": "/rewind",
    "purgeHistoryDeleteUri": "",
    "restartPostUri": "/restart",
    "suspendPostUri": "/suspend",
    "resumePostUri": "/resume",
}


class Hub:
    """Answers the SDK's requests as the extension does; `knows` and `hides` set the scene."""

    def __init__(self) -> None:
        self.instances: dict[str, dict[str, Any]] = {}
        self.started: list[tuple[str, str, Any]] = []
        self.raised: list[tuple[str, str]] = []
        self._refusal: tuple[int, Any] | None = None
        self._hidden: set[str] = set()
        self.looked_at: list[str] = []
        self.is_silent = False

    def knows(
        self,
        instance_id: str,
        status: str,
        *,
        name: str,
        output: Any = None,
        custom_status: Any = None,
    ) -> None:
        """Put an instance there."""
        self.instances[instance_id] = {
            "name": name,
            "instanceId": instance_id,
            "runtimeStatus": status,
            "input": None,
            "customStatus": custom_status,
            "output": output,
            "createdTime": "2026-01-01T00:00:00Z",
            "lastUpdatedTime": "2026-01-01T00:00:00Z",
        }

    def hides_until_started(self, instance_id: str) -> None:
        """Let a rival's start happen between the caller's look and the caller's start."""
        self._hidden.add(instance_id)

    def refuses_starts(self, code: int, body: Any) -> None:
        """Answer every start like this from now on."""
        self._refusal = (code, body)

    def client(self) -> df.DurableOrchestrationClient:
        """Return the SDK's client, wired to this hub instead of a socket."""
        client = df.DurableOrchestrationClient(_binding())
        client._get_async_request = self._get  # type: ignore[assignment]  # called by position
        client._post_async_request = self._post
        return client

    async def _get(self, url: str, *_: Any) -> list[Any]:
        self._reach()
        instance_id = url.rpartition("/instances/")[2].partition("?")[0]
        self.looked_at.append(instance_id)
        record = self.instances.get(instance_id)
        if record is None or instance_id in self._hidden:
            return [HTTPStatus.NOT_FOUND, ""]
        return [HTTPStatus.OK, record]

    async def _post(self, url: str, data: Any = None, *_: Any, **__: Any) -> list[Any]:
        self._reach()
        if "/instances/" in url:
            return self._steer(*url.rpartition("/instances/")[2].partition("?")[0].split("/"))
        name, _slash, instance_id = url.rpartition("/orchestrators/")[2].partition("/")
        self._hidden.discard(instance_id)
        if self._refusal:
            return list(self._refusal)
        if instance_id in self.instances:
            status = self.instances[instance_id]["runtimeStatus"]
            message = f"An Orchestration instance with the status {status} already exists."
            return [HTTPStatus.CONFLICT, {"Message": message}]
        self.knows(instance_id, "Pending", name=name)
        self.started.append((name, instance_id, json.loads(data)))
        return [HTTPStatus.ACCEPTED, {"id": instance_id}]

    def _steer(self, instance_id: str, wish: str, event: str = "") -> list[Any]:
        record = self.instances.get(instance_id)
        if record is None:
            return [HTTPStatus.NOT_FOUND, ""]
        if record["runtimeStatus"] not in {"Pending", "Running", "Suspended"}:
            return [HTTPStatus.GONE, ""]
        if wish == "raiseEvent":
            self.raised.append((instance_id, unquote(event)))
            return [HTTPStatus.ACCEPTED, ""]
        record["runtimeStatus"] = {"terminate": "Terminated", "resume": "Running"}[wish]
        return [HTTPStatus.ACCEPTED, ""]

    def _reach(self) -> None:
        if self.is_silent:
            raise aiohttp.ClientConnectionError("the hub is silent")


def _binding() -> str:
    links = {
        name: f"{_WEBHOOKS}/instances/INSTANCEID{path}?taskHub=Hub&code=K"
        for name, path in _OPERATIONS.items()
    }
    create = f"{_WEBHOOKS}/orchestrators/{{functionName}}[/{{instanceId}}]?code=K"
    return json.dumps(
        {
            "taskHubName": "Hub",
            "creationUrls": {
                "createNewInstancePostUri": create,
                "createAndWaitOnNewInstancePostUri": create,
            },
            "managementUrls": {"id": "INSTANCEID", **links},
            "baseUrl": _WEBHOOKS,
            "requiredQueryStringParameters": "code=K",
            "rpcBaseUrl": "http://localhost/durabletask/",
        }
    )
