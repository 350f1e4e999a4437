"""Which module an import statement names, by grimp's rules.

``from a.b import c`` is the module ``a.b.c`` if there is one, else ``a.b`` (c is then an
attribute); ``import a.b.c`` likewise falls back by exactly one part. Anything else is not a module
of the tree. Relative imports beyond the top-level package name nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from analysis.domain.source import ImportStatement
from analysis.domain.source_tree import name_of


def absolute_name(statement: ImportStatement, module: str, is_package: bool) -> str | None:
    """The dotted name that a statement in ``module`` asks for; None beyond the top level.

    The imported name is part of it, ``*`` included: whether it is a module or an attribute is
    known only to the index.
    """
    parts = [part for part in (statement.module, statement.name) if part]
    if statement.level:
        base = module.split(".")
        keep = len(base) - statement.level + is_package
        if keep < 1:
            return None
        parts = base[:keep] + parts
    return ".".join(parts)


class ModuleIndex:
    """Finds modules by name, as seen from one source root.

    The source root of the importer comes first. A regular package there hides all others of its
    name, as on Python's own path; a namespace package does not. After it, a module is taken from
    another source root only if no second one could be meant.
    """

    def __init__(self, modules_by_root: Mapping[str, Mapping[str, str]]) -> None:
        """``modules_by_root``: directory of a top-level package -> module name -> path."""
        self._by_root = modules_by_root
        self._roots_by_name: defaultdict[str, list[str]] = defaultdict(list)
        for root in modules_by_root:
            self._roots_by_name[name_of(root)].append(root)
        self._from_own: dict[tuple[str, str], str | None] = {}
        self._from_any: dict[str, str | None] = {}

    def find(self, name: str, source_root: str) -> str | None:
        """The path of the module that ``name`` means to a file under ``source_root``."""
        key = (source_root, name)
        if key not in self._from_own:
            self._from_own[key] = self._find(name, source_root)
        return self._from_own[key]

    def _find(self, name: str, source_root: str) -> str | None:
        top = name.partition(".")[0]
        own = self._by_root.get(f"{source_root}/{top}" if source_root else top, {})
        path = _exact_module(own, name) or _parent_module(own, name)
        if path is not None or top in own:
            return path
        if name not in self._from_any:
            roots = self._roots_by_name.get(top, ())
            self._from_any[name] = _unique_module([self._by_root[root] for root in roots], name)
        return self._from_any[name]


def _exact_module(modules: Mapping[str, str], name: str) -> str | None:
    return modules.get(name)


def _parent_module(modules: Mapping[str, str], name: str) -> str | None:
    return modules.get(name.rpartition(".")[0])


def _unique_module(candidates: Sequence[Mapping[str, str]], name: str) -> str | None:
    """The one module of that name; None if no candidate has it or several do."""
    for lookup in (_exact_module, _parent_module):
        hits = [path for modules in candidates if (path := lookup(modules, name)) is not None]
        if hits:
            return hits[0] if len(hits) == 1 else None
    return None
