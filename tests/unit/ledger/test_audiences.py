"""Which words and figures each audience may be given."""

import pytest

from ledger.domain.audiences import Audience, unfit_for


@pytest.mark.parametrize(
    ("text", "sales", "product"),
    [
        ("Customers wait 9 days for an invoice.", [], []),
        ("The shop was down for 2 hours in May.", [], []),
        ("The cache of the server is old.", ["cache", "server"], []),
        ("The legacy shop loses orders.", ["legacy"], []),
        ("It costs EUR 4,000 a month.", ["EUR 4,000"], ["EUR 4,000"]),
        ("Lost carts cost 2k euros.", ["2k euros"], ["2k euros"]),
        ("We can pay 40 hours now.", ["pay 40 hours"], ["pay 40 hours"]),
        ("It takes 12 more hours a month.", ["takes 12 more hours"], ["takes 12 more hours"]),
        ("That is 30 hours of work.", ["30 hours of work"], ["30 hours of work"]),
        ("Partners get 6 hours per day of help.", ["6 hours per day"], ["6 hours per day"]),
    ],
)
def test_what_is_withheld(text: str, sales: list[str], product: list[str]) -> None:
    assert [one.match for one in unfit_for(text, Audience.SALES)] == sales
    assert [one.match for one in unfit_for(text, Audience.PRODUCT)] == product
    assert list(unfit_for(text, Audience.LEADERSHIP)) == []


def test_each_part_has_its_place_and_a_reason() -> None:
    text = "The api costs 3 hours a month."
    for one in unfit_for(text, Audience.SALES):
        assert text[one.start : one.end] == one.match
        assert one.reason.endswith(".")


def test_endless_text_is_answered() -> None:
    for part in ("9 hours ", "extra ", "€9", "code ", "pay 9 "):
        list(unfit_for(part * 50_000, Audience.SALES))
