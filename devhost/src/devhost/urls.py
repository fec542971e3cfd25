"""Addresses: a request's own one, and those of the durable HTTP API."""

import json
from urllib.parse import quote

from starlette.requests import Request

WEBHOOKS = "/runtime/webhooks/durabletask"
"""Where the durable HTTP API is public."""

RPC = "/durabletask"
"""Where the SDK's client finds the same API."""

_CONNECTION = "Storage"


def origin(request: Request) -> str:
    """Return scheme and authority as the caller wrote them: `http://localhost:7071`."""
    server = request.scope.get("server") or ("localhost", 80)
    authority = request.headers.get("host") or f"{server[0]}:{server[1]}"
    return f"{request.scope['scheme']}://{authority}"


def full_url(request: Request) -> str:
    """Return the address as it was asked for, percent-encoding untouched."""
    query = request.scope["query_string"].decode("latin-1")
    path = request.scope["raw_path"].decode("latin-1")
    return f"{origin(request)}{path}{'?' if query else ''}{query}"


def public_base(request: Request) -> str:
    """Return where the durable HTTP API is, in the caller's words."""
    return origin(request) + WEBHOOKS


def instance_urls(instance_id: str, *, base: str, hub: str, key: str) -> dict[str, str]:
    """Return the addresses that a new instance is answered with.

    The extension's own answer has no rewindPostUri, unlike the one that the SDK makes.
    """
    urls = _instance_urls(quote(instance_id, safe=""), base, _query(hub, key))
    del urls["rewindPostUri"]
    return {"id": instance_id, **urls}


def client_json(*, port: int, hub: str, key: str) -> str:
    """Return the value of a durable client binding, as JSON text.

    The SDK replaces every `INSTANCEID` in it, and appends to `rpcBaseUrl`, hence its last slash.
    """
    here = f"http://127.0.0.1:{port}"
    base = here + WEBHOOKS
    creation = f"{base}/orchestrators/{{functionName}}[/{{instanceId}}]"
    wait = "timeout={timeoutInSeconds}&pollingInterval={intervalInSeconds}"
    return json.dumps(
        {
            "taskHubName": hub,
            "connectionName": None,
            "creationUrls": {
                "createNewInstancePostUri": f"{creation}?code={key}",
                "createAndWaitOnNewInstancePostUri": f"{creation}?{wait}&code={key}",
            },
            "managementUrls": {
                "id": "INSTANCEID",
                **_instance_urls("INSTANCEID", base, _query(hub, key)),
            },
            "baseUrl": base,
            "requiredQueryStringParameters": f"code={key}",
            "rpcBaseUrl": f"{here}{RPC}/",
            "httpBaseUrl": None,
        }
    )


def _query(hub: str, key: str) -> str:
    return f"taskHub={quote(hub, safe='')}&connection={_CONNECTION}&code={quote(key, safe='')}"


def _instance_urls(quoted_id: str, base: str, query: str) -> dict[str, str]:
    instance = f"{base}/instances/{quoted_id}"
    return {
        "statusQueryGetUri": f"{instance}?{query}",
        "sendEventPostUri": f"{instance}/raiseEvent/{{eventName}}?{query}",
        "terminatePostUri": f"{instance}/terminate?reason={{text}}&{query}",
        "rewindPostUri": f"{instance}/rewind?reason={{text}}&{query}",
        "purgeHistoryDeleteUri": f"{instance}?{query}",
        "restartPostUri": f"{instance}/restart?{query}",
        "suspendPostUri": f"{instance}/suspend?reason={{text}}&{query}",
        "resumePostUri": f"{instance}/resume?reason={{text}}&{query}",
    }
