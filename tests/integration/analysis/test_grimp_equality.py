"""Modules and dependencies equal grimp's, on odd trees and on real packages."""

import importlib
import re
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path

import grimp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.domain.modules import find_modules, resolve_imports
from analysis.domain.source import ImportStatement
from tests.builders.import_statements import import_statements

type_of_graph = tuple[set[str], set[tuple[str, str]]]
SITE_PACKAGES = Path(grimp.__file__).parents[1]


def build_with_grimp(*packages: str) -> type_of_graph:
    importlib.invalidate_caches()
    graph = grimp.build_graph(*packages, cache_dir=None)
    return graph.modules, {
        (importer, imported)
        for importer in graph.modules
        for imported in graph.find_modules_directly_imported_by(importer)
    }


def read(top: Path, files: Iterable[Path]) -> dict[str, tuple[ImportStatement, ...]]:
    return {
        path.relative_to(top).as_posix(): import_statements(path.read_bytes()) for path in files
    }


def build(imports: Mapping[str, tuple[ImportStatement, ...]], *packages: str) -> type_of_graph:
    modules = find_modules(imports, imports)
    name = {
        module.path: module.name
        for module in modules
        if any(f"{module.name}.".startswith(f"{package}.") for package in packages)
    }
    return set(name.values()), {
        (name[dependency.importer], name[dependency.imported])
        for dependency in resolve_imports(modules, imports)
        if dependency.importer in name and dependency.imported in name
    }


def write(top: Path, files: Mapping[str, str]) -> dict[str, tuple[ImportStatement, ...]]:
    for path, text in files.items():
        (top / path).parent.mkdir(parents=True, exist_ok=True)
        (top / path).write_text(text)
    return read(top, (top / path for path in files if path.endswith(".py")))


ODD_TREES = {
    "itself": {
        "odd_a/__init__.py": "from . import thing\nfrom odd_a import x\n"
        "import odd_a\nfrom . import *",
        "odd_a/a.py": "import odd_a.a\nfrom . import a\nfrom .a import q\nfrom odd_a import b",
        "odd_a/b/__init__.py": "from . import b\nfrom .. import b\nfrom ..b import c\n"
        "from ... import odd_a\nfrom ...odd_a import a",
    },
    "module and package of one name": {
        "odd_b/__init__.py": "import odd_b.foo",
        "odd_b/foo.py": "from . import bar\nfrom .x import q",
        "odd_b/foo/__init__.py": "from . import x",
        "odd_b/foo/x.py": "from . import x\nfrom .. import bar",
        "odd_b/bar.py": "",
        "odd_b.py": "import odd_b.bar",
    },
    "odd names": {
        "odd_c/__init__.py": "",
        "odd_c/a-b.py": "import odd_c",
        "odd_c/my-dir/__init__.py": "import odd_c",
        "odd_c/my-dir/q/__init__.py": "import odd_c",
        "odd_c/x.y.py": "import odd_c",
        "odd_c/.h.py": "import odd_c",
        "odd_c/class/__init__.py": "import odd_c",
        "odd_c/__main__.py": "import odd_c.m",
        "odd_c/m.pyi": "",
        "odd_c/m.py": "",
        "odd_c/.hidden/__init__.py": "",
        "odd_c/\u00fcber.py": "from . import \u00fcber",
        "odd_c/ligature.py": "from . import \ufb01",
        "odd_c/fi.py": "",
    },
    "orphans": {
        "odd_d/__init__.py": "import odd_d.plain.x\nimport odd_d.plain\nimport odd_d.plain.inner.y",
        "odd_d/plain/x.py": "import odd_d",
        "odd_d/plain/inner/__init__.py": "import odd_d",
        "odd_d/plain/inner/y.py": "import odd_d",
    },
    "guarded and nested": {
        "odd_e/__init__.py": "",
        "odd_e/a.py": "import typing\nif typing.TYPE_CHECKING:\n    from odd_e import b\n"
        "else:\n    import odd_e.c\n",
        "odd_e/b.py": "def f():\n    class C:\n        import odd_e.c\n"
        "try:\n    import odd_e.a\nexcept* ImportError:\n    from .c import *\n",
        "odd_e/c.py": "match 1:\n    case 1:\n        import odd_e.a\n"
        "async def f():\n    async with x:\n        import odd_e.b\n",
    },
    "imports of what is not there": {
        "odd_f/__init__.py": "import odd_f.no.such, other\nfrom odd_f.no import such\n",
        "odd_f/a.py": "from odd_f.a.b import c\nfrom .a import b\nimport odd_f.a.b\nimport odd\n",
    },
}


@pytest.mark.parametrize("files", ODD_TREES.values(), ids=ODD_TREES)
def test_odd_trees(files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    package = min(files).split("/")[0].removesuffix(".py")
    assert build(write(tmp_path, files), package) == build_with_grimp(package)


def test_several_packages_in_several_source_roots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {
        "several_a/__init__.py": "from several_b import thing\nimport several_b.x",
        "several_a/y.py": "from several_c.z import *",
        "lib/several_b/__init__.py": "import several_a.no.such\nimport several_a.attribute",
        "lib/several_b/x.py": "from several_a import y\nfrom ..several_a import y",
        "lib/several_c/__init__.py": "import several_c",
        "lib/several_c/z.py": "import several_b",
    }
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(tmp_path / "lib")
    packages = ("several_a", "several_b", "several_c")
    assert build(write(tmp_path, files), *packages) == build_with_grimp(*packages)


def test_packages_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "a/twin/__init__.py": "import twin.models",
        "a/twin/models.py": "",
        "b/twin/__init__.py": "from . import models, only_in_a",
        "b/twin/models.py": "import twin.only_in_a",
        "a/twin/only_in_a.py": "",
    }
    imports = write(tmp_path, files)
    modules = find_modules(imports, imports)
    dependencies = resolve_imports(modules, imports)
    name = {module.path: module.name for module in modules}
    for place in ("a", "b"):
        with monkeypatch.context() as patch:
            patch.syspath_prepend(tmp_path / place)
            own = {path: name[path] for path in name if path.startswith(f"{place}/")}
            edges = {
                (name[dependency.importer], name[dependency.imported])
                for dependency in dependencies
                if dependency.importer in own
            }
            assert (set(own.values()), edges) == build_with_grimp("twin")
    assert all(edge.importer[0] == edge.imported[0] for edge in dependencies)


def test_a_namespace_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "space/a.py": "import space.b.c\nfrom space.d import g",
        "space/b/c.py": "from space.a import q\nfrom .. import a\nfrom ..d.g import x",
        "space/d/__init__.py": "",
        "space/d/plain/f.py": "import space.a",
        "space/d/g/__init__.py": "from space import a",
        "space/empty/readme.txt": "",
    }
    monkeypatch.syspath_prepend(tmp_path)
    imports = write(tmp_path, files)
    modules, edges = build_with_grimp("space")
    # grimp also counts the directories of the namespace; they have no code.
    assert build(imports, "space") == (modules - {"space", "space.b"}, edges)


@pytest.mark.parametrize(
    "package", ["django", "celery", "networkx", "rest_framework", "git", "radon", "hypothesis"]
)
def test_real_packages(package: str) -> None:
    imports = read(SITE_PACKAGES, (SITE_PACKAGES / package).rglob("*.py"))
    assert build(imports, package) == build_with_grimp(package)


def test_real_packages_together() -> None:
    packages = ("git", "gitdb", "smmap", "importlinter", "grimp")
    files = [path for package in packages for path in (SITE_PACKAGES / package).rglob("*.py")]
    assert build(read(SITE_PACKAGES, files), *packages) == build_with_grimp(*packages)


number = count()
part = st.sampled_from(["a", "b", "c", "x-y"])
file_name = st.sampled_from(["__init__.py", "__init__.py", "a.py", "b.py", "x-y.py", "a.b.py"])
path = st.tuples(st.lists(part, max_size=3), file_name).map(lambda it: "/".join([*it[0], it[1]]))
target = st.lists(st.sampled_from("abc"), max_size=3).map(".".join)
statement = st.one_of(
    target.map(lambda name: f"import TOP{'.' if name else ''}{name}"),
    st.tuples(target, st.sampled_from("abc*")).map(
        lambda it: f"from TOP{'.' if it[0] else ''}{it[0]} import {it[1]}"
    ),
    st.tuples(st.integers(1, 4), target, st.sampled_from("abc*")).map(
        lambda it: f"from {'.' * it[0]}{it[1]} import {it[2]}"
    ),
)
tree = st.dictionaries(path, st.lists(statement, max_size=4), max_size=12)


def within_reach(path: str, line: str) -> bool:
    """Whether grimp survives a relative import: it panics far beyond the top-level package."""
    dots = re.match(r"from (\.+)", line)
    parts = len(path.removesuffix("/__init__.py").split("/"))
    return not dots or len(dots[1]) <= parts


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=tree)
def test_any_tree(
    tree: dict[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = f"any_tree_{next(number)}"
    files = {f"{package}/{path}": lines for path, lines in tree.items()}
    files.setdefault(f"{package}/__init__.py", [])
    texts = {
        path: "\n".join(line for line in lines if within_reach(path, line)).replace("TOP", package)
        for path, lines in files.items()
    }
    with monkeypatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        assert build(write(tmp_path, texts), package) == build_with_grimp(package)
