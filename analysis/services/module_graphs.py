"""The module graph of a tree: resolved anew, or known to be the one that is shown already."""

from collections.abc import Mapping

from analysis.domain.architecture import (
    ModuleGraph,
    is_same_graph,
    module_edges,
    module_graph,
)
from analysis.domain.source import ANALYSER_VERSION
from analysis.models import Repository, Snapshot, SnapshotFile
from analysis.services.facts import StoredFacts, imports_of
from analysis.services.trees import MEASURED_LANGUAGE, Tree

# Above this many changed files, comparing takes as long as resolving.
MANY = 400


def graph_ensure(
    *, repository: Repository, tree: Tree, stored: Mapping[str, StoredFacts]
) -> ModuleGraph | Snapshot:
    """Return the tree's module graph, or the shown snapshot when it has the very same one.

    Most commits change no import between modules; the statements of the changed files alone then
    tell so, without a look at all others.
    """
    shown = _usable(repository.current_snapshot, tree)
    if shown is not None and _has_same_imports(shown, tree, stored):
        return shown
    imports = imports_of(stored)
    edges = module_edges(
        (source.path for source in tree.measured),
        {source.path: imports[source.oid] for source in tree.measured if source.oid in imports},
    )
    return shown if shown and shown.graph_digest == edges.digest else module_graph(edges)


def _usable(shown: Snapshot | None, tree: Tree) -> Snapshot | None:
    is_usable = (
        shown is not None
        and shown.has_rows
        and shown.commit_sha != tree.sha  # its rows may be about to be replaced
        and shown.analyser == ANALYSER_VERSION
    )
    return shown if is_usable else None


def _has_same_imports(shown: Snapshot, tree: Tree, stored: Mapping[str, StoredFacts]) -> bool:
    rows = SnapshotFile.objects.filter(snapshot=shown, language=MEASURED_LANGUAGE)
    before = {path: (oid, error) for path, oid, error in rows.values_list("path", "oid", "error")}
    after = {
        source.path: (source.oid, stored[source.oid].figures.error)
        for source in tree.measured
        if source.oid in stored
    }
    # The same blob with another error was measured again: its imports may be new.
    changed = [path for path, now in after.items() if before.get(path) != now]
    if before.keys() != after.keys() or len(changed) > MANY:
        return False
    old = {path: before[path][0] for path in changed}
    new = {path: after[path][0] for path in changed}
    imports = imports_of({*old.values(), *new.values()})
    if not imports.keys() >= {*old.values(), *new.values()} or any(
        old[path] == new[path] for path in changed
    ):
        return False
    return is_same_graph(
        before,
        {path: imports[oid] for path, oid in old.items()},
        {path: imports[oid] for path, oid in new.items()},
    )
