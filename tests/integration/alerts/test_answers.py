"""Answers: what the ledger does with them, and what is shown where the debt was told of."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.domain.roles import Role
from alerts.channels.registry import KINDS
from alerts.domain.messages import Answer, Message, Row, Tone, as_json, from_json
from alerts.models import Channel, Delivery, Digest, GivenAnswer, Notice
from alerts.services.answers import answer_give
from common import clock
from common.errors import NotFound
from ledger import services as ledger_services
from ledger.domain.estimates import Interest
from ledger.models import DebtItem, ExtensionRequest
from ledger.selectors import answers_of, debt_get
from tests.builders.debts import in_days, make_active_debt, make_debt, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann() -> Any:
    return make_person("ann")


@pytest.fixture
def boss() -> Any:
    return make_person("boss", Role.APPROVER)


@pytest.fixture
def debt(ann: Any, boss: Any) -> DebtItem:
    return make_active_debt(ann, boss)


def channel_of(kind: str, name: str = "room") -> Channel:
    now = clock.now()
    return Channel.objects.create(
        kind=kind, name=name, key=name, created_at=now, updated_at=now, tokens_at=now
    )


def told(channel: Channel, *items: DebtItem, state: str = "sent") -> Delivery:
    """A digest of these debts that went out in a channel."""
    now = clock.now()
    digest = Digest.objects.create(
        channel=channel, day=clock.today(), created_at=now, items=len(items)
    )
    rows = tuple(
        Row(
            item_id=item.pk, reference=item.reference, title=item.title, url="https://d.example/",
            tone=Tone.SOON, due_on=item.due_on, when="in 10 days", cost="", ask="Repay it.",
            answers=tuple(Answer),
        )
        for item in items
    )  # fmt: skip
    for item in items:
        Notice.objects.create(
            channel=channel, item=item, due_on=item.due_on, stage="in_14", rank=20, digest=digest,
            said_at=now,
        )  # fmt: skip
    return Delivery.objects.create(
        channel=channel, digest=digest, kind="digest", message=as_json(Message("T", "L", rows)),
        dedupe=f"digest:{digest.pk}", state=state, created_at=now, next_attempt_at=now,
        expires_at=now + timedelta(days=3), sent_at=now, remote={"remote_id": "1"},
    )  # fmt: skip


def give(user: Any, item: DebtItem, answer: Answer = Answer.ACKNOWLEDGE, **more: Any) -> Any:
    values = {"due_on": item.due_on, "via": "slack", **more}
    return answer_give(user=user, item_id=item.pk, answer=answer, **values)


def followers(delivery: Delivery) -> list[Delivery]:
    return list(Delivery.objects.filter(target=delivery).order_by("pk"))


def test_an_answer_to_an_old_date_changes_nothing(ann: Any, boss: Any, debt: DebtItem) -> None:
    ledger_services.debt_extend(
        actor=boss, item_id=debt.pk, due_on=in_days(40), reason="agreed",
        interest=Interest.of(2, 4, 9),
    )  # fmt: skip
    for answer in Answer:
        given = give(ann, debt, answer, until=in_days(3), new_date=in_days(50), reason="why")
        assert not given.is_done
        assert "has moved to" in given.said
    assert debt_get(debt.pk).version == debt.version + 1
    assert not ExtensionRequest.objects.exists()


def test_a_day_that_is_missing_is_asked_for(ann: Any, debt: DebtItem) -> None:
    assert give(ann, debt, Answer.SNOOZE).field == "until"
    assert give(ann, debt, Answer.EXTEND).field == "due_on"
    assert give(ann, debt, Answer.EXTEND, new_date=in_days(40)).field == "reason"


def test_who_is_not_known_well_enough_only_asks(boss: Any, debt: DebtItem) -> None:
    given = give(
        boss, debt, Answer.EXTEND, new_date=in_days(40), reason="late", may_approve=False
    )  # fmt: skip
    assert given.is_done
    assert debt_get(debt.pk).due_on == debt.due_on
    assert ExtensionRequest.objects.get().due_on == in_days(40)


def test_a_second_extension_of_an_approver_is_a_request(boss: Any, debt: DebtItem) -> None:
    assert "extended" in give(boss, debt, Answer.EXTEND, new_date=in_days(30), reason="late").said
    now = debt_get(debt.pk)
    said = give(boss, now, Answer.EXTEND, new_date=in_days(40), reason="later").said
    assert "an approver decides" in said


def test_an_unknown_debt(ann: Any) -> None:
    with pytest.raises(NotFound):
        answer_give(user=ann, item_id=99, due_on=in_days(1), answer=Answer.ACKNOWLEDGE, via="slack")


def test_a_change_at_the_same_moment_is_tried_again(
    boss: Any, debt: DebtItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = ledger_services.debt_extend
    seen: list[Any] = []

    def late(**values: Any) -> Any:
        if not seen:
            seen.append(values)
            ledger_services.debt_escalate(actor=boss, item_id=debt.pk, reason="look")
        return right(**values)

    monkeypatch.setattr(ledger_services, "debt_extend", late)
    assert give(boss, debt, Answer.EXTEND, new_date=in_days(30), reason="late").is_done
    assert GivenAnswer.objects.count() == 1


def test_a_date_that_moves_at_the_same_moment(
    ann: Any, boss: Any, debt: DebtItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = ledger_services.debt_acknowledge

    def late(**values: Any) -> Any:
        ledger_services.debt_extend(
            actor=boss, item_id=debt.pk, due_on=in_days(40), reason="agreed",
            interest=Interest.of(2, 4, 9),
        )  # fmt: skip
        return right(**values)

    monkeypatch.setattr(ledger_services, "debt_acknowledge", late)
    given = give(ann, debt)
    assert "has moved to" in given.said
    assert answers_of([debt.pk]) == {}


def test_the_message_is_changed_where_it_can_be(ann: Any, debt: DebtItem) -> None:
    sent = told(channel_of("slack"), debt)
    give(ann, debt)
    (edit,) = followers(sent)
    assert (edit.kind, edit.state) == ("edit", "waiting")
    row = from_json(edit.message).rows[0]
    assert row.note == "Ann has seen it."
    assert row.answers == (Answer.SNOOZE, Answer.EXTEND, Answer.START_REPAYMENT)


def test_what_is_answered_later_holds_what_was_answered_before(
    ann: Any, boss: Any, debt: DebtItem
) -> None:
    other = make_active_debt(ann, boss, title="Refunds are booked by hand")
    sent = told(channel_of("slack"), debt, other)
    give(ann, debt)
    give(boss, other, Answer.EXTEND, new_date=in_days(30), reason="late")
    first, second = followers(sent)
    # The first change had not gone out yet, so only the second one does.
    assert (first.state, second.state) == ("dropped", "waiting")
    rows = from_json(second.message).rows
    assert [row.note.split()[0] for row in rows] == ["Ann", "Boss"]
    assert rows[1].answers == ()


def test_a_reply_where_nothing_can_be_changed(
    ann: Any, debt: DebtItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        type(KINDS["slack"]), "abilities",
        type(KINDS["slack"].abilities)(threads=True),
    )  # fmt: skip
    sent = told(channel_of("slack"), debt)
    give(ann, debt)
    (reply,) = followers(sent)
    message = from_json(reply.message)
    assert (reply.kind, message.title) == ("reply", f"{debt.reference} {debt.title}")
    assert message.lead == "Ann has seen it."


def test_nobody_gets_a_letter_about_their_own_answer(
    ann: Any, boss: Any, debt: DebtItem, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(KINDS["slack"])
    monkeypatch.setattr(kind, "abilities", type(kind.abilities)(threads=True))
    channel = channel_of("slack")
    Channel.objects.update(person=ann)
    sent = told(channel, debt)
    give(ann, debt)
    assert followers(sent) == []
    give(boss, debt)
    assert len(followers(sent)) == 1


@pytest.mark.parametrize("case", ["off", "old", "dead", "kind", "unread", "date"])
def test_nothing_is_shown_where_there_is_nothing_to_change(
    ann: Any, boss: Any, debt: DebtItem, case: str
) -> None:
    channel = channel_of(
        "gone" if case == "kind" else "slack_webhook" if case == "unread" else "slack"
    )
    sent = told(channel, debt, state="dead" if case == "dead" else "sent")
    if case == "off":
        Channel.objects.update(disabled_at=clock.now())
    if case == "old":
        Delivery.objects.update(created_at=clock.now() - timedelta(days=15))
    if case == "date":
        Notice.objects.update(due_on=in_days(-5))
    assert give(ann, debt).is_done
    assert followers(sent) == []


def test_a_refused_answer_shows_nothing(debt: DebtItem) -> None:
    sent = told(channel_of("slack"), debt)
    assert not give(make_person("vera", Role.VIEWER), debt).is_done
    assert followers(sent) == []
    assert answers_of([debt.pk]) == {}


def test_a_name_with_marks_stays_a_name(debt: DebtItem, boss: Any) -> None:
    mallory = make_person("mallory")
    mallory.display_name = "<!channel> *@here* | x"
    mallory.save()
    sent = told(channel_of("slack"), debt)
    give(mallory, debt)
    assert (
        from_json(followers(sent)[0].message).rows[0].note == "<!channel> *@here* | x has seen it."
    )


def test_a_proposed_debt_can_be_seen_but_not_extended(ann: Any, boss: Any) -> None:
    proposed = make_debt(ann)
    assert give(ann, proposed).is_done
    assert not give(ann, proposed, Answer.EXTEND, new_date=in_days(30), reason="x").is_done
