"""Estimates beside what paid debt came to, as cases and as figures."""

from dataclasses import dataclass

from django.db.models import F, QuerySet

from ledger.domain.calibration import Calibration, Case, calibrate
from ledger.domain.pricing_v1 import FORMULA
from ledger.models import Outcome

# The newest cases; older estimates say less about how people estimate now.
MOST_CASES = 500


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """How good the estimates of the effort and of the interest were, each with its cases."""

    principal: Calibration
    interest: Calibration
    principal_cases: list[Case]
    interest_cases: list[Case]


def calibration_report() -> CalibrationReport:
    """Compare every paid debt that was both estimated and measured (two queries)."""
    principal = _cases("principal_p10", "principal_expected", "principal_p90", "principal_actual")
    interest = _cases("interest_p10", "interest_p50", "interest_p90", "interest_actual")
    return CalibrationReport(calibrate(principal), calibrate(interest), principal, interest)


def _cases(low: str, middle: str, high: str, actual: str) -> list[Case]:
    names = (low, middle, high, actual)
    rows: QuerySet[Outcome] = Outcome.objects.filter(
        formula=FORMULA.name,
        formula_version=FORMULA.version,
        **{f"{name}__isnull": False for name in names},
    )
    found = rows.order_by("-repaid_on", "-pk").values_list(F("item_id"), *names)
    return [Case(f"D-{number:06d}", *points) for number, *points in found[:MOST_CASES]]
