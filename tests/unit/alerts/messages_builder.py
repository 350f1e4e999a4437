"""Plans and facts as plain calls, and a message as a person reads it."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from alerts.domain.facts import Facts, TeamFacts
from alerts.domain.messages import ANSWER_LABELS, Mention, Message
from alerts.domain.plans import DigestPlan, Told
from ledger.domain.audiences import Audience
from ledger.domain.estimates import Interest
from ledger.domain.family_facts import Cost as CostFact
from ledger.domain.family_facts import MeasuredFacts
from ledger.domain.pricing import STATED, Cost, Price
from ledger.domain.telling import Telling
from ledger.domain.terms import Basis, State

TODAY = date(2026, 10, 12)
DEBTS = "https://displace.example/debts/"
TEAM = 7
IMPACT = "Changes to billing take 9 days to reach customers, against 4 days elsewhere."


def price(
    low: float = 12, middle: float = 18, high: float = 32, basis: Basis = Basis.EXPERT
) -> Price:
    hours = [Decimal(str(one)) for one in (low, middle, high)]
    cost = Cost(hours[0] * 90, hours[1] * 90, hours[2] * 90, "EUR")
    return Price(1, Interest(*hours), basis, STATED, cost=cost)


def telling(number: int = 1, **changes: Any) -> Telling:
    """A debt of the team as the ledger tells it; `days` is when it is due, from today."""
    due_on = TODAY + timedelta(days=changes.pop("days", 7))
    known = changes.pop("price", price())
    fact = None
    if known is not None:
        interest = known.interest
        fact = CostFact(
            interest.p10, interest.p50, interest.p90, known.basis, Decimal("18.67"), "test"
        )
    values: dict[str, Any] = {
        "item_id": number,
        "reference": f"D-{number:06d}",
        "title": "Carts live in process memory",
        "state": State.ACTIVE,
        "owner": "payments",
        "system": "checkout",
        "repository": "shop",
        "due_on": due_on,
        "first_due_on": due_on,
        "extensions": 0,
        "statement": IMPACT,
        "level": 1,
        "price": known,
        "facts": MeasuredFacts(subject=changes.get("system", "checkout"), cost=fact),
        **changes,
    }
    return Telling(**values)


def told(one: Telling, **changes: Any) -> Told:
    left = (one.due_on - TODAY).days
    stage = "late_1" if left < 0 else "in_7"
    values: dict[str, Any] = {
        "item_id": one.item_id,
        "due_on": one.due_on,
        "stage": stage,
        "rank": 30,
        "days_left": left,
        "working_days_overdue": 0,
        **changes,
    }
    return Told(**values)


def facts(tellings: Sequence[Telling], leads: Sequence[str] = ("Ann Lee",)) -> Facts:
    people = tuple(Mention(name.split()[0].lower(), name) for name in leads)
    return Facts(
        debts=DEBTS,
        tellings={one.item_id: one for one in tellings},
        names={"payments": "Payments", "ann": "Ann Lee", "bo": "Bo Chen"},
        teams={TEAM: TeamFacts("payments", "Payments", people)},
        people={5: Mention("ann", "Ann Lee")},
    )


def plan(*rows: Told, **changes: Any) -> DigestPlan:
    values: dict[str, Any] = {
        "channel_id": 1,
        "team_id": TEAM,
        "person_id": None,
        "day": TODAY,
        "audience": Audience.PRODUCT,
        "told": rows,
        **changes,
    }
    return DigestPlan(**values)


def as_text(message: Message) -> str:
    """The message with every word of it, a phrase a line."""
    lines = [message.title, message.lead, *message.facts]
    for row in message.rows:
        lines += [
            f"- {row.title} ({row.reference})",
            row.when,
            row.cost,
            row.impact,
            row.ask,
            row.note,
        ]
        lines += [f"[calls {row.mention.name}]"] if row.mention else []
        lines += [" | ".join(ANSWER_LABELS[one] for one in row.answers)]
    lines += [f"{message.more} more: {message.more_url}"] if message.more else []
    lines += [f"[calls {', '.join(one.name for one in message.call)}]"] if message.call else []
    lines.append(message.footer)
    return "\n".join(line for line in lines if line)
