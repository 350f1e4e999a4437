"""Which files are modules, what they are called, and what their imports mean."""

import pytest

from analysis.domain.modules import Dependency, find_modules, labels, resolve_imports
from tests.builders.import_statements import imports_of


def names(*paths: str) -> dict[str, str]:
    return {module.path: module.name for module in find_modules(paths)}


def edges(files: dict[str, str]) -> list[tuple[str, str]]:
    imports = imports_of(files)
    found = resolve_imports(find_modules(files, imports), imports)
    return [(dependency.importer, dependency.imported) for dependency in found]


def test_a_package_may_lie_anywhere() -> None:
    modules = find_modules(["src/app/__init__.py", "src/app/a.py", "lib/other/__init__.py"])
    assert [(m.path, m.name, m.package_root, m.source_root) for m in modules] == [
        ("lib/other/__init__.py", "other", "lib/other", "lib"),
        ("src/app/__init__.py", "app", "src/app", "src"),
        ("src/app/a.py", "app.a", "src/app", "src"),
    ]
    assert [module.is_package for module in modules] == [True, True, False]


def test_no_paths_no_modules() -> None:
    assert find_modules([]) == []
    assert resolve_imports([], {}) == []


@pytest.mark.parametrize(
    "path",
    [
        "script.py",  # in no package
        "__init__.py",  # the top directory has no name of its own
        "my-app/__init__.py",  # cannot be imported by a statement
        "app/orphans/a.py",  # no __init__.py on the way
        "app/orphans/below/a.py",
        "app/my-dir/a.py",
        "app/.hidden/__init__.py",
        "app/.hidden.py",
        "app/a.b.py",
        "app/stub.pyi",
        "app/data.txt",
        "app/.py",
    ],
)
def test_a_file_that_is_no_module(path: str) -> None:
    assert names("app/__init__.py", path) == {"app/__init__.py": "app"}


def test_odd_but_importable_names() -> None:
    assert names("app/__init__.py", "app/a-b.py", "app/__main__.py", "app/class/__init__.py") == {
        "app/__init__.py": "app",
        "app/__main__.py": "app.__main__",
        "app/a-b.py": "app.a-b",
        "app/class/__init__.py": "app.class",
    }


def test_a_package_below_an_orphan_directory_stands_for_itself() -> None:
    found = names("app/__init__.py", "app/plain/inner/__init__.py", "app/plain/inner/a.py")
    assert found["app/plain/inner/a.py"] == "inner.a"


def test_a_module_file_wins_over_a_package_of_its_name() -> None:
    found = names("app/__init__.py", "app/x.py", "app/x/__init__.py", "app/x/y.py", "app.py")
    assert found == {"app.py": "app", "app/x.py": "app.x", "app/x/y.py": "app.x.y"}


def test_absurdly_deep_paths_are_left_out() -> None:
    deep = "/".join(["a"] * 50_000)
    assert names(f"{deep}/__init__.py", "app/__init__.py") == {"app/__init__.py": "app"}


def test_from_import_of_a_module_or_an_attribute() -> None:
    files = {
        "app/__init__.py": "",
        "app/a.py": "from app import b\nfrom app.b import attribute\nfrom app.b import *",
        "app/b.py": "import app.unknown.deeper\nimport app.unknown",
    }
    assert edges(files) == [("app/a.py", "app/b.py"), ("app/b.py", "app/__init__.py")]


def test_relative_imports() -> None:
    files = {
        "app/__init__.py": "from . import a",
        "app/a.py": "from .sub import thing",
        "app/sub/__init__.py": "from .. import b",
        "app/sub/c.py": "from ..b import thing\nfrom ... import app",
        "app/b.py": "from ..app import a",
    }
    assert edges(files) == [
        ("app/__init__.py", "app/a.py"),
        ("app/a.py", "app/sub/__init__.py"),
        ("app/sub/__init__.py", "app/b.py"),
        ("app/sub/c.py", "app/b.py"),
    ]


def test_relative_imports_far_beyond_the_top_mean_nothing() -> None:
    assert edges({"app/__init__.py": "from ......... import app", "app/a.py": ""}) == []


def test_a_package_that_imports_its_own_attribute_depends_on_itself() -> None:
    assert edges({"app/__init__.py": "from . import attribute"}) == [
        ("app/__init__.py", "app/__init__.py")
    ]


def test_lines_and_type_checking() -> None:
    files = {
        "app/__init__.py": "",
        "app/a.py": "if TYPE_CHECKING:\n    from app import b, c\n"
        "import app.c, app.c\nimport app.c",
        "app/b.py": "",
        "app/c.py": "",
    }
    imports = imports_of(files)
    assert resolve_imports(find_modules(files), imports) == [
        Dependency("app/a.py", "app/b.py", lines=(2,), type_checking=True),
        Dependency("app/a.py", "app/c.py", lines=(2, 3, 4), type_checking=False),
    ]


TWINS = {
    "examples/a/app/__init__.py": "import app.models",
    "examples/a/app/models.py": "",
    "examples/b/app/__init__.py": "from . import models\nimport app.only_in_a",
    "examples/b/app/models.py": "from app import views",
    "examples/a/app/only_in_a.py": "",
}


def test_packages_of_the_same_name_are_never_mixed_up() -> None:
    assert edges(TWINS) == [
        ("examples/a/app/__init__.py", "examples/a/app/models.py"),
        # b has no only_in_a: the import falls back to the package, as in a tree without a.
        ("examples/b/app/__init__.py", "examples/b/app/__init__.py"),
        ("examples/b/app/__init__.py", "examples/b/app/models.py"),
        ("examples/b/app/models.py", "examples/b/app/__init__.py"),
    ]


def test_a_regular_package_hides_others_of_its_name() -> None:
    files = {
        "examples/a/app/__init__.py": "import app.deep.inside",
        "examples/b/app/__init__.py": "",
        "examples/b/app/deep/__init__.py": "",
        "examples/b/app/deep/inside.py": "",
    }
    assert edges(files) == []


def test_an_import_from_elsewhere_needs_a_unique_target() -> None:
    outside = {"core/__init__.py": "import app.models\nimport app.only_in_a\nimport app"}
    found = edges(TWINS | outside)
    assert [pair for pair in found if pair[0] == "core/__init__.py"] == [
        ("core/__init__.py", "examples/a/app/only_in_a.py")
    ]


def test_labels_are_unique() -> None:
    modules = find_modules([*TWINS, "core/__init__.py"])
    found = labels(modules)
    assert found["examples/a/app/models.py"] == "app.models (/examples/a)"
    assert found["examples/a/app/only_in_a.py"] == "app.only_in_a"
    assert found["core/__init__.py"] == "core"
    assert len(set(found.values())) == len(modules) == 6
