"""Which directories without ``__init__.py`` are namespace packages (PEP 420).

Nothing in a tree of files says so: ``src/app/__init__.py`` is ``app`` to one project and
``src.app`` to another. The code says so, by its imports. A directory is taken for a namespace
package if files beside or below it import modules through its name, those imports mean nothing
otherwise, and there are more of them than imports that reach the regular packages inside it by
their own short names.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from analysis.domain.import_resolution import ModuleIndex, absolute_name
from analysis.domain.source import ImportStatement
from analysis.domain.source_tree import INIT, SourceTree, name_of, parent_of

Imports = Mapping[str, Sequence[ImportStatement]]


def add_namespaces(tree: SourceTree, regular: set[str], imports_by_path: Imports) -> set[str]:
    """The top-level packages of the tree, those inside a namespace package replaced by it."""
    candidates = _candidates(tree)
    if not candidates:
        return regular
    through_namespace, by_short_name = _support(tree, regular, candidates, imports_by_path)
    inside = _packages_inside(tree, regular)
    chosen: set[str] = set()
    above: set[str] = set()  # the chosen and all directories that hold one
    # The best supported first: of "a" and "a/b" only one can be the top of a namespace.
    for namespace, support in sorted(through_namespace.items(), key=lambda item: (-item[1], item)):
        nested = namespace in above or not chosen.isdisjoint(_with_parents(namespace))
        if not nested and support > sum(by_short_name[root] for root in inside[namespace]):
            chosen.add(namespace)
            above.update(_with_parents(namespace))
    absorbed = {root for namespace in chosen for root in inside[namespace]}
    return (regular - absorbed) | chosen


def _packages_inside(tree: SourceTree, regular: set[str]) -> defaultdict[str, set[str]]:
    """By directory: the packages that would belong to it, were it the top of a namespace."""
    inside: defaultdict[str, set[str]] = defaultdict(set)
    for root in regular:
        for directory in _with_parents(parent_of(root)):
            if directory in tree.packages or not name_of(directory).isidentifier():
                break
            inside[directory].add(root)
    return inside


def _candidates(tree: SourceTree) -> set[str]:
    """Directories that Python could import as a namespace, with Python files at any depth."""
    directories = {above for directory in tree.files for above in _with_parents(directory)}
    in_package: set[str] = set()
    for directory in sorted(directories):  # parents first
        if directory in tree.packages or parent_of(directory) in in_package:
            in_package.add(directory)
    return {
        directory
        for directory in directories - in_package
        if name_of(directory).isidentifier()
        and name_of(directory) not in sys.stdlib_module_names
        and not tree.has_file(f"{directory}.py")
    }


def _support(
    tree: SourceTree, regular: set[str], candidates: set[str], imports_by_path: Imports
) -> tuple[Counter[str], Counter[str]]:
    """Count the absolute imports through each candidate, and those that reach each package."""
    modules_by_root = tree.modules_by_root(regular)
    root_of = {path: root for root, names in modules_by_root.items() for path in names.values()}
    index = ModuleIndex(modules_by_root)
    names = {name_of(candidate) for candidate in candidates}
    through_namespace: Counter[str] = Counter()
    by_short_name: Counter[str] = Counter()
    for path, statements in imports_by_path.items():
        source_root = parent_of(root_of.get(path, path))
        for name in _absolute_imports(statements):
            found = index.find(name, source_root)
            if found is not None:
                by_short_name[root_of[found]] += 1
            elif name.partition(".")[0] in names:
                through_namespace.update(_named_candidates(tree, candidates, path, name))
    return through_namespace, by_short_name


def _absolute_imports(statements: Sequence[ImportStatement]) -> Iterator[str]:
    for statement in statements:
        name = None if statement.level else absolute_name(statement, "", is_package=False)
        if name:
            yield name


def _named_candidates(
    tree: SourceTree, candidates: set[str], importer: str, name: str
) -> Iterator[str]:
    """The candidates beside or above the importer in which ``name`` is a module."""
    top, _, rest = name.partition(".")
    if not rest:
        return
    for directory in [*_with_parents(parent_of(importer)), ""]:
        candidate = f"{directory}/{top}" if directory else top
        if candidate in candidates:
            inside, parent = rest.replace(".", "/"), parent_of(rest.replace(".", "/"))
            if any(_has_module(tree, f"{candidate}/{part}") for part in (inside, parent) if part):
                yield candidate


def _has_module(tree: SourceTree, path: str) -> bool:
    return tree.has_file(f"{path}.py") or tree.has_file(f"{path}/{INIT}")


def _with_parents(directory: str) -> Iterator[str]:
    while directory:
        yield directory
        directory = parent_of(directory)
