"""The figure by which items are sorted and added up: the best that is known of each.

Measured before stated, stated before the industry prior. Kept in columns of the item, written
with every event and every price, so that 100,000 items can be sorted by it.
"""

from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from uuid import UUID

from ledger.domain.estimates import cd3
from ledger.domain.terms import Basis


@dataclass(frozen=True, slots=True)
class Known:
    """Hours a month with where they come from; empty where nothing is known."""

    p10: Decimal | None = None
    p50: Decimal | None = None
    p90: Decimal | None = None
    basis: str = ""
    cd3: float | None = None


Figures = tuple[Decimal | None, Decimal | None, Decimal | None]


def known_cost(
    *, priced: Figures, priced_basis: str, stated: Figures, principal: Decimal | None
) -> Known:
    """The figure in force; the stated one counts as an expert's."""
    has_priced, has_stated = priced[1] is not None, stated[1] is not None
    if has_priced and (priced_basis == Basis.MEASURED or not has_stated):
        return Known(*priced, priced_basis, cd3(priced[1], principal))
    if has_stated:
        return Known(*stated, Basis.EXPERT.value, cd3(stated[1], principal))
    return Known()


def place_of(repository_id: int | None, path: str, key: UUID) -> int:
    """The number of a piece of code: items with the same one share their touched hours.

    An item without a place in code shares its hours with no other.
    """
    text = key.hex if repository_id is None or not path else f"{repository_id}:{path.strip('/')}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
