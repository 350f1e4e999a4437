"""What the database refuses, whoever writes."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from common import clock
from common.errors import Refused
from ledger import services
from ledger.models import Commitment, DebtItem, Estimate
from tests.integration.ledger.conftest import complete, in_days


@pytest.mark.parametrize(
    "values",
    [
        {"state": "expired"},
        {"severity": "worst"},
        {"due_on": None},
        {"first_due_on": None},
        {"owner": ""},
        {"title": ""},
        {"interest_p10": 5},
        {"interest_p90": 1},
        {"interest_p10": -1},
        {"principal": -1},
        {"impact_level": 4},
        {"version": 0},
        {"quadrant": "careless"},
    ],
)
def test_an_item_keeps_its_bounds(active: Any, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        DebtItem.objects.filter(pk=active.pk).update(**values)


def test_a_commitment_has_a_date(active: Any) -> None:
    values = {"item": active, "sequence": 2, "kind": "promise", "at": clock.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.create(**values, due_on=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.create(**{**values, "sequence": 1}, due_on=in_days(1))


def test_an_extension_row_has_reason_price_and_approver(active: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.create(
            item=active, sequence=2, kind="extension", at=clock.now(), due_on=in_days(80)
        )


def test_an_estimate_is_a_range(active: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Estimate.objects.create(
            item=active,
            sequence=2,
            at=clock.now(),
            principal_optimistic=5,
            principal_likely=4,
            principal_pessimistic=6,
            basis="expert",
            formula_version=1,
        )


def test_an_id_is_unique_in_its_repository(contributor: Any, repository: Any) -> None:
    given = complete(repository_id=repository.pk, slug="carts")
    services.debt_record(actor=contributor, **given)
    with pytest.raises(Refused, match="taken"):
        services.debt_record(actor=contributor, **given)
    services.debt_record(actor=contributor, **complete(slug="carts"))
