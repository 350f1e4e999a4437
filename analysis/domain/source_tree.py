"""Where the Python packages of a tree of files are, and how their modules are called.

The rules are those of grimp 3.19, so that a module graph equals the one grimp builds:

* Modules are the files ``*.py`` with exactly one dot in a name that does not start with a dot;
  the rest of the name need not be an identifier (``pkg/a-b.py`` is the module ``pkg.a-b``).
* A sub-directory belongs to its package if its name is an identifier and it has an
  ``__init__.py``. Below a directory that fails this nothing belongs to the package.
* In a namespace package (PEP 420) directories without ``__init__.py`` belong to it as well, down
  to the first regular package; from there on the rule above holds.
* Where ``x.py`` and ``x/__init__.py`` both exist, the module ``x`` is ``x.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

INIT = "__init__.py"

# Deeper files are no modules: the work for a path is quadratic in its depth, and no package that
# people write comes near.
DEEPEST = 64


@dataclass(frozen=True, slots=True)
class SourceTree:
    """The Python files of a tree, by directory; paths are relative, with "/" between the parts."""

    files: dict[str, list[str]] = field(default_factory=dict)
    packages: frozenset[str] = frozenset()  # the directories with an __init__.py

    @classmethod
    def of(cls, paths: Iterable[str]) -> SourceTree:
        files: defaultdict[str, list[str]] = defaultdict(list)
        for path in paths:
            directory, _, name = path.rpartition("/")
            if _is_module_file(name) and path.count("/") <= DEEPEST:
                files[directory].append(name)
        # The top directory is no package: its name is the name of whatever holds the checkout.
        packages = frozenset(name for name, inside in files.items() if name and INIT in inside)
        return cls(dict(files), packages)

    def has_file(self, path: str) -> bool:
        directory, _, name = path.rpartition("/")
        return name in self.files.get(directory, ())

    def top_level_packages(self) -> set[str]:
        """Importable directories with an ``__init__.py`` whose parent directory has none."""
        return {
            directory
            for directory in self.packages
            if parent_of(directory) not in self.packages and name_of(directory).isidentifier()
        }

    def modules_by_root(self, roots: Collection[str]) -> dict[str, dict[str, str]]:
        """For each top-level package (its directory): the dotted name and path of each module."""
        owners = _Owners(frozenset(roots), self.packages)
        by_root: dict[str, dict[str, str]] = {root: {} for root in roots}
        for directory in sorted(self.files):
            root = owners.of(directory)[0]
            if root is not None:
                prefix = dotted(directory, root)
                _add_modules(by_root[root], prefix, directory, self.files[directory])
        for root, modules in by_root.items():
            if root in self.packages and self.has_file(f"{root}.py"):
                modules[name_of(root)] = f"{root}.py"
        return by_root


def parent_of(path: str) -> str:
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    return path.rpartition("/")[2]


def dotted(directory: str, root: str) -> str:
    """The importable name of a directory in the top-level package ``root``."""
    start = len(root) - len(name_of(root))
    return directory[start:].replace("/", ".")


def _is_module_file(name: str) -> bool:
    return name.endswith(".py") and not name.startswith(".") and name.count(".") == 1


def _add_modules(modules: dict[str, str], prefix: str, directory: str, files: list[str]) -> None:
    if INIT in files:
        modules.setdefault(prefix, f"{directory}/{INIT}")  # x.py was seen with the parent directory
    for name in files:
        if name != INIT:
            modules[f"{prefix}.{name[:-3]}"] = f"{directory}/{name}"


class _Owners:
    """Which top-level package a directory belongs to, remembered for each directory."""

    def __init__(self, roots: frozenset[str], packages: frozenset[str]) -> None:
        self._packages = packages
        self._known: dict[str, tuple[str | None, bool]] = {
            root: (root, root in packages) for root in roots
        }

    def of(self, directory: str) -> tuple[str | None, bool]:
        """The root, and whether a regular package has begun on the way down to here."""
        unknown = []
        while directory and directory not in self._known:
            unknown.append(directory)
            directory = parent_of(directory)
        owner = self._known.get(directory, (None, False))
        for below in reversed(unknown):
            owner = self._known[below] = self._step(owner, below)
        return owner

    def _step(self, parent: tuple[str | None, bool], directory: str) -> tuple[str | None, bool]:
        root, regular = parent
        is_package = directory in self._packages
        if root is None or not name_of(directory).isidentifier() or (regular and not is_package):
            return None, False
        return root, regular or is_package
