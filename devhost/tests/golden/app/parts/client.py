"""HTTP functions: what the functions have seen, and every verb of the durable client."""

import json
from datetime import datetime
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func
from azure.durable_functions.models.DurableOrchestrationStatus import DurableOrchestrationStatus

from parts.noting import SEEN, count, described, functions


def answer(value, status=200):
    return func.HttpResponse(json.dumps(value), status_code=status, mimetype="application/json")


@functions.route(route="about", methods=["GET"])
def about(req: func.HttpRequest) -> func.HttpResponse:
    return answer(json.loads((Path(__file__).parents[1] / "host.json").read_text()))


@functions.route(route="seen", methods=["GET"])
def seen(req: func.HttpRequest) -> func.HttpResponse:
    return answer(SEEN.get(req.params.get("id", ""), {}))


@functions.route(route="slow202", methods=["GET", "POST"])
def slow202(req: func.HttpRequest) -> func.HttpResponse:
    """202 once for a key, then 200."""
    key = req.params.get("key", "")
    if count(f"slow202 {key}") == 1:
        headers = {"Location": req.url, "Retry-After": "1"}
        return func.HttpResponse("not yet", status_code=202, headers=headers)
    return func.HttpResponse("now", status_code=200)


@functions.route(route="plain200", methods=["GET", "POST"])
def plain200(req: func.HttpRequest) -> func.HttpResponse:
    got = {
        "method": req.method,
        "body": req.get_body().decode(),
        "type": req.headers.get("content-type"),
    }
    return answer(got, int(req.params.get("status", "200")))


def plain(value):
    """What the SDK returned, as JSON."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, DurableOrchestrationStatus):
        more = {
            "bool": bool(value),
            "runtime_status": str(value.runtime_status),
            "input type": type(value.input_).__name__,
            "output type": type(value.output).__name__,
            "custom_status type": type(value.custom_status).__name__,
            "history": described(value.history),
            "historyEvents": getattr(value, "historyEvents", "none"),
            "message": getattr(value, "message", "none"),
            "str": str(value)[:300],
        }
        try:
            shown = value.to_json()
        except Exception as error:
            shown = f"{type(error).__name__}: {error}"
        return {"to_json": shown, **more}
    if hasattr(value, "instances_deleted"):
        return {"instances_deleted": value.instances_deleted}
    if hasattr(value, "entity_exists"):
        return {"entity_exists": value.entity_exists, "entity_state": value.entity_state}
    return value


def moment(text):
    return None if text is None else datetime.fromisoformat(text)


@functions.route(route="client/{verb}", methods=["POST"])
@functions.durable_client_input(client_name="client")
async def client_verb(
    req: func.HttpRequest, client: df.DurableOrchestrationClient
) -> func.HttpResponse:
    verb = req.route_params["verb"]
    asked = json.loads(req.get_body() or b"{}")
    arguments = {key: value for key, value in asked.items() if key != "id"}
    one = asked.get("id")
    try:
        match verb:
            case "start":
                value = await client.start_new(
                    asked["name"],
                    one,
                    asked.get("input"),
                    **({"version": asked["version"]} if "version" in asked else {}),
                )
            case "check":
                return client.create_check_status_response(req, one)
            case "payload":
                value = client.create_http_management_payload(one)
            case "wait":
                return await client.wait_for_completion_or_create_check_status_response(
                    req, one, asked.get("timeout", 4000), asked.get("interval", 200)
                )
            case "status":
                value = await client.get_status(one, **arguments)
            case "status_all":
                value = [status.instance_id for status in await client.get_status_all()]
                value = [found for found in value if found.startswith(asked["prefix"])]
            case "status_by":
                value = await client.get_status_by(
                    moment(asked.get("from")),
                    moment(asked.get("to")),
                    [df.OrchestrationRuntimeStatus(text) for text in asked["statuses"]]
                    if "statuses" in asked
                    else None,
                    *([asked["prefix"]] if "prefix" in asked else []),
                )
            case "raise":
                value = await client.raise_event(one, asked["event"], asked.get("data"))
            case "terminate":
                value = await client.terminate(one, asked.get("reason", ""))
            case "suspend":
                value = await client.suspend(one, asked.get("reason", ""))
            case "resume":
                value = await client.resume(one, asked.get("reason", ""))
            case "rewind":
                value = await client.rewind(one, asked.get("reason", ""))
            case "restart":
                value = await client.restart(one, asked.get("new", True))
            case "purge":
                value = await client.purge_instance_history(one)
            case "purge_by":
                value = await client.purge_instance_history_by(
                    moment(asked.get("from")),
                    moment(asked.get("to")),
                    [df.OrchestrationRuntimeStatus(text) for text in asked["statuses"]]
                    if "statuses" in asked
                    else None,
                )
            case "signal":
                value = await client.signal_entity(
                    df.EntityId(*one), asked["op"], asked.get("input")
                )
            case "entity":
                value = await client.read_entity_state(df.EntityId(*one))
            case _:
                return answer("no such verb", 404)
        return answer({"returned": plain(value)})
    except Exception as error:
        return answer({"raised": type(error).__name__, "text": str(error)})
