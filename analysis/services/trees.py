"""The tree of one commit: which of its files are source, and what is to be said of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from analysis.adapters.git import Mirror, TreeEntry
from analysis.domain.languages import is_generated, is_vendored, language_of
from analysis.domain.picture import SourceFile

# Longer paths cannot be indexed by every database; they are named in a warning.
LONGEST_PATH = 1000
# DEBT(other-languages, owner=analysis, sev=medium, cost=3-5-10d, impact="Until 30 April 2027,
#   leaders see hotspots for 1 language only, and plan releases in all others without them.
#   Source: docs/analysis.md.", plan="Measure more languages behind the same facts, each figure
#   labelled with its source.", exit="a JavaScript file has a complexity") [2027-04-30]: Only
#   Python is measured; files in other languages are listed and their changes followed.
MEASURED_LANGUAGE = "python"


@dataclass(frozen=True, slots=True)
class Tree:
    """The source files of one commit, and what is to be said about the rest."""

    sha: str
    committed_at: datetime
    sources: tuple[SourceFile, ...]
    warnings: tuple[str, ...]

    @property
    def measured(self) -> list[SourceFile]:
        """The files in a language that is measured."""
        return [source for source in self.sources if source.language == MEASURED_LANGUAGE]


def tree_read(*, mirror: Mirror, sha: str, warnings: Sequence[str]) -> Tree:
    """Return the source files of a commit; `warnings` come before those about the tree."""
    entries = mirror.list_tree(sha)
    sources, too_long = [], 0
    for entry in entries:
        language = language_of(entry.path) if entry.kind == "file" else None
        if language is None:
            continue
        if len(entry.path) > LONGEST_PATH:
            too_long += 1
            continue
        sources.append(_source(entry, language))
    return Tree(
        sha=sha,
        committed_at=mirror.commit_info(sha).committed_at,
        sources=tuple(sources),
        warnings=(*warnings, *_tree_warnings(entries, len(sources), too_long)),
    )


def _source(entry: TreeEntry, language: str) -> SourceFile:
    return SourceFile(
        path=entry.path,
        oid=entry.oid,
        size=entry.size,
        language=language,
        is_vendored=is_vendored(entry.path),
        is_generated=is_generated(entry.path),
    )


def _tree_warnings(entries: Sequence[TreeEntry], sources: int, too_long: int) -> list[str]:
    warnings = []
    submodules = [entry.path for entry in entries if entry.kind == "submodule"]
    if submodules:
        shown = ", ".join(submodules[:5]) + (" and others" if len(submodules) > 5 else "")
        warnings.append(
            f"Submodules are not looked into: {shown}. Register their repositories by themselves."
        )
    if too_long:
        warnings.append(
            f"{too_long} files were left out because their paths are longer than "
            f"{LONGEST_PATH} characters."
        )
    if not sources:
        warnings.append("There are no source files in a language that is known here.")
    return warnings
