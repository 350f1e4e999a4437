"""The module graph at the level of packages, for repositories too large to show by module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analysis.domain.modules import Dependency, Module


@dataclass(frozen=True, slots=True)
class PackageNode:
    """A package at the chosen depth, or a module above it."""

    path: str  # of its directory, or of the module without its suffix; unique
    name: str
    modules: int
    internal: int  # dependencies between different modules inside


@dataclass(frozen=True, slots=True)
class PackageEdge:
    source: str  # path
    target: str  # path
    weight: int  # dependencies between modules


@dataclass(frozen=True, slots=True)
class PackageGraph:
    packages: tuple[PackageNode, ...]  # by path
    edges: tuple[PackageEdge, ...]  # by source and target


def aggregate(
    modules: Sequence[Module], dependencies: Iterable[Dependency], depth: int
) -> PackageGraph:
    """Modules grouped by the first ``depth`` parts of their name; depth 1: top-level packages.

    Packages of the same name in different places stay apart. Raises ValueError if depth < 1.
    """
    if depth < 1:
        raise ValueError("The depth of a package graph must be at least 1.")
    group_of: dict[str, str] = {}
    names: dict[str, str] = {}
    for module in modules:
        parts = module.name.split(".")[:depth]
        group = "/".join([module.package_root, *parts[1:]])
        group_of[module.path] = group
        names[group] = ".".join(parts)
    sizes = Counter(group_of.values())
    weights = Counter(
        (group_of[dependency.importer], group_of[dependency.imported])
        for dependency in dependencies
        if dependency.importer != dependency.imported
    )
    packages = [
        PackageNode(group, names[group], sizes[group], weights[group, group])
        for group in sorted(names)
    ]
    edges = [PackageEdge(a, b, weight) for (a, b), weight in sorted(weights.items()) if a != b]
    return PackageGraph(tuple(packages), tuple(edges))
