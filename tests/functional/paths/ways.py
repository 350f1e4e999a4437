"""The ways to take a step in a debt's life: the service itself, pages, the API and the command.

Each way is given the same wish in the same words and answers with the refusal's sentence, or "".
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from accounts import services as accounts_services
from common.errors import DisplaceError
from ledger import services
from ledger.domain.estimates import Interest
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.lifecycle import Action
from ledger.domain.terms import EvidenceKind
from ledger.models import DebtItem


@dataclass(frozen=True)
class Wish:
    """What somebody wants of an item. The parts that the action does not take are left empty."""

    action: Action
    reason: str = ""
    note: str = ""
    due_on: date | None = None
    interest: tuple[str, str, str] = ("3", "6", "12")
    kind: str = ""
    reference: str = ""
    until: date | None = None


Way = Callable[[Wish, DebtItem, Any], str]

SERVICES: Mapping[Action, Callable[..., DebtItem]] = {
    action: getattr(services, f"debt_{action.value.replace('-', '_')}") for action in Action
}
REASONED = {
    Action.WRITE_OFF, Action.REJECT, Action.ROLL_BACK, Action.REOPEN, Action.ESCALATE,
    Action.EXTEND,
}  # fmt: skip
EVIDENCED = {Action.REPAY, Action.VERIFY}


def by_service(wish: Wish, item: DebtItem, user: Any) -> str:
    given: dict[str, Any] = {}
    if wish.action in REASONED:
        given["reason"] = wish.reason
    if wish.action is Action.EXTEND:
        given |= {"due_on": wish.due_on, "interest": Interest.of(*map(float, wish.interest))}
    if wish.action in EVIDENCED:
        kind = EvidenceKind(wish.kind)
        given["evidence"] = EvidenceDraft(kind, wish.reference, wish.note)
    if wish.action is Action.REVIEW:
        given["note"] = wish.note
    if wish.action is Action.SNOOZE:
        given["until"] = wish.until
    try:
        SERVICES[wish.action](actor=user, item_id=item.pk, **given)
    except DisplaceError as error:
        return error.message
    return ""


def by_page(wish: Wish, item: DebtItem, user: Any) -> str:
    client = Client()
    client.force_login(user)
    low, middle, high = wish.interest
    data = {
        "version": str(item.version),
        "reason": wish.reason,
        "note": wish.note,
        "kind": wish.kind,
        "reference": wish.reference,
        "due_on": wish.due_on.isoformat() if wish.due_on else "",
        "interest_p10": low,
        "interest_p50": middle,
        "interest_p90": high,
        "until": wish.until.isoformat() if wish.until else "",
    }
    response = client.post(reverse("ledger:act", args=[item.reference, wish.action]), data)
    if response.status_code == 302:
        return ""
    assert response.status_code in {403, 422}, response.status_code
    return " ".join(text for errors in response.context["form"].errors.values() for text in errors)


def by_api(wish: Wish, item: DebtItem, user: Any) -> str:
    secret = accounts_services.token_issue(user=user, name="test").secret
    body: dict[str, Any] = {}
    if wish.action in REASONED:
        body["reason"] = wish.reason
    if wish.action is Action.EXTEND:
        points = zip(("p10", "p50", "p90"), map(float, wish.interest), strict=True)
        body |= {"due_on": wish.due_on.isoformat(), "interest": dict(points)}
    if wish.action in EVIDENCED:
        body["evidence"] = {"kind": wish.kind, "reference": wish.reference, "note": wish.note}
    if wish.action is Action.REVIEW:
        body["note"] = wish.note
    if wish.action is Action.SNOOZE:
        body["until"] = wish.until.isoformat()
    response = Client().post(
        f"/api/v1/debts/{item.reference}/{wish.action}",
        json.dumps(body),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    problem = response.json()
    if response.status_code == 200:
        return ""
    assert response.status_code in {403, 409, 422}, problem
    errors = problem.get("errors")
    return (
        " ".join(text for texts in errors.values() for text in texts)
        if errors
        else (problem["detail"])
    )


def by_command(wish: Wish, item: DebtItem, user: Any) -> str:
    arguments = [wish.action.value, item.reference, "--as", user.username, "--json"]
    if wish.action in REASONED:
        arguments += ["--reason", wish.reason]
    if wish.action is Action.EXTEND:
        arguments += ["--due", wish.due_on.isoformat(), "--interest", *wish.interest]
    if wish.action is Action.REVIEW:
        arguments += ["--note", wish.note]
    if wish.action is Action.SNOOZE:
        arguments += ["--until", wish.until.isoformat()]
    arguments += EVIDENCE_ARGUMENTS[wish.kind](wish) if wish.action in EVIDENCED else []
    try:
        call_command("debt", *arguments, stdout=io.StringIO())
    except CommandError as error:
        return str(error)
    return ""


EVIDENCE_ARGUMENTS: Mapping[str, Callable[[Wish], list[str]]] = {
    "merge_commit": lambda wish: ["--commit", wish.reference, "--note", wish.note],
    "trailer": lambda wish: ["--trailer", wish.reference, "--note", wish.note],
    "annotation_left": lambda wish: ["--annotation-left", "--note", wish.note],
    "measurement": lambda wish: ["--measured", wish.note],
    "reviewer": lambda wish: ["--reviewed", wish.note],
}

WAYS: Mapping[str, Way] = {
    "service": by_service,
    "page": by_page,
    "api": by_api,
    "command": by_command,
}
