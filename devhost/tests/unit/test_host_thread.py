from collections.abc import AsyncGenerator

from devhost.testing.hostthread import HostThread


def test_what_an_app_holds_by_the_loop_is_closed_before_the_loop() -> None:
    closed: list[str] = []

    async def held() -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            closed.append("client")

    generator = held()

    async def opens() -> None:
        await anext(generator)

    thread = HostThread()
    thread.run(opens())
    thread.close()

    assert closed == ["client"]
