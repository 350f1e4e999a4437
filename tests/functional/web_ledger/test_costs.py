"""What debt costs, on its page, on the page of costs, in the register and in the API."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from ledger import services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.models import DebtItem, Outcome, Price
from ledger.selectors import debt_detail, history_verify

pytestmark = pytest.mark.django_db

INPUTS = {
    "path": "<b>shop</b>/cart.py",
    "files": 1,
    "until": "2026-03-01",
    "months": 12,
    "months_touched": 9,
    "probability": 0.75,
    "hours_per_touched_month": 20.0,
    "slowdown": {
        "n": 31, "elsewhere": 400, "ratio": 2.0, "low": 1.4, "high": 2.9, "is_measured": True,
    },
    "share": [0.4, 0.5, 0.6],
    "hours_since_recorded": 10.0,
    "downtime": None,
}  # fmt: skip


def text_of(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def priced(item: DebtItem, basis: str = "measured", **inputs: Any) -> Price:
    """Give the item a price as the pricing does."""
    figures = {"p10": 5, "p50": 7, "p90": 9}
    DebtItem.objects.filter(pk=item.pk).update(
        priced_basis=basis, **{f"priced_{name}": value for name, value in figures.items()}
    )
    return Price.objects.create(
        item=item,
        commit_sha="a" * 40,
        formula="interest",
        formula_version=1,
        basis=basis,
        **{f"interest_{name}": value for name, value in figures.items()},
        **{f"cost_{name}": 100 * value for name, value in figures.items()},
        **{f"paid_{name}": value for name, value in figures.items()},
        currency="EUR",
        inputs={**INPUTS, **inputs},
        assumptions={},
        digest="x",
        at=clock.now(),
    )


def test_a_measured_price_with_all_that_went_into_it(viewer: Client, proposed: DebtItem) -> None:
    priced(proposed)
    page = viewer.get(f"/debts/{proposed.reference}/").content.decode()
    assert "<b>shop" not in page
    text = text_of(viewer, f"/debts/{proposed.reference}/")
    for words in (
        "7 hours a month , between 5 and 9 in 8 of 10 cases: about 700 EUR a month",
        "Measured in this code used",
        "A person&#x27;s estimate",
        "2.00 times the time of changes elsewhere",
        "95 % interval 1.40 to 2.90; 31 changes here, 400 of the same size elsewhere",
        "touched in 9 of 12 months",
        "Formula interest 1",
        "Assumed: 100 EUR an hour (85 to 120), 4 hours of a day",
        "Pays for itself after 2.7 months",
        "5 to 9 h of 10 h on this code",
    ):
        assert words in text, words


def test_a_prior_is_labelled_and_yields_to_what_people_say(
    viewer: Client, proposed: DebtItem
) -> None:
    slowdown = {"n": 3, "elsewhere": 0, "ratio": None, "low": None, "high": None}
    priced(proposed, "prior", slowdown={**slowdown, "is_measured": False})
    text = text_of(viewer, f"/debts/{proposed.reference}/")
    assert "A person&#x27;s estimate used" in text
    assert "Industry prior" in text
    assert "too few changes to compare" in text
    assert "4 hours a month" in text


def test_without_code_and_estimate_the_page_says_what_to_do(
    viewer: Client, record: Callable[..., DebtItem]
) -> None:
    item = record(estimate=None)
    assert "Estimate it, or name its file." in text_of(viewer, f"/debts/{item.reference}/")


def test_every_condition_of_good_debt_is_shown(
    viewer: Client, contributor: Client, record: Callable[..., DebtItem], people: dict[Role, Any]
) -> None:
    estimate = EstimateDraft(Principal.of(8, 16, 40), Interest.of(2, 4, 9))
    item = record(containment="contained", reversibility="one_way", estimate=estimate)
    text = text_of(viewer, f"/debts/{item.reference}/")
    assert "It saved more than it costs : not known nobody has said what it saved" in text
    assert "It can be undone : no" in text
    assert "Not good debt" in text
    services.debt_describe(
        actor=people[Role.CONTRIBUTOR],
        item_id=item.pk,
        reversibility="two_way",
        estimate=EstimateDraft(time_saved=Decimal(120)),
    )
    kept = debt_detail(item.pk).estimates[-1]
    assert (kept.time_saved, kept.interest_p50, kept.principal_likely) == (120, 4, 16)
    text = text_of(viewer, f"/debts/{item.reference}/")
    assert "Good debt: every condition is kept." in text
    form = contributor.get(f"/debts/{item.reference}/edit/").content.decode()
    assert 'value="120.00"' in form
    assert history_verify().breaks == ()


def test_the_page_of_costs_counts_an_hour_once(
    viewer: Client, record: Callable[..., DebtItem], repository: Any
) -> None:
    for title in ("one", "two"):
        record(title=title, repository_id=repository.pk, path="a.py", system="<i>billing</i>")
    record(title="three", system="checkout")
    page = viewer.get("/debts/costs/").content.decode()
    assert "<i>billing" not in page
    text = text_of(viewer, "/debts/costs/")
    assert "Open debt costs 8 hours a month , between 4 and 18: about 800 EUR" in text
    assert "3 debts in 2 places" in text
    assert "counted for each debt the middle would be 12 hours, 4 too many" in text


def test_the_page_of_costs_before_anything_is_known(
    viewer: Client, record: Callable[..., DebtItem]
) -> None:
    assert "No open debt yet" in text_of(viewer, "/debts/costs/")
    record(estimate=None)
    assert "No debt has a cost yet" in text_of(viewer, "/debts/costs/")


def outcomes(record: Callable[..., DebtItem], number: int) -> None:
    for _ in range(number):
        Outcome.objects.create(
            item=record(), formula="interest", formula_version=1, principal_p10=8,
            principal_expected=16, principal_p90=30, principal_actual=32, repayment_days=3,
            repaid_on=clock.today(), at=clock.now(),
        )  # fmt: skip


def test_calibration_is_refused_and_then_given(
    viewer: Client, record: Callable[..., DebtItem]
) -> None:
    outcomes(record, 9)
    text = text_of(viewer, "/debts/calibration/")
    assert "9 paid debts can be compared so far; from 10 on" in text
    outcomes(record, 1)
    text = text_of(viewer, "/debts/calibration/")
    assert "The ranges are too narrow" in text
    assert "2.00 ×" in text  # noqa: RUF001 - a product
    assert "0 % 0 % to 28 %" in text


def test_the_api_gives_the_same(
    viewer: Client, proposed: DebtItem, record: Callable[..., DebtItem]
) -> None:
    priced(proposed)
    found = viewer.get(f"/api/v1/debts/{proposed.reference}/price").json()
    assert found["used"] == found["measured"]
    assert found["used"]["interest"] == {"p10": 5.0, "p50": 7.0, "p90": 9.0}
    assert (found["used"]["basis"], found["used"]["cost"]["p50"]) == ("measured", "700.00")
    assert found["stated"]["interest"]["p50"] == 4.0
    assert found["used"]["formula"] == {"name": "interest", "version": 1}
    costs = viewer.get("/api/v1/costs").json()
    assert costs["whole"]["interest"]["p50"] == 4.0
    assert costs["assumptions"]["currency"] == "EUR"
    calibration = viewer.get("/api/v1/calibration").json()
    assert (calibration["principal"]["n"], calibration["interest"]["n"]) == (0, 0)
    assert "from 10 on" in calibration["principal"]["refusal"]
    assert viewer.get("/api/v1/debts/D-999999/price").status_code == 404


def test_a_cost_of_nothing_says_why(viewer: Client, proposed: DebtItem) -> None:
    row = priced(proposed)
    zero = dict.fromkeys(("interest_p10", "interest_p50", "interest_p90"), 0)
    Price.objects.filter(pk=row.pk).update(**zero)
    path = f"/debts/{proposed.reference}/"
    words = "Waiting costs nothing now : changes to its code take no longer than changes"
    assert words in text_of(viewer, path)
    Price.objects.filter(pk=row.pk).update(inputs={**INPUTS, "hours_per_touched_month": 0.02})
    assert "all work on its code together is a few minutes a month" in text_of(viewer, path)
    Price.objects.filter(pk=row.pk).update(inputs={**INPUTS, "months_touched": 0})
    assert "nobody changed its code in the last 12 months" in text_of(viewer, path)
