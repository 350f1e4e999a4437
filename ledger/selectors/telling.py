"""What there is to tell of many debts at once, for messages."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Count

from ledger.domain.bindings import Binding, from_json
from ledger.domain.family_facts import HERE, MeasuredFacts
from ledger.domain.grounds import item_grounds
from ledger.domain.history import Json
from ledger.domain.pricing import Price, best_known
from ledger.domain.telling import Telling
from ledger.domain.terms import OPEN_STATES, State
from ledger.models import DebtItem, Estimate, ImpactStatement
from ledger.models import Price as PriceRow
from ledger.selectors.item_state import fields_of
from ledger.selectors.items import estimate_numbers, items
from ledger.selectors.pricing import as_price, stated_price
from ledger.selectors.statement_facts import cost_of, slow_change_of

# Below what either database takes as parameters of one statement.
BATCH = 5_000


def tellings_of(item_ids: Iterable[int]) -> Mapping[int, Telling]:
    """What is to be told of these debts, by number; four queries for every 5,000.

    The words are those of `ledger.domain.telling`. A number that is no debt is left out.
    """
    found: dict[int, Telling] = {}
    numbers = list(dict.fromkeys(item_ids))
    for start in range(0, len(numbers), BATCH):
        told = _batch(numbers[start : start + BATCH])
        found.update((telling.item_id, telling) for telling in told)
    return found


def repositories_of(item_ids: Iterable[int]) -> Mapping[int, tuple[int | None, str]]:
    """In which repository these debts stand, by number: its id and name, None and "" for none."""
    found: dict[int, tuple[int | None, str]] = {}
    numbers = list(dict.fromkeys(item_ids))
    for start in range(0, len(numbers), BATCH):
        rows = DebtItem.objects.filter(pk__in=numbers[start : start + BATCH]).order_by()
        for number, repository_id, name in rows.values_list(
            "pk", "repository_id", "repository__name"
        ):
            found[number] = (repository_id, name or "")
    return found


def open_by_owner() -> Mapping[tuple[str, int | None], int]:
    """How many debts are owed, by owner and repository; one query."""
    rows = DebtItem.objects.filter(state__in=OPEN_STATES).order_by()
    counts = rows.values_list("owner", "repository_id").annotate(number=Count("state"))
    return {(owner, repository_id): number for owner, repository_id, number in counts}


def _batch(numbers: list[int]) -> Iterator[Telling]:
    rows = items().in_bulk(numbers)
    measured = {
        row.item_id: as_price(row)
        for row in PriceRow.objects.filter(item_id__in=numbers, is_current=True)
    }
    estimates: dict[int, list[Estimate]] = defaultdict(list)
    for estimate in Estimate.objects.filter(item_id__in=numbers).order_by("item_id", "sequence"):
        estimates[estimate.item_id].append(estimate)
    statements = ImpactStatement.objects.filter(item_id__in=numbers).order_by("item_id", "sequence")
    # The newest comes last and stays.
    bindings = {
        number: tuple(map(from_json, stored))
        for number, stored in statements.values_list("item_id", "bindings")
    }
    for number, item in rows.items():
        own = estimates[number]
        price = best_known(measured=measured.get(number), stated=stated_price(number, own))
        yield _telling(item, price, own, bindings.get(number, ()))


def _telling(
    item: DebtItem,
    price: Price | None,
    estimates: Sequence[Estimate],
    bindings: tuple[Binding, ...],
) -> Telling:
    fields = fields_of(item)
    estimate: Json = estimate_numbers(item, estimates[-1]) if estimates else {}
    known, _promised = item_grounds(fields, estimate)
    return Telling(
        item_id=item.pk,
        reference=item.reference,
        title=item.title,
        state=State(item.state),
        owner=item.owner,
        system=item.system,
        repository=item.repository.name if item.repository else "",
        due_on=item.due_on,
        first_due_on=item.first_due_on,
        extensions=item.extensions,
        statement=item.impact,
        level=item.impact_level,
        price=price,
        facts=MeasuredFacts(
            subject=item.system or HERE,
            slow_change=slow_change_of(price),
            cost=cost_of(price, fields),
        ),
        seen_by=item.seen_by,
        snoozed_by=item.snoozed_by,
        snoozed_until=item.snoozed_until,
        snoozes=item.snoozes,
        known=known,
        bindings=bindings,
    )
