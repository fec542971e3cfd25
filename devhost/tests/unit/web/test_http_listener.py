from pathlib import Path
from typing import Any

import pytest

from devhost.appsettings import AppNotLoadable
from devhost.call import FunctionFailed
from devhost.functions import Binding, FunctionInfo, LoadedApp
from devhost.hostjson import HostConfig
from devhost.keys import Keys
from devhost.listeners.http import BODY_LIMIT, HttpListener, body_limit
from devhost.values import HttpCall, HttpReply
from devhost_support.asking import ask

KEYS = Keys(host="host-key", master="master-key")


class Echo:
    """Answers every call with what it is told to, and remembers the calls."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, HttpCall]] = []
        self._reply = HttpReply(200, (), b"done")
        self._failure: FunctionFailed | None = None

    def answers(self, reply: HttpReply) -> None:
        self._reply = reply

    def fails(self, failure: FunctionFailed) -> None:
        self._failure = failure

    async def run_http(self, function: FunctionInfo, request: HttpCall) -> HttpReply:
        self.calls.append((function.name, request))
        if self._failure:
            raise self._failure
        return self._reply

    @property
    def name(self) -> str:
        return self.calls[-1][0]

    @property
    def call(self) -> HttpCall:
        return self.calls[-1][1]


def a_function(name: str, route: str | None = None, **settings: Any) -> FunctionInfo:
    trigger = Binding(
        "req",
        "httpTrigger",
        is_out=False,
        settings={"route": route, "authLevel": "ANONYMOUS", **settings},
    )
    disabled = settings.pop("disabled", False)
    return FunctionInfo(name, lambda _: None, trigger, (trigger,), disabled=disabled)


def a_listener(
    *functions: FunctionInfo, prefix: str = "api", **options: Any
) -> tuple[HttpListener, Echo]:
    echo = Echo()
    app = LoadedApp(Path("/app"), functions, HostConfig(route_prefix=prefix))
    return HttpListener(app, echo, **options), echo


def test_a_function_gets_the_request_as_the_host_hands_it_over() -> None:
    listener, echo = a_listener(a_function("one", "orders/{id}/{page?}"))

    answer = ask(
        listener,
        "POST",
        "/api/Orders/a%20b?x=1&x=2&empty=&flag&y=%C3%A9",
        b"body",
        headers=(("X-One", "1"), ("X-One", "2")),
    )

    assert (answer.status, answer.body) == (200, b"done")
    assert echo.call == HttpCall(
        method="POST",
        url="http://host.example/api/Orders/a%20b?x=1&x=2&empty=&flag&y=%C3%A9",
        headers={"host": "host.example", "content-length": "4", "x-one": "1,2"},
        query={"x": "1,2", "y": "é"},
        route_params={"id": "a b"},
        body=b"body",
    )


def test_a_body_without_a_declared_length_arrives_empty() -> None:
    listener, echo = a_listener(a_function("one"))

    ask(listener, "POST", "/api/one", b"body", headers={"Transfer-Encoding": "chunked"})

    assert echo.call.body == b""


def test_an_escaped_slash_stays_inside_its_segment() -> None:
    listener, echo = a_listener(a_function("one", "files/{name}"))

    ask(listener, "GET", "/api/files/a%2Fb")

    assert echo.call.route_params == {"name": "a%2Fb"}


def test_the_first_match_by_function_name_serves_however_specific_the_others_are() -> None:
    listener, echo = a_listener(a_function("Zoo", "pets/cat"), a_function("any", "pets/{name}"))

    ask(listener, "GET", "/api/pets/cat")

    assert echo.name == "any"


def test_an_absent_route_is_the_name_of_the_function() -> None:
    listener, echo = a_listener(a_function("hello", ""), prefix="")

    assert ask(listener, "GET", "/Hello").status == 200
    assert echo.name == "hello"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/nowhere"),
        ("GET", "/one"),
        ("POST", "/api/one"),
        ("HEAD", "/api/one"),
        ("OPTIONS", "/api/one"),
        ("GET", "/api/off"),
        ("GET", "/api/number/x"),
    ],
)
def test_what_no_route_takes_is_left_to_others(method: str, path: str) -> None:
    listener, echo = a_listener(
        a_function("one", methods=["GET"]),
        a_function("off", disabled=True),
        a_function("number", "number/{n:int}"),
    )

    assert ask(listener, method, path).status == 0
    assert echo.calls == []


def test_a_function_without_methods_takes_them_all() -> None:
    listener, _ = a_listener(a_function("one"))

    assert {ask(listener, m, "/api/one").status for m in ("HEAD", "OPTIONS", "PATCH")} == {200}


def test_a_reply_keeps_its_headers_but_the_server_counts_its_bytes() -> None:
    listener, echo = a_listener(a_function("one"))
    headers = (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Length", "99"))
    echo.answers(HttpReply(201, headers, "é".encode()))

    answer = ask(listener, "GET", "/api/one")

    assert (answer.status, answer.headers) == (
        201,
        {"content-length": "2", "set-cookie": "a=1,b=2"},
    )


def test_a_reply_that_may_have_no_body_has_none() -> None:
    listener, echo = a_listener(a_function("one"))
    echo.answers(HttpReply(204, (), b"ignored"))

    assert ask(listener, "GET", "/api/one").body == b""


def test_a_reply_to_head_has_no_body_and_states_no_length() -> None:
    listener, echo = a_listener(a_function("one", methods=["HEAD"]))
    echo.answers(HttpReply(200, (("x-kept", "yes"),), b"ignored"))

    answer = ask(listener, "HEAD", "/api/one")

    assert (answer.status, answer.headers, answer.body) == (200, {"x-kept": "yes"}, b"")


def test_a_function_that_raises_is_an_empty_500_and_one_log_entry(
    caplog: pytest.LogCaptureFixture,
) -> None:
    listener, echo = a_listener(a_function("one"))
    echo.fails(FunctionFailed("ValueError", "boom", "the stack"))

    answer = ask(listener, "GET", "/api/one")

    assert (answer.status, answer.body) == (500, b"")
    assert [record.message for record in caplog.records] == [
        "Executed 'one' (Failed): ValueError: boom\nthe stack"
    ]


def test_a_body_over_the_limit_is_refused_before_it_is_read() -> None:
    listener, echo = a_listener(a_function("one"), body_limit=3)

    assert ask(listener, "POST", "/api/one", b"four").status == 413
    assert ask(listener, "POST", "/api/one", b"tri").status == 200
    assert len(echo.calls) == 1


@pytest.mark.parametrize(("text", "limit"), [("5", 5), ("", BODY_LIMIT), ("much", BODY_LIMIT)])
def test_the_limit_is_an_app_setting(text: str, limit: int) -> None:
    assert body_limit({"FUNCTIONS_REQUEST_BODY_SIZE_LIMIT": text}) == limit


@pytest.mark.parametrize(
    ("level", "key", "status"),
    [
        ("ANONYMOUS", "", 200),
        ("FUNCTION", "", 401),
        ("FUNCTION", "wrong", 401),
        ("FUNCTION", "host-key", 200),
        ("FUNCTION", "master-key", 200),
        ("ADMIN", "host-key", 401),
        ("ADMIN", "master-key", 200),
    ],
)
def test_enforced_keys_open_what_their_level_opens(level: str, key: str, status: int) -> None:
    listener, _ = a_listener(a_function("one", authLevel=level), keys=KEYS)

    assert ask(listener, "GET", f"/api/one?code={key}").status == status
    assert ask(listener, "GET", "/api/one", headers={"x-functions-key": key}).status == status


def test_the_header_counts_before_the_query() -> None:
    listener, _ = a_listener(a_function("one", authLevel="FUNCTION"), keys=KEYS)

    answer = ask(listener, "GET", "/api/one?code=host-key", headers={"x-functions-key": "wrong"})

    assert (answer.status, answer.body) == (401, b"")


def test_keys_are_not_checked_unless_they_are_enforced() -> None:
    listener, _ = a_listener(a_function("one", authLevel="ADMIN"))

    assert ask(listener, "GET", "/api/one").status == 200


@pytest.mark.parametrize(
    ("functions", "why"),
    [
        ([a_function("one", "adminfoo")], "conflicts with one or more built in routes"),
        ([a_function("one", "Runtime/x")], "conflicts with one or more built in routes"),
        ([a_function("one", "a/{b")], "Function 'one', route 'a/{b': the brace at character"),
        (
            [a_function("one", "same"), a_function("two", "SAME", methods=["GET"])],
            "Function 'two', route 'SAME': .* conflicts with the route defined by function 'one'",
        ),
    ],
)
def test_routes_that_cannot_be_served_are_refused_at_the_start(
    functions: list[FunctionInfo], why: str
) -> None:
    with pytest.raises(AppNotLoadable, match=why):
        a_listener(*functions)


def test_two_functions_may_share_a_route_when_their_methods_differ() -> None:
    listener, echo = a_listener(
        a_function("one", "same", methods=["GET"]), a_function("two", "same", methods=["POST"])
    )

    ask(listener, "POST", "/api/same")

    assert echo.name == "two"
