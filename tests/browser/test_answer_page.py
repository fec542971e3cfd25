"""The page of a question in a real browser, on a phone's screen, as somebody would use it."""

import json
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    Page,
    Request,
    ViewportSize,
    expect,
    sync_playwright,
)

from devhost_support.azurite import SharedAzurite
from support.app import the_app
from support.people import People, a_plan_with_a_human
from support.sources import Town
from support.story import Story

PHONE: ViewportSize = {"width": 375, "height": 667}
CONTEXT = {
    "value at risk": 1250000,
    "worst days": [{"day": "2026-09-30", "loss": 4.2}, {"day": "2026-08-05", "loss": 3.9}],
    "<i>name</i>": True,
    "remark": "<img src=x onerror=alert(1)><script>alert(2)</script>",
}
FORM = {
    "amount": {"type": "number", "label": "How much?"},
    "from_day": {"type": "date", "label": "From when?"},
    "urgent": {"type": "yes_no", "label": "Is it urgent?"},
    "why": {"type": "text", "label": "Why?", "required": False},
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium, "there is no chromium; `make browser` installs Debian's"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


class Reader:
    """Somebody with a phone: what they see, and what their browser does behind their back."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[Request] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("dialog", lambda dialog: self._hear("error", dialog.message))
        page.on("request", self._ask)

    def _ask(self, request: Request) -> None:
        self.requests.append(request)

    def _hear(self, kind: str, text: str) -> None:
        # The browser itself writes a line for each answer above 399.
        if kind == "error" and not text.startswith("Failed to load resource"):
            self.complaints.append(text)

    def opens(self, link: str) -> None:
        self.page.goto(link)

    def sees(self, text: str) -> None:
        expect(self.page.locator("main")).to_contain_text(text)

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    page = browser.new_page(viewport=PHONE, locale="en-GB")
    page.set_default_timeout(15_000)
    reader = Reader(page)
    yield reader
    page.close()
    assert reader.complaints == []


@pytest.fixture
def people(azurite: SharedAzurite) -> Iterator[People]:
    connection = azurite.fresh_account()
    app = the_app(azurite_clock=azurite.clock, AzureWebJobsStorage=connection)
    with Town() as town, app as host:
        yield People(Story(host, town, connection))


def asked(people: People, **fields: Any) -> str:
    """Have a human asked, and return the address at which this host answers."""
    people.story.start(a_plan_with_a_human(**fields))
    return f"{people.story.host.url}/api/answer#{people.are_asked().token}"


def test_a_choice_is_one_press_and_says_thanks(people: People, reader: Reader) -> None:
    question = "Release the <b>report</b>?"
    gather = people.story.start(a_plan_with_a_human(question=question, context=CONTEXT))
    reader.opens(f"{people.story.host.url}/api/answer#{people.are_asked().token}")
    reader.sees(question)
    reader.sees("value at risk")
    reader.sees("2026-08-05")
    for markup in ("<img src=x onerror=alert(1)>", "<i>name</i>"):  # as the text that it is
        reader.sees(markup)
    reader.sees("Please answer by")

    reader.presses("yes")
    reader.sees("Thank you")
    assert gather.end().dossier == {"sign_off": "yes"}


def test_a_form_says_what_is_missing_and_keeps_what_was_typed(
    people: People, reader: Reader
) -> None:
    gather = people.story.start(a_plan_with_a_human(choices=None, form=FORM))
    reader.opens(f"{people.story.host.url}/api/answer#{people.are_asked().token}")
    reader.page.get_by_label("How much?").fill("12,5")
    reader.presses("Send my answer")
    reader.sees("from_day is required")

    reader.page.get_by_label("From when?").fill("2026-12-01")
    reader.page.get_by_label("Is it urgent?").select_option("no")
    reader.presses("Send my answer")
    reader.sees("Thank you")
    answer = {"amount": 12.5, "from_day": "2026-12-01", "urgent": False}
    assert gather.end().dossier == {"sign_off": answer}


def test_who_comes_second_is_told(people: People, reader: Reader) -> None:
    link = asked(people)
    reader.opens(link)
    reader.sees("Release the report?")
    people.answer(link.partition("#")[2], "no", "from Bo")

    reader.presses("yes")
    reader.sees("Already answered")


def test_a_link_that_is_none_says_so(people: People, reader: Reader) -> None:
    reader.opens(f"{people.story.host.url}/api/answer#made-up")
    reader.sees("This link does not work")
    reader.opens("about:blank")
    reader.opens(f"{people.story.host.url}/api/answer")
    reader.sees("This link does not work")


def test_without_a_connection_the_same_answer_can_be_sent_again(
    people: People, reader: Reader
) -> None:
    reader.opens(asked(people))
    reader.sees("Release the report?")
    reader.page.route("**/api/answer", lambda route: route.abort(), times=1)
    reader.presses("yes")
    reader.sees("Your answer may not have arrived")

    reader.presses("Try again")
    reader.sees("Thank you")
    posts = [json.loads(one.post_data or "{}") for one in reader.requests if one.method == "POST"]
    sent = [one["request_id"] for one in posts if "request_id" in one]
    assert len(sent) == 2
    assert sent[0] == sent[1], "it is the same request, so it is thanked again if it had arrived"


def test_the_token_is_in_no_address_that_is_asked_for(people: People, reader: Reader) -> None:
    link = asked(people)
    reader.opens(link)
    reader.presses("yes")
    reader.sees("Thank you")

    token = link.partition("#")[2]
    asked_for = [one.url.partition("#")[0] for one in reader.requests]
    assert not [url for url in asked_for if token in url]
    assert all(url.startswith(people.story.host.url) for url in asked_for)
    assert not [one for one in reader.requests if token in str(one.headers)]


def test_another_link_in_the_same_window_shows_its_own_question(
    people: People, reader: Reader
) -> None:
    """Only what is behind the # changes then, and a browser loads nothing for it."""
    first = asked(people)
    people.answer(first.partition("#")[2], "yes")
    reader.opens(first)
    reader.sees("Already answered")

    people.notices.clear()
    reader.opens(asked(people, question="And this one?"))
    reader.sees("And this one?")


def test_whatever_a_question_is_made_of_is_shown_as_text(people: People, reader: Reader) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>"
    rows = [{"javascript:alert(3)": hostile, "n": number} for number in range(400)]
    context = {"__proto__": hostile, "rows": rows, "turned \u202e round": "\u202eabc"}
    choices = [hostile, "javascript:alert(4)"]
    reader.opens(asked(people, question=hostile, context=context, choices=choices))

    reader.sees(hostile)
    reader.sees("__proto__")
    reader.sees("… and 300 more")
    assert reader.page.locator("main script, main img, main a, main [style]").count() == 0
    reader.presses(hostile)
    reader.sees("Thank you")


def test_nothing_is_wider_than_a_phone(people: People, reader: Reader) -> None:
    reader.opens(asked(people, context=CONTEXT, question="Release " + "x" * 300))
    reader.sees("value at risk")

    wide = reader.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
    heights = [box["height"] for box in map(_box, reader.page.get_by_role("button").all())]
    assert heights
    assert min(heights) >= 44, "a finger needs 44 pixels"


def _box(locator: Any) -> Any:
    return locator.bounding_box()
