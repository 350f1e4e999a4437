"""Metrics of small graphs whose values are known."""

import pytest

from analysis.domain.graph import GraphMetrics, ModuleMetrics, Violation, graph_metrics
from analysis.domain.graph_architecture import Architecture, Role


def metrics(*edges: str, alone: str = "") -> GraphMetrics:
    """Edges like "AB": A depends on B."""
    return graph_metrics({*"".join(edges), *alone}, [(edge[0], edge[1]) for edge in edges])


def module(found: GraphMetrics, key: str) -> ModuleMetrics:
    return next(one for one in found.modules if one.key == key)


def test_the_standard_fixture() -> None:
    found = metrics("AB", "BC", "AD")
    assert (found.ccd, found.propagation_cost, found.acd, found.nccd) == (8, 0.5, 2.0, 1.0)
    assert (found.dependencies, found.cycles, found.cyclicality, found.core_size) == (3, (), 0.0, 0)
    assert [one.key for one in found.modules] == ["A", "B", "C", "D"]
    assert [(one.ca, one.ce, one.instability) for one in found.modules] == [
        (0, 2, 1.0),
        (1, 1, 0.5),
        (1, 0, 0.0),
        (1, 0, 0.0),
    ]
    assert [(one.vfi, one.vfo, one.level) for one in found.modules] == [
        (1, 4, 2),
        (2, 2, 1),
        (3, 1, 0),
        (2, 1, 0),
    ]
    assert found.order == ("C", "D", "B", "A")


def test_a_cycle_is_one_level_and_reaches_the_same() -> None:
    found = metrics("AB", "BC", "CB", "CD", alone="E")
    assert found.cycles == (("B", "C"),)
    assert found.cyclicality == 2 / 5
    assert [one.cycle for one in found.modules] == [None, 0, 0, None, None]
    assert [one.level for one in found.modules] == [2, 1, 1, 0, 0]
    assert module(found, "B").vfo == module(found, "C").vfo == 3
    assert module(found, "B").vfi == module(found, "C").vfi == 3
    assert module(found, "E").instability is None
    assert found.ccd == 4 + 3 + 3 + 1 + 1


def test_the_biggest_cycle_comes_first() -> None:
    found = metrics("AB", "BA", "XY", "YZ", "ZX", "CD", "DC")
    assert found.cycles == (("X", "Y", "Z"), ("A", "B"), ("C", "D"))
    assert module(found, "D").cycle == 2


def test_no_modules() -> None:
    found = graph_metrics([], [])
    assert (found.modules, found.cycles, found.order, found.ccd) == ((), (), (), 0)
    assert (found.propagation_cost, found.acd, found.nccd, found.cyclicality) == (None,) * 4
    assert found.architecture is Architecture.HIERARCHICAL


def test_a_single_module_that_imports_itself() -> None:
    found = metrics("AA")
    assert (found.ccd, found.propagation_cost, found.acd, found.nccd) == (1, 1.0, 1.0, 1.0)
    assert (found.dependencies, found.cyclicality, found.cycles) == (1, 0.0, ())
    assert (found.modules[0].ca, found.modules[0].ce, found.modules[0].instability) == (0, 0, None)


def test_the_same_dependency_twice_counts_once() -> None:
    assert metrics("AB", "AB") == metrics("AB")


def test_an_edge_to_an_unknown_node_is_refused() -> None:
    with pytest.raises(ValueError, match="no node 'B'"):
        graph_metrics(["A"], [("A", "B")])


def test_a_stable_module_that_depends_on_a_less_stable_one() -> None:
    # S is used by three and uses U alone (I = 1/4); U uses two and is used once (I = 2/3).
    found = metrics("AS", "BS", "CS", "SU", "UX", "UY")
    assert found.violations == (Violation("S", "U", 1 / 4, 2 / 3),)


def test_the_matrix_order_keeps_a_cycle_together() -> None:
    found = metrics("AB", "BC", "CD", "DB", "DE", "XE")
    assert found.order[0] == "E"
    assert set(found.order[1:4]) == {"B", "C", "D"}
    assert found.order[4:] == ("X", "A")
    place = {key: position for position, key in enumerate(found.order)}
    forward = [edge for edge in ("BC", "CD", "DB") if place[edge[0]] < place[edge[1]]]
    assert len(forward) == 1


def test_roles_around_a_core() -> None:
    # core {C, D}; S below it, K above it; the pair P, Q is apart.
    found = metrics("CD", "DC", "CS", "KC", "PQ")
    assert found.architecture is Architecture.CORE_PERIPHERY
    assert found.core_size == 2
    assert {one.key: one.role for one in found.modules} == {
        "C": Role.CORE,
        "D": Role.CORE,
        "S": Role.SHARED,
        "K": Role.CONTROL,
        "P": Role.PERIPHERY,
        "Q": Role.PERIPHERY,
    }
