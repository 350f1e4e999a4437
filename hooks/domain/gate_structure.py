"""What a change does to the structure of the code, in sentences."""

from collections.abc import Iterator, Sequence

from analysis.domain.structure_changes import GrownCycle, Link, StructureChange, UnstableLink
from hooks.domain.gate import Suspicion
from ledger.domain.policy import Rule

# Of each kind; the largest come first, and more would be read by nobody.
MOST = 20
_NAMED = 5
_CUTS = 3


def suspicions_of(structure: StructureChange) -> list[Suspicion]:
    """Cycles that the change makes or enlarges, and its dependencies on less stable modules."""
    return [
        *(_cycle(cycle) for cycle in structure.cycles[:MOST]),
        *(_unstable(one) for one in structure.unstable[:MOST]),
    ]


def left_out(structure: StructureChange) -> Iterator[str]:
    """A sentence for each kind of which there are more."""
    for found, what in (
        (structure.cycles, "cycles"),
        (structure.unstable, "dependencies on less stable modules"),
    ):
        if len(found) > MOST:
            yield f"{len(found) - MOST} more {what} are not listed."


def _cycle(cycle: GrownCycle) -> Suspicion:
    first, size = cycle.cuts[0], len(cycle.modules)
    if cycle.is_new:
        message = f"This change makes a cycle of {size} modules: {_list(cycle.modules)}."
    else:
        message = (
            f"This change enlarges a cycle to {size} modules; it draws in {_list(cycle.added)}."
        )
    return Suspicion(
        Rule.NEW_CYCLE,
        message,
        f"Suggested cut: {_cuts(cycle.cuts)}. What both sides need can move into a module of its "
        "own.",
        path=first.path,
        line=first.line,
        key=_key(first),
    )


def _cuts(cuts: Sequence[Link]) -> str:
    shown = [f"{one.source} should stop importing {one.target}" for one in cuts[:_CUTS]]
    more = len(cuts) - _CUTS
    return "; ".join([*shown, f"and {more} more such imports"] if more > 0 else shown)


def _unstable(found: UnstableLink) -> Suspicion:
    link = found.link
    return Suspicion(
        Rule.STABLE_DEPENDENCY,
        f"{link.source} (instability {found.source_instability:.2f}) begins to import "
        f"{link.target} ({found.target_instability:.2f}), which is easier to change than what "
        "rests on it.",
        f"Let {link.target} depend on {link.source} instead, or put an interface between them.",
        path=link.path,
        line=link.line,
        key=_key(link),
    )


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _key(link: Link) -> str:
    return f"{link.source}>{link.target}"
