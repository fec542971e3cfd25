import asyncio
import socket
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from devhost.server import PortTaken, Server, Site

Story = Callable[[Server, aiohttp.ClientSession, str], Awaitable[None]]


class Nobody:
    """Leaves every request to others."""

    async def handle(self, _: Request) -> Response | None:
        return None


class Listener:
    """Says hello at `/hello`, breaks at `/break`, and holds whoever asks for `/slow`."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.released = asyncio.Event()

    async def handle(self, request: Request) -> Response | None:
        match request.url.path:
            case "/hello" | "/admin/hello":
                return PlainTextResponse("hello")
            case "/break":
                raise LookupError("broken")
            case "/slow":
                self.entered.set()
                await self.released.wait()
                return PlainTextResponse("late")
        return None


def served(story: Story, listener: Any = None, **options: Any) -> None:
    """Run a story against a server on a free port, which is stopped at the end."""

    async def whole() -> None:
        server = Server(Nobody(), listener or Listener(), **options)
        port = await server.start()
        async with aiohttp.ClientSession() as http:
            await story(server, http, f"http://127.0.0.1:{port}")
        await server.stop(grace=timedelta(seconds=1))

    asyncio.run(whole())


def test_a_request_that_waits_holds_up_no_other() -> None:
    listener = Listener()

    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        slow = asyncio.create_task(http.get(f"{url}/slow"))
        await listener.entered.wait()
        hello = await http.get(f"{url}/hello")
        listener.released.set()
        late = await slow
        assert (await hello.text(), await late.text()) == ("hello", "late")

    served(story, listener)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nowhere"), ("POST", "/"), ("GET", "/admin/hello"), ("GET", "/runtime/webhooks/x")],
)
def test_what_nobody_takes_is_an_empty_404(method: str, path: str) -> None:
    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        answer = await http.request(method, url + path)
        assert (answer.status, await answer.read()) == (404, b"")

    served(story)


def test_the_home_page_says_that_the_host_runs() -> None:
    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        answer = await http.get(url)
        assert answer.status == 200
        assert answer.content_type == "text/html"
        assert "up and running" in await answer.text()

    served(story)


def test_a_home_page_that_is_switched_off_is_an_empty_204() -> None:
    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        answer = await http.get(url)
        assert (answer.status, await answer.read()) == (204, b"")

    served(story, site=Site(home_page=False))


def test_an_accident_is_logged_and_answered_with_an_empty_500(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        answer = await http.get(f"{url}/break")
        assert (answer.status, await answer.read()) == (500, b"")

    served(story)

    assert "GET /break was not answered" in caplog.text


def test_a_taken_port_is_refused_with_what_to_do() -> None:
    async def start(port: int) -> None:
        await Server(Nobody(), Nobody(), port=port).start()

    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} is unavailable. .* --port"):
            asyncio.run(start(port))


def test_a_graceful_stop_lets_the_present_requests_end() -> None:
    listener = Listener()

    async def story(server: Server, http: aiohttp.ClientSession, url: str) -> None:
        slow = asyncio.create_task(http.get(f"{url}/slow"))
        await listener.entered.wait()
        stopping = asyncio.create_task(server.stop(grace=timedelta(seconds=30)))
        listener.released.set()
        assert await (await slow).text() == "late"
        await stopping

    served(story, listener)


def test_a_graceful_stop_cuts_off_what_does_not_end_in_time() -> None:
    listener = Listener()

    async def story(server: Server, http: aiohttp.ClientSession, url: str) -> None:
        slow = asyncio.create_task(http.get(f"{url}/slow"))
        await listener.entered.wait()
        await server.stop(grace=timedelta(0))
        answer = await slow
        assert answer.status == 500

    served(story, listener)


def test_an_abrupt_stop_answers_nobody_and_frees_the_port() -> None:
    listener = Listener()

    async def story(server: Server, http: aiohttp.ClientSession, url: str) -> None:
        slow = asyncio.create_task(http.get(f"{url}/slow"))
        await listener.entered.wait()
        await server.stop(abruptly=True)
        with pytest.raises(aiohttp.ClientError):
            await slow
        again = Server(Nobody(), Listener(), port=int(url.rpartition(":")[2]))
        await again.start()
        assert await (await http.get(f"{url}/hello")).text() == "hello"
        await again.stop(abruptly=True)

    served(story, listener)


def test_other_origins_are_told_nothing_unless_they_are_configured() -> None:
    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        answer = await http.get(f"{url}/hello", headers={"Origin": "https://a.example"})
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]

    served(story)


def test_configured_origins_may_call_with_any_method_and_header() -> None:
    asking = {
        "Origin": "https://b.example",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "x-anything",
    }

    async def story(_: Server, http: aiohttp.ClientSession, url: str) -> None:
        answer = await http.options(f"{url}/hello", headers=asking)
        assert answer.headers["Access-Control-Allow-Origin"] == "https://b.example"
        assert answer.headers["Access-Control-Allow-Headers"] == "x-anything"
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"

    served(story, site=Site("https://a.example, https://b.example", cors_credentials=True))
