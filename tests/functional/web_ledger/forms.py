"""What a browser sends."""

from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from ledger.models import DebtItem
from tests.functional.web_ledger.conftest import IMPACT, in_days


def no_steps(**steps: Any) -> dict[str, Any]:
    """The rows of the plan, empty unless given as milestones-0-title and the like."""
    count = len({name.split("-")[1] for name in steps})
    return {
        "milestones-TOTAL_FORMS": max(count, 2),
        "milestones-INITIAL_FORMS": 0,
        **steps,
    }


def new_debt(**changes: Any) -> dict[str, Any]:
    """A filled form for a new debt."""
    steps = {name: changes.pop(name) for name in list(changes) if name.startswith("milestones")}
    return {
        "title": "Carts live in process memory",
        "owner": "payments",
        "due_on": in_days(60).isoformat(),
        "severity": "high",
        "confidence": "medium",
        "impact": IMPACT,
        "principal_optimistic": "8",
        "principal_likely": "16",
        "principal_pessimistic": "40",
        "interest_p10": "2",
        "interest_p50": "4",
        "interest_p90": "9.5",
        "basis": "expert",
        **no_steps(**steps),
        **changes,
    }


def extension(item: DebtItem, **changes: Any) -> dict[str, Any]:
    return {
        "version": item.version,
        "due_on": in_days(90).isoformat(),
        "reason": "The supplier is late.",
        "interest_p10": "3",
        "interest_p50": "6",
        "interest_p90": "12",
        **changes,
    }


def act(client: Client, item: DebtItem, action: str, data: dict[str, Any]) -> HttpResponse:
    response = client.post(reverse("ledger:act", args=[item.reference, action]), data)
    assert isinstance(response, HttpResponse)
    return response


def errors_of(response: Any) -> dict[str, list[str]]:
    """The sentences by field; "__all__" for the form as a whole."""
    return {name: list(errors) for name, errors in response.context["form"].errors.items()}
