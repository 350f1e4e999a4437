"""What a change does to the module graph."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.structure_changes import Links, StructureChange, structure_change

Tree = Mapping[str, str]


def links(tree: Tree) -> Links:
    """`{"a": "b c"}`: a imports b and c, on lines 1 and 2."""
    edges = {
        (source, target): (line,)
        for source, targets in tree.items()
        for line, target in enumerate(targets.split(), start=1)
    }
    return Links({name: f"pkg.{name}" for name in tree}, edges)


def compare(before: Tree, after: Tree, **renamed: str) -> StructureChange:
    return structure_change(links(before), links(after), renamed)


def test_a_new_cycle_with_its_cut() -> None:
    found = compare({"a": "b", "b": "", "c": ""}, {"a": "b", "b": "c a", "c": ""})
    (cycle,) = found.cycles
    assert (cycle.modules, cycle.is_new) == (("pkg.a", "pkg.b"), True)
    (cut,) = cycle.cuts
    assert (cut.path, cut.line, cut.source, cut.target) == ("b", 2, "pkg.b", "pkg.a")


def test_an_old_cycle_is_not_held_against_the_change() -> None:
    old = {"a": "b", "b": "a", "c": ""}
    assert compare(old, {"a": "b c", "b": "a", "c": ""}).cycles == ()
    assert compare({"a": "b", "b": "c", "c": "a"}, {"a": "b", "b": "a c", "c": "a"}).cycles == ()


def test_an_enlarged_cycle_names_what_it_draws_in() -> None:
    found = compare(
        {"a": "b", "b": "a", "c": "a", "d": ""}, {"a": "b c", "b": "a", "c": "a", "d": ""}
    )
    (cycle,) = found.cycles
    assert (cycle.is_new, cycle.added) == (False, ("pkg.c",))
    assert [(cut.source, cut.target) for cut in cycle.cuts] == [("pkg.a", "pkg.c")]


def test_two_cycles_that_become_one() -> None:
    before = {"a": "b", "b": "a", "c": "d", "d": "c a"}
    (cycle,) = compare(before, {**before, "a": "b c"}).cycles
    assert (len(cycle.modules), len(cycle.added), cycle.is_new) == (4, 2, False)


def test_a_renamed_module_is_the_module_that_it_was() -> None:
    assert compare({"a": "b", "b": "a"}, {"x": "b", "b": "x"}, x="a") == StructureChange()


def test_a_cut_never_asks_for_what_was_there() -> None:
    before = {"a": "b", "b": "c", "c": "d", "d": ""}
    (cycle,) = compare(before, {**before, "d": "a"}).cycles
    assert [(cut.source, cut.target) for cut in cycle.cuts] == [("pkg.d", "pkg.a")]


def test_a_cut_never_mends_an_old_cycle_instead() -> None:
    # Cutting a -> b alone would end both cycles, but that import was there before.
    before = {"a": "b", "b": "a", "c": "a"}
    (cycle,) = compare(before, {**before, "b": "a c"}).cycles
    assert [(cut.source, cut.target) for cut in cycle.cuts] == [("pkg.b", "pkg.c")]


def test_a_new_dependency_on_something_less_stable() -> None:
    before = {"a": "", "b": "x", "u": "a", "v": "a", "x": ""}
    found = compare(before, {**before, "a": "b"})
    (unstable,) = found.unstable
    assert (unstable.link.source, unstable.link.target) == ("pkg.a", "pkg.b")
    assert (unstable.source_instability, unstable.target_instability) == (1 / 3, 0.5)
    assert compare({**before, "a": "b"}, {**before, "a": "b"}).unstable == ()


def test_a_package_may_gather_its_own_modules() -> None:
    init, part = "shop/__init__.py", "shop/part.py"
    before = {init: "", part: "x", "u": init, "v": init, "x": "", "lib": "x"}
    assert compare(before, {**before, init: part}).unstable == ()
    assert len(compare(before, {**before, init: "lib"}).unstable) == 1


names = st.sampled_from("abcdef")
trees = st.dictionaries(names, st.lists(names, max_size=3)).map(
    lambda tree: {name: " ".join(sorted(set(tree.get(name, [])))) for name in "abcdef"}
)


@given(trees, trees)
def test_taking_the_cuts_back_takes_the_growth_back(before: Tree, after: Tree) -> None:
    first, second = links(before), links(after)
    found = structure_change(first, second, {})
    fresh = {edge for edge in second.lines if edge not in first.lines}
    cuts = {
        (cut.source.removeprefix("pkg."), cut.target.removeprefix("pkg."))
        for cycle in found.cycles
        for cut in cycle.cuts
    }
    assert cuts <= fresh
    rest = Links(
        second.names, {edge: lines for edge, lines in second.lines.items() if edge not in cuts}
    )
    assert structure_change(first, rest, {}).cycles == ()


@given(trees)
def test_no_change_finds_nothing(tree: Tree) -> None:
    assert structure_change(links(tree), links(tree), {}) == StructureChange()
