"""The host's log lines in a terminal."""

import io
import logging
import re
from collections.abc import Iterator

import pytest

from devhost.console import show_log

_QUIETED = ("", "devhost", "azure.core", "azure.identity", "urllib3", "asyncio")


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: logging.getLogger(name).level for name in _QUIETED}
    root.handlers[:] = []  # pytest's own ones must not be closed
    yield
    root.handlers[:] = handlers
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def test_a_line_has_the_moment_and_the_text(stream: io.StringIO) -> None:
    show_log(stream)

    logging.getLogger("somebodys.app").info("hello %s", "there")

    assert re.fullmatch(
        r"\[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\] hello there\n", stream.getvalue()
    )


def test_what_asks_for_attention_names_its_level(stream: io.StringIO) -> None:
    show_log(stream)

    logging.getLogger("devhost").warning("look here")

    assert stream.getvalue().endswith("Z] warning: look here\n")


@pytest.mark.parametrize("verbose", [False, True])
def test_the_hosts_details_are_for_who_asks(stream: io.StringIO, *, verbose: bool) -> None:
    show_log(stream, verbose=verbose)

    logging.getLogger("devhost.azurite").debug("a detail")
    logging.getLogger("azure.core.pipeline").info("a request")

    assert ("a detail" in stream.getvalue()) is verbose
    assert ("a request" in stream.getvalue()) is verbose


def test_an_exception_is_shown_with_its_traceback(stream: io.StringIO) -> None:
    show_log(stream)

    try:
        int("no number")
    except ValueError:
        logging.getLogger("devhost").exception("failed")

    assert "error: failed\nTraceback" in stream.getvalue()
    assert "ValueError: invalid literal" in stream.getvalue()
