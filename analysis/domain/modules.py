"""The modules of a tree of Python files and the dependencies between them.

Names and dependencies equal those of ``grimp.build_graph`` (3.19) for each importable package, the
imports under TYPE_CHECKING included, external packages excluded; between the packages of one tree
they equal those of ``grimp.build_graph(*packages)``. Deliberately different: a namespace package
has no code, so it is no module here, and symbolic links are not followed.

Two packages may have the same name in different places (``examples/a/app``, ``examples/b/app``),
so a module is identified by its path, never by its name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from analysis.domain.import_resolution import ModuleIndex, absolute_name
from analysis.domain.namespace_packages import add_namespaces
from analysis.domain.source import ImportStatement
from analysis.domain.source_tree import INIT, SourceTree, name_of, parent_of


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """A Python file inside an importable package."""

    path: str  # relative to the top of the tree; unique
    name: str  # dotted, as it is imported; unique only within a source root
    package_root: str  # directory of the top-level package

    @property
    def is_package(self) -> bool:
        return name_of(self.path) == INIT

    @property
    def source_root(self) -> str:
        """The directory that must be on Python's path; "" is the top of the tree."""
        return parent_of(self.package_root)


@dataclass(frozen=True, slots=True, order=True)
class Dependency:
    """One module imports another, or itself: ``from . import attribute`` in an ``__init__.py``."""

    importer: str  # path
    imported: str  # path
    lines: tuple[int, ...]  # of the import statements, ascending
    type_checking: bool  # all of them stand under TYPE_CHECKING: nothing is imported at run time


def find_modules(
    paths: Iterable[str],
    imports_by_path: Mapping[str, Sequence[ImportStatement]] | None = None,
) -> list[Module]:
    """The modules among ``paths`` (files relative to the top of the tree), sorted by path.

    A top-level package is a directory with an ``__init__.py`` whose parent directory has none. With
    ``imports_by_path``, directories that the code itself imports as namespace packages (PEP 420)
    are top-level packages too; see ``namespace_packages``.
    """
    tree = SourceTree.of(paths)
    roots = tree.top_level_packages()
    if imports_by_path is not None:
        roots = add_namespaces(tree, roots, imports_by_path)
    return sorted(
        Module(path, name, root)
        for root, modules in tree.modules_by_root(roots).items()
        for name, path in modules.items()
    )


def resolve_imports(
    modules: Sequence[Module], imports_by_path: Mapping[str, Sequence[ImportStatement]]
) -> list[Dependency]:
    """The dependencies between ``modules``, one for each pair, sorted by importer and imported.

    A path without statements imports nothing, so that files that cannot be parsed may be missing.
    """
    modules_by_root: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for module in modules:
        modules_by_root[module.package_root][module.name] = module.path
    index = ModuleIndex(modules_by_root)
    found: defaultdict[tuple[str, str], list[ImportStatement]] = defaultdict(list)
    for module in modules:
        source_root, is_package = module.source_root, module.is_package
        for statement in imports_by_path.get(module.path, ()):
            name = absolute_name(statement, module.name, is_package)
            path = index.find(name, source_root) if name else None
            if path is not None:
                found[module.path, path].append(statement)
    return [
        Dependency(
            importer,
            imported,
            tuple(sorted({statement.line for statement in statements})),
            all(statement.type_checking for statement in statements),
        )
        for (importer, imported), statements in sorted(found.items())
    ]


def labels(modules: Iterable[Module]) -> dict[str, str]:
    """A unique name to show for each path: the module's, with its source root where ambiguous.

    A module name has no "/", so no file name, however odd, makes two labels equal.
    """
    known = list(modules)
    count = Counter(module.name for module in known)
    return {
        module.path: module.name
        if count[module.name] == 1
        else f"{module.name} (/{module.source_root})"
        for module in known
    }
