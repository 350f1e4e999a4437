"""What items cost: the price in force, measured where the code allows it."""

from ledger.domain.estimates import Interest
from ledger.domain.pricing import STATED, Price, best_known
from ledger.domain.terms import Basis
from ledger.models import Estimate


def price_of(item_id: int) -> Price | None:
    """The best known price of an item, or None where nobody stated and nothing measured one."""
    return best_known(measured=None, stated=stated_price(item_id))


def stated_price(item_id: int) -> Price | None:
    """The interest that a person stated last, as a price without money."""
    estimate = (
        Estimate.objects.filter(item_id=item_id, interest_p50__isnull=False)
        .order_by("-sequence")
        .first()
    )
    if estimate is None or estimate.interest_p10 is None:
        return None
    if estimate.interest_p50 is None or estimate.interest_p90 is None:
        return None
    return Price(
        item_id=item_id,
        interest=Interest(estimate.interest_p10, estimate.interest_p50, estimate.interest_p90),
        basis=Basis(estimate.basis),
        formula=STATED,
        at=estimate.at,
    )
