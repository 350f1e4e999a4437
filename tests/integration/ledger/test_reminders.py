"""Answers to reminders, and asking for a later day."""

from typing import Any

import pytest

from accounts.domain.roles import Role
from common.errors import Denied, Refused
from ledger import selectors, services
from ledger.domain.estimates import Interest
from ledger.models import DebtItem, ExtensionRequest
from tests.integration.ledger.conftest import in_days

pytestmark = pytest.mark.django_db


def test_an_answer_stands_until_the_promise_changes(
    active: DebtItem, contributor: Any, approver: Any
) -> None:
    services.debt_acknowledge(actor=contributor, item_id=active.pk, via="matrix")
    services.debt_snooze(actor=approver, item_id=active.pk, until=in_days(3))
    answers = selectors.answers_of([active.pk])[active.pk]
    assert (answers.seen_by, answers.snoozed_by) == (contributor.username, approver.username)
    assert answers.snoozed_until == in_days(3)
    assert answers.seen_at is not None
    history = [(event.type, event.payload.get("via")) for event in selectors.debt_events(active.pk)]
    assert history[-2:] == [("acknowledged", "matrix"), ("snoozed", None)]

    services.debt_extend(
        actor=approver, item_id=active.pk, due_on=in_days(90), reason="late",
        interest=Interest.of(1, 2, 3),
    )  # fmt: skip
    assert selectors.answers_of([active.pk]) == {}
    assert selectors.debt_get(active.pk).snoozes == 0
    assert not selectors.history_verify().breaks


def test_a_person_asks_and_an_approver_decides(
    active: DebtItem, contributor: Any, approver: Any
) -> None:
    for day in (80, 90):  # the newest wish counts
        asked = services.extension_ask(
            actor=contributor, item_id=active.pk, due_on=in_days(day), reason="the store is late"
        )
    assert ExtensionRequest.objects.get() == asked
    assert (asked.asked_by, asked.author, asked.commit) == (contributor, contributor.username, "")
    assert selectors.debt_get(active.pk).due_on == active.due_on

    services.extension_accept(actor=approver, request_id=asked.pk, interest=Interest.of(1, 2, 3))
    assert selectors.debt_get(active.pk).due_on == in_days(90)
    # A decided request does not stand in the way of the next one.
    services.extension_ask(
        actor=contributor, item_id=active.pk, due_on=in_days(95), reason="later still"
    )
    assert ExtensionRequest.objects.count() == 2


@pytest.mark.parametrize(
    ("day", "reason", "said"),
    [(30, "late", "needs a date after"), (5_000, "late", "at the latest"), (90, " ", "reason")],
)
def test_a_wish_that_could_not_be_granted_is_refused(
    active: DebtItem, contributor: Any, day: int, reason: str, said: str
) -> None:
    with pytest.raises(Refused, match=said):
        services.extension_ask(
            actor=contributor, item_id=active.pk, due_on=in_days(day), reason=reason
        )
    assert not ExtensionRequest.objects.exists()


def test_only_a_promise_can_be_extended(proposed: DebtItem, contributor: Any) -> None:
    with pytest.raises(Refused, match="only active or repaying"):
        services.extension_ask(
            actor=contributor, item_id=proposed.pk, due_on=in_days(90), reason="late"
        )


def test_a_viewer_asks_in_vain(active: DebtItem, contributor: Any) -> None:
    contributor.role = Role.VIEWER.value
    contributor.save()
    with pytest.raises(Denied):
        services.extension_ask(
            actor=contributor, item_id=active.pk, due_on=in_days(90), reason="late"
        )
