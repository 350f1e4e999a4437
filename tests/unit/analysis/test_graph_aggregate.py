"""The graph of packages at a depth."""

import pytest

from analysis.domain.graph_aggregate import PackageEdge, PackageNode, aggregate
from analysis.domain.modules import find_modules, resolve_imports
from tests.builders.import_statements import imports_of

FILES = {
    "src/app/__init__.py": "from . import thing",
    "src/app/web/__init__.py": "",
    "src/app/web/views.py": "from app.web import forms\nfrom app.core import models, rules",
    "src/app/web/forms.py": "from app.core import models",
    "src/app/core/__init__.py": "",
    "src/app/core/models.py": "",
    "src/app/core/rules.py": "import app.main",
    "src/app/main.py": "",
    "old/app/__init__.py": "",
    "old/app/web/__init__.py": "import app",
}


def at_depth(depth: int) -> tuple[list[PackageNode], list[PackageEdge]]:
    imports = imports_of(FILES)
    modules = find_modules(FILES)
    found = aggregate(modules, resolve_imports(modules, imports), depth)
    return list(found.packages), list(found.edges)


def test_top_level_packages() -> None:
    assert at_depth(1) == (
        [PackageNode("old/app", "app", 2, 1), PackageNode("src/app", "app", 8, 5)],
        [],
    )


def test_packages_inside() -> None:
    assert at_depth(2) == (
        [
            PackageNode("old/app", "app", 1, 0),
            PackageNode("old/app/web", "app.web", 1, 0),
            PackageNode("src/app", "app", 1, 0),
            PackageNode("src/app/core", "app.core", 3, 0),
            PackageNode("src/app/main", "app.main", 1, 0),
            PackageNode("src/app/web", "app.web", 3, 1),
        ],
        [
            PackageEdge("old/app/web", "old/app", 1),
            PackageEdge("src/app/core", "src/app/main", 1),
            PackageEdge("src/app/web", "src/app/core", 3),
        ],
    )


def test_deep_enough_every_module_stands_alone() -> None:
    packages, edges = at_depth(9)
    assert [package.modules for package in packages] == [1] * 10
    assert sum(edge.weight for edge in edges) == 6


def test_no_modules() -> None:
    assert aggregate([], [], 1).packages == ()


def test_a_depth_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        aggregate([], [], 0)
