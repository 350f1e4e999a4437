"""The page of a debt's figures: before beside after, and noting one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from ledger.models import DebtItem
from orchestration.models import DebtLink, Measurement
from tests.builders.debts import make_active_debt, make_person
from tests.builders.environments import make_environment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
SignIn = Callable[..., Client]
TOLD = {"name": "Orders answered in", "value": "840", "unit": "ms", "side": "before", "note": "k6"}


@pytest.fixture
def debt() -> DebtItem:
    return make_active_debt(make_person("rita"), make_person("adam", Role.APPROVER))


def page_of(debt: DebtItem) -> str:
    return f"/environments/figures/{debt.reference}/"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_figure_before_and_after(signed_in: SignIn, debt: DebtItem) -> None:
    environment = make_environment("Checkout", {"db": ("postgresql", "small")})
    DebtLink.objects.create(
        item=debt, environment=environment, role="provision", created_at=clock.now()
    )
    client = signed_in(Role.CONTRIBUTOR)
    assert "Nothing was measured yet" in text_of(client.get(page_of(debt)))
    assert client.post(page_of(debt), TOLD).status_code == 302
    after = {**TOLD, "side": "after", "value": "210", "environment": str(environment.pk)}
    shown = text_of(client.post(page_of(debt), after, follow=True))
    assert "It is noted." in shown
    assert "840.0" in shown
    assert "210.0" in shown
    assert "75" in shown, "by how much it changed"
    assert Measurement.objects.get(is_after=True).environment == environment
    assert page_of(debt) in text_of(client.get(f"/environments/{environment.reference}/"))
    panel = text_of(client.get(f"/debts/{debt.reference}/"))
    assert "840 ms before, 210 ms after: 75 % less" in panel
    assert page_of(debt) in panel


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"value": "fast"}, "Enter a number"),
        ({"value": "nan"}, "Enter a number"),
        ({"name": "x\x07y"}, "Name the figure"),
        ({"unit": "s"}, "in the same unit"),
        ({"environment": "999"}, "not one of the available choices"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    signed_in: SignIn, debt: DebtItem, wrong: dict[str, str], said: str
) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    client.post(page_of(debt), TOLD)
    answer = client.post(page_of(debt), {**TOLD, **wrong})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert Measurement.objects.count() == 1


def test_who_may_only_read_notes_nothing(signed_in: SignIn, debt: DebtItem) -> None:
    client = signed_in(Role.VIEWER)
    assert "Note a figure" not in text_of(client.get(page_of(debt)))
    assert client.post(page_of(debt), TOLD).status_code == 403
    assert not Measurement.objects.exists()
    assert client.get("/environments/figures/D-999999/").status_code == 404
