"""Suggested cuts break every cycle, and in small ones none is cheaper."""

from itertools import permutations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain import graph_cycles
from analysis.domain.graph_cycles import explain_cycle, importers_first

type_of_weights = dict[tuple[str, str], int]


def weighted(names: str, most: int = 25) -> st.SearchStrategy[type_of_weights]:
    node = st.sampled_from(names)
    edge = st.tuples(node, node).filter(lambda it: it[0] != it[1])
    return st.dictionaries(edge, st.integers(1, 5), max_size=most)


def is_acyclic(edges: set[tuple[str, str]]) -> bool:
    return nx.is_directed_acyclic_graph(nx.DiGraph(sorted(edges)))


def test_the_odd_import_out_is_cut() -> None:
    edges = [("a", "b"), ("b", "c"), ("a", "c"), ("c", "a"), ("x", "a"), ("c", "x"), ("a", "a")]
    found = explain_cycle(["a", "b", "c"], edges)
    assert found.edges == (("a", "b"), ("a", "c"), ("b", "c"), ("c", "a"))
    assert found.cuts == (("c", "a"),)
    assert found.exact


def test_weights_decide_which_of_two_imports_is_cut() -> None:
    edges = [("a", "b"), ("b", "a")]
    assert explain_cycle("ab", edges, {("a", "b"): 3}).cuts == (("b", "a"),)
    assert explain_cycle("ab", edges, {("b", "a"): 3}).cuts == (("a", "b"),)


def test_a_long_ring_needs_one_cut() -> None:
    ring = [f"m{number:02}" for number in range(50)]
    found = explain_cycle(ring, list(zip(ring, [*ring[1:], ring[0]], strict=True)))
    assert len(found.cuts) == 1
    assert not found.exact


@given(weighted("abcde"))
def test_small_cycles_are_cut_at_the_least_cost(weights: type_of_weights) -> None:
    found = explain_cycle("abcde", weights, weights)
    assert is_acyclic(weights.keys() - set(found.cuts))
    least = min(
        sum(weight for (a, b), weight in weights.items() if order.index(a) > order.index(b))
        for order in permutations("abcde")
    )
    assert sum(weights[edge] for edge in found.cuts) == least


@given(weighted("abcdefghijklmno", most=60))
def test_large_cycles_are_cut_without_waste(weights: type_of_weights) -> None:
    found = explain_cycle("abcdefghijklmno", weights, weights)
    kept = weights.keys() - set(found.cuts)
    assert not found.exact
    assert is_acyclic(kept)
    assert not any(is_acyclic(kept | {cut}) for cut in found.cuts)


@given(weighted("abcdefghijklmno", most=60))
def test_the_sequence_has_every_module_once(weights: type_of_weights) -> None:
    order = importers_first(weights)
    assert sorted(order) == sorted({module for edge in weights for module in edge})
    if is_acyclic(set(weights)):
        assert all(order.index(a) < order.index(b) for a, b in weights)


def test_in_a_huge_cycle_no_cut_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_cycles, "MOST_STEPS", 0)
    ring = [f"m{number:02}" for number in range(20)]
    edges = [(a, b) for a in ring for b in ring if a != b]
    found = explain_cycle(ring, edges)
    assert is_acyclic(set(edges) - set(found.cuts))
    assert len(found.cuts) == len(edges) / 2
