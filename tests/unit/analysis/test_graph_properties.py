"""What holds for every graph, with networkx as the oracle."""

import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.graph import GraphMetrics, balanced_tree_ccd, graph_metrics

node = st.sampled_from("abcdefghij")
nodes = st.sets(node, min_size=1)
links = st.sets(st.tuples(node, node), max_size=30)
type_of_edges = set[tuple[str, str]]


def measured(nodes: set[str], links: type_of_edges) -> tuple[GraphMetrics, "nx.DiGraph[str]"]:
    inside = {(a, b) for a, b in links if a in nodes and b in nodes}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_edges_from(inside)
    return graph_metrics(nodes, inside), graph


@given(nodes, links)
def test_visibility_is_the_size_of_the_transitive_closure(
    nodes: set[str], links: type_of_edges
) -> None:
    found, graph = measured(nodes, links)
    for module in found.modules:
        assert module.vfo == len(nx.descendants(graph, module.key) | {module.key})
        assert module.vfi == len(nx.ancestors(graph, module.key) | {module.key})
    assert found.ccd == sum(module.vfi for module in found.modules)


@given(nodes, links)
def test_cycles_are_the_strongly_connected_components(
    nodes: set[str], links: type_of_edges
) -> None:
    found, graph = measured(nodes, links)
    expected = [tuple(sorted(one)) for one in nx.strongly_connected_components(graph)]
    assert sorted(found.cycles) == sorted(one for one in expected if len(one) > 1)
    assert [len(cycle) for cycle in found.cycles] == sorted(map(len, found.cycles), reverse=True)
    for module in found.modules:
        assert (module.cycle is not None) == any(module.key in cycle for cycle in found.cycles)
        assert module.cycle is None or module.key in found.cycles[module.cycle]


@given(nodes, links)
def test_bounds(nodes: set[str], links: type_of_edges) -> None:
    found, _ = measured(nodes, links)
    count = len(nodes)
    assert found.propagation_cost is not None
    assert 1 / count <= found.propagation_cost <= 1
    assert found.cyclicality is not None
    assert 0 <= found.cyclicality <= 1
    assert all(one.instability is None or 0 <= one.instability <= 1 for one in found.modules)


@given(nodes, links)
def test_reversing_the_graph_swaps_the_directions(nodes: set[str], links: type_of_edges) -> None:
    found, _ = measured(nodes, links)
    back, _ = measured(nodes, {(b, a) for a, b in links})
    assert [(one.ca, one.ce, one.vfi, one.vfo) for one in found.modules] == [
        (one.ce, one.ca, one.vfo, one.vfi) for one in back.modules
    ]
    assert (found.ccd, found.cycles, found.dependencies) == (
        back.ccd,
        back.cycles,
        back.dependencies,
    )


@given(nodes, links)
def test_levels_and_order_follow_the_dependencies(nodes: set[str], links: type_of_edges) -> None:
    found, graph = measured(nodes, links)
    modules = {one.key: one for one in found.modules}
    place = {key: position for position, key in enumerate(found.order)}
    assert set(found.order) == nodes
    assert len(found.order) == len(nodes)
    for a, b in graph.edges:
        same_cycle = a == b or (
            modules[a].cycle is not None and modules[a].cycle == modules[b].cycle
        )
        if same_cycle:
            assert modules[a].level == modules[b].level
        else:
            assert modules[a].level > modules[b].level
            assert place[a] > place[b]
    for cycle in found.cycles:
        positions = sorted(place[key] for key in cycle)
        assert positions[-1] - positions[0] == len(cycle) - 1


@given(nodes, links)
def test_violations_are_the_edges_to_a_less_stable_module(
    nodes: set[str], links: type_of_edges
) -> None:
    found, graph = measured(nodes, links)
    instability = {one.key: one.instability or 0 for one in found.modules}
    assert {(one.source, one.target) for one in found.violations} == {
        (a, b) for a, b in graph.edges if instability[a] < instability[b]
    }


@given(nodes, links, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(nodes, links, random) -> None:
    inside = [(a, b) for a, b in sorted(links) if a in nodes and b in nodes]
    shuffled = random.sample(inside, len(inside))
    assert graph_metrics(sorted(nodes), inside) == graph_metrics(sorted(nodes)[::-1], shuffled)


@given(st.integers(0, 3000))
def test_the_balanced_tree(modules: int) -> None:
    assert balanced_tree_ccd(modules) == sum(i.bit_length() for i in range(1, modules + 1))
