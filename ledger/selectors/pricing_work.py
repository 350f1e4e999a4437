"""What has to be priced, and by which rules."""

import hashlib

from django.db.models import Q

from analysis import selectors as analysis_selectors
from ledger.domain.pricing_v1 import FORMULA
from ledger.domain.terms import OPEN_STATES, Resolution
from ledger.models import DebtItem, RepositoryPricing
from ledger.selectors.pricing import assumptions


def rules_digest() -> str:
    """Names the formula and the assumptions: when either changes, all prices are made anew."""
    return hashlib.sha256(f"{FORMULA} {assumptions().document()}".encode()).hexdigest()


def items_to_measure(repository_id: int) -> list[DebtItem]:
    """The repository's items with a place in code: open ones, and paid ones without an outcome."""
    unmeasured = Q(resolution=Resolution.PAID, repaid_on__isnull=False) & ~Q(
        outcomes__formula=FORMULA.name, outcomes__formula_version=FORMULA.version
    )
    rows = DebtItem.objects.filter(
        Q(state__in=OPEN_STATES) | unmeasured, repository_id=repository_id
    ).exclude(path="")
    return list(rows.only("path", "state", "recorded_at", "repaid_on", "repository_id"))


def repositories_to_price() -> list[int]:
    """Repositories whose snapshot, rules or items have changed since their last pricing."""
    priced = {row.repository_id: row for row in RepositoryPricing.objects.all()}
    rules = rules_digest()
    with_code = set(
        DebtItem.objects.filter(repository__isnull=False)
        .exclude(path="")
        .order_by()
        .values_list("repository_id", flat=True)
        .distinct()
    )
    return [
        head.repository_id
        for head in analysis_selectors.default_heads()
        if head.repository_id in with_code
        and _is_due(priced.get(head.repository_id), head.snapshot_id, rules)
    ]


def _is_due(row: RepositoryPricing | None, snapshot_id: int, rules: str) -> bool:
    if row is None or row.priced_at is None:
        return True
    if (row.rules, row.snapshot_number) != (rules, snapshot_id):
        return True
    changed = DebtItem.objects.filter(repository_id=row.repository_id, updated_at__gt=row.priced_at)
    return changed.exclude(path="").exists()
