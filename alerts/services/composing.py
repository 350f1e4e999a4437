"""Plans become messages: what is read once for all of them, and the words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.urls import reverse

from alerts.domain.digest_words import compose
from alerts.domain.facts import Facts, Places
from alerts.domain.messages import Message
from alerts.domain.plans import DigestPlan
from alerts.domain.summary_words import summary
from alerts.selectors.facts import facts_for


def messages_of(plans: Sequence[DigestPlan]) -> list[Message]:
    """The message of each plan, in their order; the number of queries is that of one."""
    facts = facts_for(plans, debts=f"{settings.BASE_URL}{reverse('ledger:register')}")
    return [_message(plan, facts, number) for number, plan in enumerate(plans)]


def _message(plan: DigestPlan, facts: Facts, number: int) -> Message:
    if plan.is_summary:
        return summary(plan, facts, facts.places.get(number, Places()))
    return compose(plan, facts)


def message_with_notes(message: Message, notes: Mapping[int, str]) -> Message:
    """The message with what was answered since, by the number of the debt."""
    rows = tuple(
        replace(row, note=notes[row.item_id]) if row.item_id in notes else row
        for row in message.rows
    )
    return replace(message, rows=rows)
