"""What every kind of source keeps to: a kind is added by a rig that shows it in each situation."""

import traceback
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import pytest

from model.fault import LONGEST_MESSAGE, Fault, FaultKind, SourceFailed
from model.settings import Settings
from sources.catalogue import source_for
from sources.media import view
from sources.port import Call, Source
from sources.secrets import Secrets
from support.sources import OPEN_LOOPBACK, Town, hang, reply

SECRET = "cAnArY-5e1f"
SECRETS = Secrets({"GATHER_SECRET_TOKEN": SECRET})
SHORT = Settings.of({"GATHER_ALLOW_LOOPBACK": "1", "GATHER_MAX_PAYLOAD_BYTES": "10"})

Fields = Mapping[str, Any]


class Rig(Protocol):
    """A kind of source in its situations, each as the fields of an ask.

    `refused` are requests that are useless to repeat, ill-formed ones among them; `silent` is one
    that brings no answer in any time; `long` has an answer of more than 10 bytes.
    """

    kind: str
    answer: Any
    answering: Fields
    in_trouble: Fields
    unreadable: Fields
    long: Fields
    silent: Fields
    refused: tuple[Fields, ...]


class HttpRig:
    kind = "http"

    def __init__(self, town: Town) -> None:
        self.answer: Any = {"eur": [4, None]}
        self.answering = _authorized(town.source("answers").gives(self.answer).url)
        self.in_trouble = _authorized(town.source("trouble").gives(500).url)
        noise = reply(b"{", "application/json")
        self.unreadable = _authorized(town.source("noise").gives(noise).url)
        self.long = _authorized(town.source("long").gives("eleven text").url)
        self.silent = _authorized(town.source("silent").gives(hang()).url)
        self.refused: tuple[Fields, ...] = (
            _authorized(town.source("no").gives(403).url),
            _authorized("https://not-allowed.example.com/"),
            {"url": "http://127.0.0.1/", "headers": {"x-key": {"secret": "GONE"}}},
            {"url": 5},
            {},
        )


def _authorized(url: str) -> Fields:
    return {"url": url, "headers": {"authorization": {"secret": "TOKEN"}}}


@pytest.fixture(params=["http"])
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    match request.param:
        case "http":
            with Town() as town:
                yield HttpRig(town)


@pytest.fixture
def source(rig: Rig) -> Source:
    return source_for(rig.kind)


def call(fields: Fields) -> Call:
    return Call(fields, timedelta(seconds=20), "asking-1", SECRETS, OPEN_LOOPBACK)


def fault_of(source: Source, asked: Call) -> Fault:
    """Return why there is no answer; whatever shows of it is checked on the way."""
    with pytest.raises(SourceFailed) as failed:
        source.fetch(asked)
    fault = failed.value.fault
    assert 0 < len(fault.message) <= LONGEST_MESSAGE
    shown = "".join(traceback.format_exception(failed.value))
    assert SECRET not in f"{fault!r} {asked!r} {shown}"
    return fault


def test_it_calls_itself_what_the_plan_calls_it(rig: Rig, source: Source) -> None:
    assert source.kind == rig.kind


def test_an_answer_can_be_read_as_its_media_type_says(rig: Rig, source: Source) -> None:
    answer = source.fetch(call(rig.answering))

    assert view(answer.content, answer.media_type) == rig.answer


def test_asked_again_it_answers_again(rig: Rig, source: Source) -> None:
    assert source.fetch(call(rig.answering)) == source.fetch(call(rig.answering))


def test_many_threads_may_ask_it_at_once(rig: Rig, source: Source) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(source.fetch, [call(rig.answering)] * 8))

    assert len(set(answers)) == 1


def test_trouble_passes(rig: Rig, source: Source) -> None:
    assert fault_of(source, call(rig.in_trouble)).kind is FaultKind.PASSING


def test_an_answer_that_cannot_be_read_is_broken(rig: Rig, source: Source) -> None:
    assert fault_of(source, call(rig.unreadable)).kind is FaultKind.BROKEN


def test_an_answer_beyond_the_limit_is_broken(rig: Rig, source: Source) -> None:
    fault = fault_of(source, replace(call(rig.long), settings=SHORT))

    assert fault.kind is FaultKind.BROKEN
    assert "10 bytes" in fault.message


def test_silence_ends_with_the_time_limit_and_leaves_in_doubt(rig: Rig, source: Source) -> None:
    brief = replace(call(rig.silent), timeout=timedelta(seconds=0.05))

    fault = fault_of(source, brief)

    assert (fault.kind, fault.may_have_acted) == (FaultKind.PASSING, True)


def test_what_is_useless_to_repeat_is_refused(rig: Rig, source: Source) -> None:
    for fields in rig.refused:
        fault = fault_of(source, call(fields))
        assert (fault.kind, fault.may_have_acted) == (FaultKind.REFUSED, False), fields
