"""What the comments of a snapshot's tree say about debt."""

from collections.abc import Callable
from dataclasses import replace

from analysis import services as analysis_services
from ledger.domain.annotations import (
    NEEDLE,
    Annotation,
    Mark,
    Unregistered,
    marks_in,
    without_twins,
)
from ledger.domain.candidates import NEEDLE as CANDIDATES
from ledger.domain.history import Json
from ledger.models import Registration, RejectedAnnotation
from ledger.selectors.default_owners import (
    DefaultOwner,
    DefaultOwners,
    default_owners,
    snapshot_owners,
)


def tree_marks(snapshot_id: int) -> tuple[Mark, ...]:
    """All marks in the complete tree of a snapshot, except in vendored and generated files.

    Raises what the search of the tree raises: a part of a tree is never returned as the whole.
    """
    found = analysis_services.tree_search(
        snapshot_id=snapshot_id, needle=NEEDLE, alongside=[CANDIDATES]
    )
    marks = [
        mark
        for file in found
        if not (file.is_vendored or file.is_generated)
        for mark in marks_in(file.path, file.language, file.content)
    ]
    return tuple(without_twins(_owned(marks, lambda: snapshot_owners(snapshot_id))))


def marks_owned(marks: list[Mark], repository_id: int | None) -> list[Mark]:
    """The marks of a change, with the owners whom the repository's CODEOWNERS names by default."""
    return _owned(marks, lambda: default_owners(repository_id))


def _owned(marks: list[Mark], read: Callable[[], DefaultOwners]) -> list[Mark]:
    """Annotations that lack only an owner, with the default one; the file is read if need be."""
    if not any(isinstance(mark, Unregistered) and mark.ownerless for mark in marks):
        return marks
    owners = read()
    return [
        _with_owner(mark, mark.ownerless, owners.of(mark.path))
        if isinstance(mark, Unregistered) and mark.ownerless
        else mark
        for mark in marks
    ]


def _with_owner(mark: Unregistered, annotation: Annotation, owner: DefaultOwner) -> Mark:
    if owner.handle:
        return replace(annotation, owner=owner.handle)
    return replace(mark, reason=f"{mark.reason} {owner.note}")


def registered_head(repository_id: int) -> str:
    """The commit whose tree was applied last; empty for a repository without one."""
    heads = Registration.objects.filter(repository_id=repository_id).values_list("head", flat=True)
    return heads.first() or ""


def snapshot_debts(*, snapshot_id: int) -> list[Json]:
    """The well-formed annotations of a snapshot, as `analyse --json` prints them."""
    return [
        {
            "id": mark.slug,
            "path": mark.path,
            "line": mark.line,
            "expires_on": mark.expires_on.isoformat(),
            "owner": mark.owner,
            "text": mark.text,
        }
        for mark in tree_marks(snapshot_id)
        if isinstance(mark, Annotation)
    ]


def rejected_annotations(
    repository_id: int | None = None, limit: int = 200
) -> list[RejectedAnnotation]:
    """The marks in code that are no registered debt, with the reasons."""
    rows = RejectedAnnotation.objects.select_related("repository")
    if repository_id is not None:
        rows = rows.filter(repository_id=repository_id)
    return list(rows[:limit])
