"""Dependencies on less stable modules, as the structure page shows them."""

from dataclasses import dataclass

from analysis.models import Snapshot, SnapshotDependency, SnapshotModule

MOST_LINKS = 50


@dataclass(frozen=True, slots=True)
class UnstableDependency:
    """`source` rests on `target`, which is easier to change: I(source) < I(target)."""

    source: str
    source_path: str
    source_instability: float
    target: str
    target_path: str
    target_instability: float

    @property
    def gap(self) -> float:
        """By how much the target is less stable, 0..1."""
        return self.target_instability - self.source_instability

    @property
    def is_gathering(self) -> bool:
        """Whether a package only gathers a module of its own (a facade)."""
        return self.target.startswith(f"{self.source}.")


@dataclass(frozen=True, slots=True)
class UnstableDependencies:
    """The worst of them, the largest gap first, and how many there are of how many.

    Packages that gather their own modules come last: that is what an `__init__` is for.
    """

    rows: list[UnstableDependency]
    total: int
    dependencies: int


def unstable_dependencies(snapshot: Snapshot) -> UnstableDependencies:
    """Violations of the stable dependencies principle (R. Martin, 2002), in two queries.

    They follow from what is stored; only the instabilities are compared here.
    """
    rows = SnapshotModule.objects.filter(snapshot=snapshot)
    modules = {
        name: (path, instability)
        for name, path, instability in rows.values_list("name", "path", "instability")
        if instability is not None
    }
    found, number = [], 0
    edges = SnapshotDependency.objects.filter(snapshot=snapshot).order_by()
    for source, target in edges.values_list("source", "target").iterator():
        number += 1
        own, other = modules.get(source), modules.get(target)
        if own is not None and other is not None and own[1] < other[1]:
            found.append(UnstableDependency(source, *own, target, *other))
    found.sort(key=lambda one: (one.is_gathering, -one.gap, one.source, one.target))
    return UnstableDependencies(found[:MOST_LINKS], len(found), number)
