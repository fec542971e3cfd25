"""What the README shows can be sent as it stands."""

import re

import pytest

from gather_once.model.settings import Settings
from gather_once.sources.registry import KINDS, read_plan
from support.deployed import ROOT

README = (ROOT / "README.md").read_text()
PLANS = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
SETTINGS = Settings.of({"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"})


@pytest.mark.parametrize("plan", PLANS)
def test_a_plan_of_the_readme_is_accepted(plan: str) -> None:
    assert read_plan(plan, SETTINGS).asks


def test_the_readme_shows_every_kind_of_ask() -> None:
    shown = {ask.kind for plan in PLANS for ask in read_plan(plan, SETTINGS).asks.values()}
    assert shown == KINDS
