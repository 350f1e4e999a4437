"""Which module an import statement names, by grimp's rules.

``from a.b import c`` is the module ``a.b.c`` if there is one, else ``a.b`` (c is then an
attribute); ``import a.b.c`` likewise falls back by exactly one part. Anything else is not a module
of the tree. Relative imports beyond the top-level package name nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from analysis.domain.source import ImportStatement


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
        self._anywhere: dict[str, str | None] = {}  # None: several modules have the name
        for modules in modules_by_root.values():
            for name, path in modules.items():
                self._anywhere[name] = None if name in self._anywhere else path
        self._found: dict[tuple[str, str], str | None] = {}

    def find(self, name: str, source_root: str) -> str | None:
        """The path of the module that ``name`` means to a file under ``source_root``."""
        key = (source_root, name)
        if key not in self._found:
            self._found[key] = self._find(name, source_root)
        return self._found[key]

    def _find(self, name: str, source_root: str) -> str | None:
        top, parent = name.partition(".")[0], name.rpartition(".")[0]
        own = self._by_root.get(f"{source_root}/{top}" if source_root else top, {})
        path = own.get(name) or own.get(parent)
        if path is not None or top in own:
            return path
        return self._anywhere.get(name if name in self._anywhere else parent)
