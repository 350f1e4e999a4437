"""The first page: what is expired, what comes due, what it costs, and where to look in the code."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from alerts.domain.access import MANAGES
from common.figures import grouped_number
from common.templatetags.numbers import counted, hours
from ledger.selectors import LedgerDashboard, Promises
from ledger.web.lines import debt_lines, guide
from ledger.web.price import money
from orchestration.selectors.pages_environments import runs_waiting
from review.selectors import MOST_REJECTED, LeaderDashboard, leader_dashboard

NAMED_HOTSPOTS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar of 100 units."""

    tone: str
    x: float
    width: float


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    user = require_role(request, Role.VIEWER)
    found = leader_dashboard()
    context = {
        **guide(user),
        **_figures(found.ledger),
        **_words(found),
        "found": found,
        "may_manage_alerts": user.may(MANAGES),
        "plans_to_decide": runs_waiting(user).count(),
        "ledger": found.ledger,
        "has_debts": found.has_debts,
        "expired": debt_lines(found.ledger.expired_rows),
        "due": debt_lines(found.ledger.due_rows),
        "proposed": debt_lines(found.proposed_rows),
        "promise_parts": list(_parts(found.ledger.promises)),
    }
    return render(request, "review/dashboard.html", context)


def _figures(ledger: LedgerDashboard) -> dict[str, Any]:
    """The notes and links of the row of figures."""
    register = reverse("ledger:register")
    return {
        "expired_href": f"{register}?timing=expired",
        "expired_tone": "danger" if ledger.expired else "good",
        "expired_note": "past their promised day" if ledger.expired else "every date still holds",
        "due_href": f"{register}?timing=due,due_soon",
        "due_tone": "warn" if ledger.due_14 else "",
        "due_note": f"{ledger.due_30:,} within 30 days",
        "open_note": f"{ledger.accepted:,} accepted, {ledger.proposed:,} proposed",
        "principal_note": f"{counted(ledger.unpriced, 'debt,debts')} without full estimate"
        if ledger.unpriced
        else "as expected",
        "has_interest": ledger.interest.p90 > 0,
        "costs_nothing": ledger.interest.p90 == 0 and ledger.unpriced < ledger.open,
        "interest_low": rounded(ledger.interest.p10),
        "interest_high": rounded(ledger.interest.p90),
        "interest_money": money(
            ledger.assumptions.money(ledger.interest.p50), ledger.assumptions.currency
        ),
        "interest_note": f"P10 to P90, at {ledger.assumptions.rate[1]:g} "
        f"{ledger.assumptions.currency} an hour",
        "has_principal": ledger.principal_hours > 0,
        "interest_words": f"{rounded(ledger.interest.p10)}–{rounded(ledger.interest.p90)}",  # noqa: RUF001 - a range
        "principal_words": rounded(ledger.principal_hours),
    }


def rounded(total: Decimal) -> str:
    """A sum of estimates in two significant figures: more would claim what nobody knows."""
    if total < 10:
        return hours(float(total))
    size = Decimal(10) ** (total.adjusted() - 1)
    return grouped_number(float((total / size).quantize(Decimal(1)) * size))


def _words(found: LeaderDashboard) -> dict[str, Any]:
    is_more = found.rejected >= MOST_REJECTED
    return {
        "top_hotspots": found.hotspots[:NAMED_HOTSPOTS],
        "many_repositories": len(found.repositories) > 1,
        "rejected_words": f"{found.rejected}{'+' if is_more else ''}",
    }


def _parts(promises: Promises) -> Iterator[Part]:
    """The shares of the promises as pieces of one bar; nothing before the first promise ended."""
    counts = (
        ("good", promises.kept),
        ("warn", promises.kept_extended),
        ("danger", promises.missed),
    )
    total = sum(count for _tone, count in counts)
    x = 0.0
    for tone, count in counts:
        if count:
            width = 100 * count / total
            yield Part(tone, round(x, 2), round(width, 2))
            x += width
