"""Core-periphery classification of a system by the visibility of its modules.

C. Baldwin, A. MacCormack, J. Rusnak: "Hidden structure: Using network methods to map system
architecture", Research Policy 43 (2014) 1381-1397.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from statistics import median

# Share of the modules in the largest cyclic group.
SMALLEST_CORE = 0.04
BORDERLINE_CORE = 0.06
# How many times as large as the second cyclic group the largest one is, to be the only core.
SINGLE_CORE_RATIO = 1.5


class Architecture(StrEnum):
    HIERARCHICAL = "hierarchical"
    MULTI_CORE = "multi-core"
    BORDERLINE = "borderline"
    CORE_PERIPHERY = "core-periphery"


class Role(StrEnum):
    """What a module is to the rest, by visibility fan-in (VFI) and visibility fan-out (VFO)."""

    SHARED = "shared"  # much depends on it, it depends on little
    CORE = "core"  # both
    CONTROL = "control"  # it depends on much, little depends on it
    PERIPHERY = "periphery"  # neither


def classify(modules: int, cycle_sizes: Sequence[int]) -> Architecture:
    """The class of a system; ``cycle_sizes``: cyclic groups of two modules or more, descending.

    Without such a group there is no core, however few the modules: the system is hierarchical.
    """
    largest = cycle_sizes[0] if cycle_sizes else 0
    second = cycle_sizes[1] if len(cycle_sizes) > 1 else 0
    if not largest or largest / modules < SMALLEST_CORE:
        return Architecture.HIERARCHICAL
    if largest < SINGLE_CORE_RATIO * second:
        return Architecture.MULTI_CORE
    if largest / modules <= BORDERLINE_CORE:
        return Architecture.BORDERLINE
    return Architecture.CORE_PERIPHERY


def roles(
    visibility: Sequence[tuple[int, int]], architecture: Architecture, core: tuple[int, int] | None
) -> list[Role]:
    """The role of each module, from its (VFI, VFO) against thresholds.

    The thresholds are the visibility of the ``core``, which all its modules share; in a
    hierarchical or multi-core system, which has no single core, the medians.
    """
    if not visibility:
        return []
    limits: tuple[float, float]
    if core is None or architecture in (Architecture.HIERARCHICAL, Architecture.MULTI_CORE):
        limits = (median(vfi for vfi, _ in visibility), median(vfo for _, vfo in visibility))
    else:
        limits = core
    return [_role(vfi >= limits[0], vfo >= limits[1]) for vfi, vfo in visibility]


def _role(depended_on: bool, depending: bool) -> Role:
    if depended_on:
        return Role.CORE if depending else Role.SHARED
    return Role.CONTROL if depending else Role.PERIPHERY
