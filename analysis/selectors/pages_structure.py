"""Modules, packages, cycles and change coupling as pages draw them.

Metrics, cycles and cuts were stored by the analysis. What happens here is only drawing: modules
are put together into at most GROUPS packages, and those few are ordered for the matrix.
"""

from collections import Counter
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from analysis.domain.graph import graph_metrics
from analysis.models import Snapshot, SnapshotCoupling, SnapshotDependency, SnapshotModule

GROUPS = 60
COUPLING_LINKS = 40

MODULE_SORTS = ("name", "ca", "ce", "instability", "role")
DEFAULT_MODULE_SORT = "-ca"
COUPLING_SORTS = ("degree", "shared")
DEFAULT_COUPLING_SORT = "-degree"


@dataclass(frozen=True, slots=True)
class Group:
    """A package (or a single module) of the drawing; `cycle` numbers the cycle it is part of."""

    name: str
    modules: int
    cycle: int | None


@dataclass(frozen=True, slots=True)
class GroupLink:
    """So many dependencies lead from group `source` to group `target` (positions)."""

    source: int
    target: int
    dependencies: int
    in_cycle: bool


@dataclass(frozen=True, slots=True)
class PackageDrawing:
    """Groups in the matrix's order (importers after what they import) and their links.

    `left_out` counts the smallest groups that did not fit, even at the coarsest.
    """

    groups: list[Group]
    links: list[GroupLink]
    left_out: int


def package_drawing(snapshot: Snapshot, package: str = "") -> PackageDrawing:
    """Return the packages below `package` in as much detail as fits into GROUPS groups."""
    modules = SnapshotModule.objects.filter(snapshot=snapshot)
    dependencies = SnapshotDependency.objects.filter(snapshot=snapshot)
    if package:
        below = f"{package}."
        modules = modules.filter(Q(name=package) | Q(name__startswith=below))
        dependencies = dependencies.filter(
            Q(source=package) | Q(source__startswith=below),
            Q(target=package) | Q(target__startswith=below),
        )
    names = list(modules.values_list("name", flat=True))
    depth = _depth(names)
    sizes = Counter(_prefix(name, depth) for name in names)
    shown = Counter(dict(sizes.most_common(GROUPS)))
    group_of = {name: group for name in names if (group := _prefix(name, depth)) in shown}
    weights: Counter[tuple[str, str]] = Counter()
    for source, target in dependencies.values_list("source", "target").iterator():
        a, b = group_of.get(source), group_of.get(target)
        if a is not None and b is not None and a != b:
            weights[a, b] += 1
    return _drawing(shown, weights, left_out=len(sizes) - len(shown))


def _drawing(
    sizes: Counter[str], weights: Counter[tuple[str, str]], *, left_out: int
) -> PackageDrawing:
    metrics = graph_metrics(sizes, weights)
    cycle_of = {module.key: module.cycle for module in metrics.modules}
    position = {name: number for number, name in enumerate(metrics.order)}
    return PackageDrawing(
        groups=[Group(name, sizes[name], cycle_of[name]) for name in metrics.order],
        links=[
            GroupLink(
                position[source],
                position[target],
                count,
                cycle_of[source] is not None and cycle_of[source] == cycle_of[target],
            )
            for (source, target), count in sorted(weights.items())
        ],
        left_out=left_out,
    )


def _depth(names: list[str]) -> int:
    """Return the greatest depth of dotted names that still makes at most GROUPS groups."""
    deepest = max((name.partition(" (")[0].count(".") + 1 for name in names), default=1)
    fitting = 1
    for depth in range(2, deepest + 1):
        if len({_prefix(name, depth) for name in names}) > GROUPS:
            break
        fitting = depth
    return fitting


def _prefix(name: str, depth: int) -> str:
    """Return the first `depth` parts; a source root in parentheses stays: "conf (docs)"."""
    dotted, space, root = name.partition(" (")
    return ".".join(dotted.split(".")[:depth]) + space + root


def clean_choice(value: str, allowed: tuple[str, ...], default: str) -> str:
    """Return a sort order if it is one of those allowed (either way), else the default."""
    return value if value.removeprefix("-") in allowed else default


def modules_list(snapshot: Snapshot, search: str, sort: str) -> QuerySet[SnapshotModule]:
    """Return the modules whose name contains `search`, in order."""
    modules = SnapshotModule.objects.filter(snapshot=snapshot)
    if search:
        modules = modules.filter(name__icontains=search)
    by = F(sort.removeprefix("-"))
    order = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return modules.order_by(order, "name")


def couplings_list(snapshot: Snapshot, search: str, sort: str) -> QuerySet[SnapshotCoupling]:
    """Return the pairs of files that change together, one of them containing `search`."""
    pairs = SnapshotCoupling.objects.filter(snapshot=snapshot)
    if search:
        pairs = pairs.filter(Q(a__icontains=search) | Q(b__icontains=search))
    return pairs.order_by(sort, "-shared", "a", "b")


def strongest_couplings(snapshot: Snapshot) -> list[SnapshotCoupling]:
    """Return the pairs worth drawing: the highest degrees, most shared changes first."""
    pairs = SnapshotCoupling.objects.filter(snapshot=snapshot)
    return list(pairs.order_by("-degree", "-shared", "a", "b")[:COUPLING_LINKS])
