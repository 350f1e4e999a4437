"""What open debt costs by system and owner, and how good estimates have been."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.domain.roles import Role
from accounts.web.access import require_role
from analysis.selectors import repositories_list
from common.figures import percent
from ledger.domain.calibration import Calibration
from ledger.selectors import CostTotal, assumptions, calibration_report, dashboard_cost, interest_by
from ledger.web.price import assumed_words, money

MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class CostLine:
    """A group's open debt with its share of the dearest group's middle (0..100)."""

    total: CostTotal
    name: str
    query: str
    money: str
    width: float


@require_safe
def costs(request: HttpRequest) -> HttpResponse:
    """The cost of all open debt, and of each system, owner and repository."""
    require_role(request, Role.VIEWER)
    whole = dashboard_cost()
    slugs = {str(one.pk): (one.name, one.slug) for one in repositories_list()}
    groups = [
        ("By system", "system", _lines("system", {})),
        ("By owner", "owner", _lines("owner", {})),
        ("By repository", "repository", _lines("repository_id", slugs)),
    ]
    given = assumptions()
    context = {
        "whole": whole,
        "whole_money": money(given.money(whole.interest.p50), given.currency),
        "overlap": whole.naive - whole.interest.p50,
        "groups": groups,
        "assumed": assumed_words(),
    }
    return render(request, "ledger/costs.html", context)


@require_safe
def calibration(request: HttpRequest) -> HttpResponse:
    """How the estimates of paid debt compare with what it came to."""
    require_role(request, Role.VIEWER)
    found = calibration_report()
    parts = [
        ("principal", "Effort to pay back", "hours", found.principal, found.principal_cases),
        ("interest", "Interest", "hours a month", found.interest, found.interest_cases),
    ]
    context = {
        "parts": [
            {
                "id": key, "title": title, "unit": unit, "figures": figures, "cases": cases,
                "words": _words(figures),
            }
            for key, title, unit, figures, cases in parts
        ],
        "assumed": assumed_words(),
    }  # fmt: skip
    return render(request, "ledger/calibration.html", context)


def _lines(group: str, names: Mapping[str, tuple[str, str]]) -> list[CostLine]:
    given = assumptions()
    found = interest_by(group)[:MOST_LINES]
    top = float(max((one.interest.p50 for one in found), default=0)) or 1.0
    lines = []
    for one in found:
        name, query = names.get(one.name, (one.name, one.name))
        worth = money(given.money(one.interest.p50), given.currency)
        width = round(100 * float(one.interest.p50) / top, 1)
        lines.append(CostLine(one, name, query, worth, width))
    return lines


def _words(figures: Calibration) -> dict[str, Any]:
    """The figures as people read them; nothing where there are too few cases."""
    if figures.refusal:
        return {}
    bias = figures.bias
    if bias is None:
        said = "unknown"
    elif 0.95 <= bias <= 1.05:
        said = "1 ×"  # noqa: RUF001 - a product
    else:
        said = f"{bias:.2f} ×"  # noqa: RUF001 - a product
    interval = f"{percent(figures.low)} to {percent(figures.high)}"
    return {"bias": said, "rate": percent(figures.hit_rate), "interval": interval}
