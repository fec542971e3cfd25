"""The pages about sources: what they show beside the example source is tried as it stands."""

import json
import re
from pathlib import Path
from textwrap import indent

from gather_once.model.settings import Settings
from gather_once.plans import asks, requests
from gather_once.sources import registry
from support.guide import GUIDE, example, made_by, piece

CALLED = "WhoisSource()"
SOURCES: Path = GUIDE.with_name("sources.md")
AN_ASK = {"from": "blob", "container": "inputs", "name": "client.json"}


def test_the_line_that_registers_is_the_one_that_there_is_and_one_more() -> None:
    line = piece("source.kind").strip()

    assert f", {CALLED})" in line
    assert line.replace(f", {CALLED}", "") in Path(registry.__file__).read_text()


def test_the_words_of_a_plan_become_what_the_source_reads() -> None:
    words = made_by(piece("class WhoisAsk"), "WhoisAsk", vars(asks))
    asked = words(server="whois.example.com", name="${client.domain}")
    case = "def made(ask, scope):\n  match ask:\n" + indent(piece("case WhoisAsk"), "    ")
    made = made_by(case, "made", {**vars(requests), "WhoisAsk": words})

    fields = made(asked, {"client": {"domain": "example.com"}})

    assert asked.needed() == {"client"}
    assert fields.keys() == set(words.request_fields)
    source = example("gather_once/sources/whois.py")
    assert source.server_of(fields, ("whois.example.com",)) == ("whois.example.com", 43)
    assert source.question_of(fields) == b"example.com\r\n"


def test_every_plan_and_ask_that_the_page_of_sources_shows_is_accepted() -> None:
    shown = [
        json.loads(text)
        for text in re.findall(r"```json\n(.*?)```", SOURCES.read_text(), re.DOTALL)
    ]
    settings = Settings.of({"GATHER_ALLOWED_HOSTS": "api.example.com"})

    for one in shown:
        plan = one if "asks" in one else {"asks": {"client": AN_ASK, "shown": one}}
        registry.read_plan(plan, settings)
    assert {one.get("from") for one in shown} >= {None, "http", "sql", "blob"}
