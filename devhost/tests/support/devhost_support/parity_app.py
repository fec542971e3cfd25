"""An app with every kind of function that devhost serves, for the worker library to run too."""

APP = """
import asyncio, datetime, importlib, json, typing

class Thing:
    def __init__(self, size): self.size = size
    @staticmethod
    def to_json(thing): return thing.size
    @staticmethod
    def from_json(data): return Thing(data)

def facts(context):
    retry, trace = context.retry_context, context.trace_context
    return {
        "function": context.function_name, "folder": context.function_directory,
        "id": context.invocation_id, "local": context.thread_local_storage.invocation_id,
        "retry": [retry.retry_count, retry.max_retry_count, str(retry.rpc_exception)],
        "exception": hasattr(retry, "exception"),
        "trace": [trace.trace_parent, trace.trace_state, trace.attributes,
                  trace.Traceparent, trace.Tracestate, trace.Attributes],
    }

def told(message):
    return {"body": message.get_body().decode(), "id": message.id, "pop": message.pop_receipt,
            "count": message.dequeue_count,
            "times": [str(one) for one in (message.insertion_time, message.expiration_time,
                                           message.time_next_visible)]}

@app.route(route="mirror/{id}/{rest?}", methods=["GET", "POST"])
def mirror(req: func.HttpRequest) -> str:
    return json.dumps([req.method, req.url, dict(req.params), dict(req.route_params),
                       sorted(req.headers.items()), req.headers["X-a"], req.get_body().decode()])

@app.route()
async def mirror_slowly(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(json.dumps(req.get_json()), mimetype="application/json")

@app.route()
def bare(req: func.HttpRequest):
    return func.HttpResponse()

@app.route()
def rich(req) -> func.HttpResponse:
    response = func.HttpResponse(b"\\x00\\xff", status_code=418, headers={"X-B": "b"},
                                 mimetype="image/png", charset="latin-1")
    response.headers.add("Set-Cookie", "a=1; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=60")
    response.headers.add("Set-Cookie", "b=2; Domain=x.org; Expires=Thu, 01 Jan 2026 00:00:00 GMT")
    return response

@app.route()
def text(req): return "text"

@app.route()
def nothing(req): return None

@app.route()
def a_dict(req): return {"a": 1}

@app.route()
def some_bytes(req): return b"b"

@app.route()
def a_number(req): return 1

@app.route()
def a_list(req): return [1]

@app.route()
async def nothing_async(req): ...

@app.route()
def request_as_text(req: str): return req

@app.route()
@app.queue_output(arg_name="o", queue_name="q", connection="c")
@app.blob_output(arg_name="b", path="c/x", connection="c")
def sends(req: func.HttpRequest, o: func.Out[str], b: func.Out[bytes]) -> str:
    o.set("o")
    b.set(b"b")
    return o.get()

@app.route()
def with_context(req, context: func.Context) -> str:
    return json.dumps(facts(context))

@app.route()
async def with_context_async(req, context) -> str:
    return json.dumps(facts(context))

@app.route()
@app.durable_client_input(client_name="client")
async def client_of(req: func.HttpRequest, client: df.DurableOrchestrationClient, context):
    return client.create_check_status_response(req, context.invocation_id)

@app.route()
@app.durable_client_input(client_name="client")
def client_of_a_plain_function(req, client): return "never"

@app.activity_trigger(input_name="x")
def same(x): return x

@app.activity_trigger(input_name="x")
async def same_async(x: dict) -> dict: return x

@app.activity_trigger(input_name="x")
def as_text(x: str) -> str: return x

@app.activity_trigger(input_name="x")
def a_thing(x): return Thing(x)

@app.activity_trigger(input_name="x")
def size(x): return x.size

@app.activity_trigger(input_name="x")
def a_tuple(x): return (x, [None, True, 1.5, "ä"])

@app.activity_trigger(input_name="x")
def no_json(x): return datetime.timedelta(1)

@app.activity_trigger(input_name="x")
def returns_nothing(x): ...

@app.activity_trigger(input_name="x")
@app.queue_output(arg_name="o", queue_name="q", connection="c")
def activity_sends(x, o: func.Out[str], context: func.Context):
    o.set(context.function_name)

@app.queue_trigger(arg_name="m", queue_name="q", connection="c")
@app.queue_output(arg_name="o", queue_name="o", connection="c")
def message(m: func.QueueMessage, o: func.Out[str]) -> None: o.set(json.dumps(told(m)))

@app.queue_trigger(arg_name="m", queue_name="q", connection="c")
@app.queue_output(arg_name="$return", queue_name="o", connection="c")
async def message_async(m: func.QueueMessage) -> str: return json.dumps(told(m))

@app.queue_trigger(arg_name="m", queue_name="q", connection="c")
@app.queue_output(arg_name="$return", queue_name="o", connection="c")
def message_text(m: str): return m

@app.queue_trigger(arg_name="m", queue_name="q", connection="c")
@app.queue_output(arg_name="$return", queue_name="o", connection="c")
def message_bytes(m: bytes): return m

@app.queue_trigger(arg_name="m", queue_name="q", connection="c")
@app.durable_client_input(client_name="client")
async def message_with_client(m: func.QueueMessage, client: str) -> None:
    assert client.get_client_response_links(None, "i")

@app.queue_trigger(arg_name="m", queue_name="q", connection="c")
def returns_unasked(m): return "value"

def of_queue(name, annotation, value):
    @app.function_name(name)
    @app.queue_trigger(arg_name="m", queue_name="q", connection="c")
    @app.queue_output(arg_name="o", queue_name="o", connection="c")
    def send(m: str, o): o.set(value)
    if annotation:
        send._function.get_user_function().__annotations__["o"] = func.Out[annotation]

def of_blob(name, annotation, value):
    @app.function_name(name)
    @app.queue_trigger(arg_name="m", queue_name="q", connection="c")
    @app.blob_output(arg_name="o", path="c/x", connection="c")
    def send(m: str, o): o.set(value)
    if annotation:
        send._function.get_user_function().__annotations__["o"] = func.Out[annotation]

VALUES = {
    "none": None, "text": "ä", "json_text": '{"a": 1}', "bytes": b"b",
    "byte_array": bytearray(b"b"), "dict": {"a": 1}, "list": ["a", "b"], "empty_list": [],
    "numbers": [1], "integer": 3, "true": True, "half": 0.5,
    "queue_message": func.QueueMessage(id="i", body="x"),
    "queue_messages": [func.QueueMessage(body="x"), "y"], "thing": Thing(1),
}
for kind, value in VALUES.items():
    of_queue(f"queue_{kind}", None, value)
    of_queue(f"queue_str_{kind}", str, value)
    of_blob(f"blob_{kind}", None, value)
    of_blob(f"blob_bytes_{kind}", bytes, value)
of_queue("queue_of_list", typing.List[str], ["a"])
of_queue("queue_of_messages", func.QueueMessage, func.QueueMessage(id="i", body="x"))

@app.timer_trigger(arg_name="t", schedule="0 * * * * *", run_on_startup=False, use_monitor=True)
@app.queue_output(arg_name="$return", queue_name="o", connection="c")
def tick(t: func.TimerRequest) -> str:
    return json.dumps([t.past_due, t.schedule, t.schedule_status])

@app.timer_trigger(arg_name="t", schedule="0 * * * * *")
@app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:05")
async def tick_async(t: func.TimerRequest, context: func.Context) -> None:
    if context.retry_context.retry_count:
        raise RuntimeError(json.dumps(facts(context)))

@app.timer_trigger(arg_name="t", schedule="0 * * * * *")
@app.retry(strategy="exponential_backoff", max_retry_count="3", minimum_interval="00:00:05",
           maximum_interval="00:01:00")
def tick_text(t: str) -> None:
    raise RuntimeError(t)

@app.orchestration_trigger(context_name="context")
def flow(context: df.DurableOrchestrationContext):
    first = yield context.call_activity("same", context.get_input())
    rest = yield context.task_all([context.call_activity(same, one) for one in first])
    context.set_custom_status("rested")
    yield context.create_timer(context.current_utc_datetime + datetime.timedelta(days=1))
    return rest

@app.orchestration_trigger(context_name="context")
def at_once(context): return context.get_input()

@app.orchestration_trigger(context_name="context")
def fails_at_once(context): raise ValueError("no luck")

@app.orchestration_trigger(context_name="context")
def returns_a_thing(context): return Thing(1)

class Odd(Exception):
    def __str__(self): raise RuntimeError("no text")

@app.activity_trigger(input_name="x")
def raises(x): inner(x)

@app.activity_trigger(input_name="x")
async def raises_async(x): inner(x)

@app.activity_trigger(input_name="x")
def raises_of_another(x):
    try: inner(x)
    except KeyError as error: raise RuntimeError("outer") from error

@app.activity_trigger(input_name="x")
def raises_while_handling(x):
    try: inner(x)
    except KeyError: raise RuntimeError("outer")

@app.activity_trigger(input_name="x")
def raises_odd(x): raise Odd

@app.activity_trigger(input_name="x")
def raises_many(x): raise ExceptionGroup("many", [KeyError(1), ValueError("two")])

@app.activity_trigger(input_name="x")
def raises_with_a_note(x):
    error = ValueError("noted")
    error.add_note("a note")
    raise error

@app.activity_trigger(input_name="x")
def raises_lines(x): raise ValueError("one\\ntwo")

@app.activity_trigger(input_name="x")
def misses_a_module(x):
    import of_nobody

@app.activity_trigger(input_name="x")
def misses_a_module_by_name(x): importlib.import_module("of_nobody")

@app.activity_trigger(input_name="x")
def misses_a_name(x):
    from json import of_nobody

@app.activity_trigger(input_name="x")
async def times_out(x): await asyncio.wait_for(asyncio.Event().wait(), 0.001)

@app.activity_trigger(input_name="x")
def returns_a_function(x): return raises_async

def inner(x): raise KeyError(x)
"""
