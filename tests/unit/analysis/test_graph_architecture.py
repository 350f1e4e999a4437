"""The class of a system and the roles of its modules."""

import pytest

from analysis.domain.graph_architecture import Architecture, Role, classify, roles


@pytest.mark.parametrize(
    ("modules", "cycles", "expected"),
    [
        (0, [], Architecture.HIERARCHICAL),
        (5, [], Architecture.HIERARCHICAL),
        (1000, [39], Architecture.HIERARCHICAL),
        (1000, [40], Architecture.BORDERLINE),
        (1000, [60], Architecture.BORDERLINE),
        (1000, [61], Architecture.CORE_PERIPHERY),
        (1000, [60, 40], Architecture.BORDERLINE),
        (1000, [300, 200], Architecture.CORE_PERIPHERY),
        (1000, [300, 201], Architecture.MULTI_CORE),
        (1000, [50, 50], Architecture.MULTI_CORE),
        (1000, [39, 39], Architecture.HIERARCHICAL),
    ],
)
def test_classes(modules: int, cycles: list[int], expected: Architecture) -> None:
    assert classify(modules, cycles) is expected


VISIBILITY = [(1, 1), (1, 9), (9, 1), (9, 9)]
PLAIN = [Role.PERIPHERY, Role.CONTROL, Role.SHARED, Role.CORE]


@pytest.mark.parametrize("architecture", list(Architecture))
def test_roles(architecture: Architecture) -> None:
    assert roles(VISIBILITY, architecture, (5, 5)) == PLAIN


def test_a_system_without_a_single_core_is_split_at_the_medians() -> None:
    high = (10, 10)
    assert roles(VISIBILITY, Architecture.MULTI_CORE, high) == PLAIN
    assert roles(VISIBILITY, Architecture.HIERARCHICAL, None) == PLAIN
    assert roles(VISIBILITY, Architecture.CORE_PERIPHERY, high) == [Role.PERIPHERY] * 4


def test_no_modules_no_roles() -> None:
    assert roles([], Architecture.HIERARCHICAL, None) == []
