from typing import Any

import pytest

from gather_once.plans.forms import Entry, FormField, flaws_of_answer, is_choice

FORM = {
    "why": FormField(),
    "amount": FormField(type=Entry.NUMBER),
    "urgent": FormField(type=Entry.YES_NO, required=False),
    "day": FormField(type=Entry.DATE, required=False),
}


def test_a_filled_form_fits() -> None:
    whole = {"why": "so", "amount": 1.5, "urgent": False, "day": "2030-01-31"}
    assert flaws_of_answer(whole, FORM) == ()
    assert flaws_of_answer({"why": "", "amount": 0, "day": None}, FORM) == ()


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        ("yes", "an object"),
        ({"amount": 1}, "why is required"),
        ({"why": "so", "amount": True}, "a number"),
        ({"why": "so", "amount": "1"}, "a number"),
        ({"why": 1, "amount": 1}, "text"),
        ({"why": "so", "amount": 1, "urgent": "no"}, "true or false"),
        ({"why": "so", "amount": 1, "day": "31.1.2030"}, "a date"),
        ({"why": "so", "amount": 1, "day": "20300131"}, "a date"),
        ({"why": "so", "amount": 1, "more": 1}, "more is not in the form"),
    ],
)
def test_what_does_not_fit_the_form_is_said(answer: Any, flaw: str) -> None:
    (found,) = flaws_of_answer(answer, FORM)
    assert flaw in found


def test_only_a_choice_is_a_choice() -> None:
    assert is_choice("yes", ("yes", "no"))
    assert not is_choice("maybe", ("yes", "no"))
    assert not is_choice(["yes"], ("yes", "no"))
