"""Figures of debts before and after their repayment."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import QuerySet

from orchestration.domain.outcomes import Figure
from orchestration.models import DebtLink, Environment, Measurement


def measurements_of(item_id: int) -> QuerySet[Measurement]:
    """Everything that was measured of a debt, the newest first."""
    rows = Measurement.objects.filter(item=item_id)
    return rows.select_related("item", "environment", "made_by").order_by("-at", "-pk")


def environments_measured(item_id: int) -> Sequence[Environment]:
    """Where the figures of a debt may have been measured: what serves it."""
    serving = DebtLink.objects.filter(item=item_id).values("environment")
    return list(Environment.objects.filter(pk__in=serving).order_by("name", "pk"))


def figures_of(item_id: int) -> Sequence[Figure]:
    """Before against after, by name; of several measurements the newest counts."""
    return figures_by_item([item_id]).get(item_id, ())


def figures_by_item(item_ids: Collection[int]) -> Mapping[int, Sequence[Figure]]:
    """The same of several debts, in one query. A debt without figures is left out."""
    newest: dict[int, dict[str, dict[bool, Measurement]]] = defaultdict(dict)
    for row in Measurement.objects.filter(item__in=item_ids).order_by("at", "pk"):
        newest[row.item_id].setdefault(row.name, {})[row.is_after] = row
    return {
        item: [_figure(name, sides) for name, sides in sorted(found.items())]
        for item, found in newest.items()
    }


def _figure(name: str, sides: dict[bool, Measurement]) -> Figure:
    before, after = sides.get(False), sides.get(True)
    known = after or before
    return Figure(
        name=name,
        unit=known.unit if known else "",
        before=before.value if before else None,
        after=after.value if after else None,
    )
