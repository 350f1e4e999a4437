"""A change of imports that leaves the module graph certainly as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.architecture import is_same_graph, module_edges
from analysis.domain.source import ImportStatement

PATHS = ("app/__init__.py", "app/a.py", "app/b.py", "lib/__init__.py", "lib/c.py", "tools/d.py")

statements = st.builds(
    ImportStatement,
    module=st.sampled_from(["app", "app.a", "lib", "lib.c", "tools", "json", "os.path"]),
    name=st.sampled_from([None, "a", "b", "c", "d", "loads"]),
    level=st.integers(0, 2),
    line=st.integers(1, 4),
    type_checking=st.booleans(),
)
imports = st.lists(statements, max_size=4).map(tuple)


@given(everything=st.fixed_dictionaries(dict.fromkeys(PATHS, imports)), changed=imports)
def test_a_yes_is_never_wrong(
    everything: dict[str, tuple[ImportStatement, ...]], changed: tuple[ImportStatement, ...]
) -> None:
    path = "app/a.py"
    after = everything | {path: changed}
    if is_same_graph(PATHS, {path: everything[path]}, {path: changed}):
        assert module_edges(PATHS, everything) == module_edges(PATHS, after)


@pytest.mark.parametrize(
    "after",
    [
        (ImportStatement("app", "b", 0, 3, False),),
        (ImportStatement("json", None, 0, 1, False), ImportStatement("app", "b", 0, 9, False)),
    ],
)
def test_lines_and_packages_from_elsewhere_make_no_difference(
    after: tuple[ImportStatement, ...],
) -> None:
    before = (ImportStatement("app", "b", 0, 1, False),)
    assert is_same_graph(PATHS, {"lib/c.py": before}, {"lib/c.py": after})


def test_a_new_import_of_a_module_makes_one() -> None:
    before = (ImportStatement("app", "b", 0, 1, False),)
    after = (*before, ImportStatement("app", "a", 0, 2, False))
    assert not is_same_graph(PATHS, {"lib/c.py": before}, {"lib/c.py": after})
