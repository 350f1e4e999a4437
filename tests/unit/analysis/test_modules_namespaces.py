"""Directories without __init__.py that the code imports by name (PEP 420)."""

from analysis.domain.modules import find_modules, resolve_imports
from tests.builders.import_statements import imports_of


def graph(files: dict[str, str]) -> tuple[set[str], set[tuple[str, str]]]:
    imports = imports_of(files)
    modules = find_modules(files, imports)
    name = {module.path: module.name for module in modules}
    return set(name.values()), {
        (name[dependency.importer], name[dependency.imported])
        for dependency in resolve_imports(modules, imports)
    }


def test_a_namespace_is_what_the_code_imports_as_one() -> None:
    names, edges = graph(
        {
            "google/cloud/storage/__init__.py": "from google.cloud.auth import token",
            "google/cloud/auth/__init__.py": "",
            "google/cloud/auth/token.py": "from google.cloud import storage",
            "google/cloud/loose.py": "",
        }
    )
    assert names == {
        "google.cloud.storage",
        "google.cloud.auth",
        "google.cloud.auth.token",
        "google.cloud.loose",
    }
    assert edges == {
        ("google.cloud.storage", "google.cloud.auth.token"),
        ("google.cloud.auth.token", "google.cloud.storage"),
    }


def test_without_imports_only_regular_packages_are_packages() -> None:
    modules = find_modules(["ns/a/__init__.py", "ns/loose.py"])
    assert [module.name for module in modules] == ["a"]


def test_a_project_without_any_init_file() -> None:
    files = {"main.py": "from app.views import page", "app/views.py": "", "app/sub/c.py": ""}
    assert graph(files)[0] == {"app.views", "app.sub.c"}


def test_short_names_win_when_more_imports_use_them() -> None:
    files = {
        "src/app/__init__.py": "import app.a\nimport app.b",
        "src/app/a.py": "import src.app.b",
        "src/app/b.py": "",
    }
    names, edges = graph(files)
    assert names == {"app", "app.a", "app.b"}
    assert edges == {("app", "app.a"), ("app", "app.b")}


def test_short_names_win_when_as_many_imports_use_them() -> None:
    files = {"src/app/__init__.py": "import app.a\nimport src.app.a", "src/app/a.py": ""}
    assert graph(files)[0] == {"app", "app.a"}


def test_long_names_win_when_more_imports_use_them() -> None:
    files = {
        "src/app/__init__.py": "import app.a",
        "src/app/a.py": "import src.app.b\nfrom src.app import b",
        "src/app/b.py": "",
    }
    names, edges = graph(files)
    assert names == {"src.app", "src.app.a", "src.app.b"}
    assert edges == {("src.app.a", "src.app.b")}


def test_of_nested_namespaces_the_better_supported_is_the_top() -> None:
    files = {"a/b/c.py": "import b.d\nimport b.d\nimport a.b.d", "a/b/d.py": "", "a/e.py": ""}
    assert graph(files)[0] == {"b.c", "b.d"}


def test_no_namespace_is_seen_where_python_finds_something_else() -> None:
    library = {"docs/json/decoder.py": "", "docs/conf.py": "import json.decoder"}
    module = {"tool.py": "import tools.a", "tools.py": "", "tools/a.py": ""}
    regular = {"x/lib/a.py": "", "lib/__init__.py": "", "lib/a.py": "", "x/y.py": "import lib.a"}
    far_away = {"docs/lib/a.py": "", "src/main.py": "import lib.a"}
    assert graph(library)[0] == set()
    assert graph(module)[0] == set()
    assert graph(regular)[0] == {"lib", "lib.a"}
    assert graph(far_away)[0] == set()


def test_what_a_namespace_does_not_reach_stays_a_package_of_its_own() -> None:
    files = {
        "ns/a/__init__.py": "import ns.b",
        "ns/b.py": "",
        "ns/my-dir/c/__init__.py": "",
        "ns/a/plain/d/__init__.py": "",
    }
    assert graph(files)[0] == {"ns.a", "ns.b", "c", "d"}


def test_portions_in_several_source_roots_find_each_other() -> None:
    files = {
        "one/ns/a/__init__.py": "import ns.b.x\nimport ns.a.y",
        "one/ns/a/y.py": "",
        "two/ns/b/__init__.py": "import ns.b.x",
        "two/ns/b/x.py": "from ns.a import y",
    }
    assert graph(files)[1] == {
        ("ns.a", "ns.b.x"),
        ("ns.a", "ns.a.y"),
        ("ns.b", "ns.b.x"),
        ("ns.b.x", "ns.a.y"),
    }
