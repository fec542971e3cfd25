"""Signed links: only who was given one may answer, and only for what it was given."""

from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer

from gather_once.model.errors import InvalidSetting
from gather_once.model.settings import Settings
from gather_once.notify.notices import Place
from gather_once.questions.links import LinkExpired, Links, NoLink
from support.gathers import NOON

PLACE = Place("g/" + "a" * 64, 3, "execution-1")
OLD, NEW = "an old key of thirty-two characters", "a new key of thirty-two characters"
DAY = timedelta(days=1)


def links(*keys: str, days: int = 0) -> Links:
    return Links("https://x.test/answer", keys or (NEW,), 30 * DAY, lambda: NOON + days * DAY)


def token_of(link: str) -> str:
    return urlsplit(link).fragment


TOKEN = token_of(links().link_to(PLACE))


def test_a_link_leads_back_to_its_asking_and_shows_its_token_to_no_server() -> None:
    link = links().link_to(PLACE)

    assert links().read(token_of(link)) == PLACE
    assert link.partition("#")[0] == "https://x.test/answer"


def test_keys_can_be_changed_while_links_are_on_their_way() -> None:
    old = token_of(links(OLD).link_to(PLACE))

    assert links(NEW, OLD).read(old) == PLACE
    signed_by_the_first = token_of(links(NEW, OLD).link_to(PLACE))
    assert links(NEW).read(signed_by_the_first) == PLACE
    with pytest.raises(NoLink):
        links(NEW).read(old)


def test_a_link_expires() -> None:
    assert links(days=30).read(TOKEN) == PLACE
    with pytest.raises(LinkExpired):
        links(days=31).read(TOKEN)


@pytest.mark.parametrize("salt", ["itsdangerous", "another purpose"])
def test_a_token_for_another_purpose_opens_nothing(salt: str) -> None:
    foreign = URLSafeTimedSerializer(
        NEW, salt=salt, signer_kwargs={"digest_method": sha256, "key_derivation": "hmac"}
    )
    with pytest.raises(NoLink):
        links().read(str(foreign.dumps([PLACE.question, 3, PLACE.opener])))


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("abcXYZ019-_."))
def test_a_token_that_was_changed_anywhere_opens_nothing(at: int, letter: str) -> None:
    changed = TOKEN[:at] + letter + TOKEN[at + 1 :]
    try:
        assert links().read(changed) == PLACE
    except NoLink:
        return
    # The last letter of base64 has bits to spare: another letter there may say the same bytes.
    assert changed == TOKEN or at == len(TOKEN) - 1


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_whatever_is_sent_as_a_token_is_no_link(text: str) -> None:
    with pytest.raises(NoLink):
        links().read(text)


@pytest.mark.parametrize("said", [None, [], {"question": "g/k"}, ["g/k", "3", "e"], "g/k"])
def test_what_was_signed_and_names_no_asking_is_no_link(said: object) -> None:
    token = links()._serializer.dumps(said)

    with pytest.raises(NoLink):
        links().read(str(token))


def test_without_keys_links_are_made_for_this_machine_alone() -> None:
    here = Links.of({}, Settings(), lambda: NOON)
    assert here.read(token_of(here.link_to(PLACE))) == PLACE

    for environ, url in (
        ({}, "https://app.example.com"),
        ({"WEBSITE_INSTANCE_ID": "1", "WEBSITE_HOSTNAME": "app.example.com"}, ""),
        ({"WEBSITE_INSTANCE_ID": "1"}, ""),
        ({"WEBSITE_INSTANCE_ID": "1"}, "http://localhost:7071/api/answer"),
    ):
        with pytest.raises(InvalidSetting, match="GATHER_LINK_SIGNING_KEYS"):
            Links.of(environ, Settings.of({"GATHER_PUBLIC_URL": url}), lambda: NOON)


def test_in_azure_the_page_is_at_the_apps_own_host_name() -> None:
    azure = {"WEBSITE_INSTANCE_ID": "1", "WEBSITE_HOSTNAME": "app.example.com"}
    link = Links.of(azure, Settings.of({"GATHER_LINK_SIGNING_KEYS": NEW}), lambda: NOON).link_to(
        PLACE
    )

    assert link.startswith("https://app.example.com/api/answer#")


def test_elsewhere_the_page_is_where_the_host_says_it_listens() -> None:
    link = Links.of({"WEBSITE_HOSTNAME": "127.0.0.1:8080"}, Settings(), lambda: NOON).link_to(PLACE)

    assert link.startswith("http://127.0.0.1:8080/api/answer#")


def test_a_public_host_name_is_signed_by_no_known_key_wherever_it_is_set() -> None:
    with pytest.raises(InvalidSetting, match="GATHER_LINK_SIGNING_KEYS"):
        Links.of({"WEBSITE_HOSTNAME": "app.example.com"}, Settings(), lambda: NOON)


def test_keys_are_shown_by_no_repr() -> None:
    assert NEW not in repr(Settings.of({"GATHER_LINK_SIGNING_KEYS": NEW}))


@pytest.mark.parametrize("keys", ["short", f"{NEW},short"])
def test_short_keys_are_refused_without_being_shown(keys: str) -> None:
    with pytest.raises(InvalidSetting, match="32 characters") as refused:
        Settings.of({"GATHER_LINK_SIGNING_KEYS": keys})
    assert keys not in str(refused.value)
