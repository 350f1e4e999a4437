"""Registering what the default branch's tree says about debt.

Idempotent: the same tree changes nothing, and trees that arrive late or twice are left alone, so
a lost or doubled wake-up does no harm.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db import transaction

from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from analysis.selectors import SnapshotHead
from common import clock
from common.errors import DisplaceError, Refused
from ledger.domain.annotations import Mark, Unregistered
from ledger.domain.reconciliation import Place, Rollback, Step, Tree, reconcile, rejected
from ledger.domain.terms import OPEN_STATES, Problem
from ledger.models import DebtItem, Registration, RejectedAnnotation
from ledger.selectors.annotations import tree_marks
from ledger.selectors.item_state import fields_of
from ledger.services.actors import SYSTEM, signature_of
from ledger.services.commit_reading import CommitNews, commit_news, rollbacks
from ledger.services.commit_trailers import payments_first, trailers_apply
from ledger.services.recorder import Change, changes_record, item_new, places_note

log = logging.getLogger(__name__)

# A tree with more marks than this is noise; the rest is left out of the list for authors.
MOST_REJECTED = 5_000
MOST_TEXT = 300
# How often another worker may come first before this one leaves it to the sweep.
ATTEMPTS = 3
# Files whose authors are asked for at a time: blame reads a file's whole past. Later trees go on.
MOST_BLAMED = 50

# By path and text of a mark, its author's name.
Authors = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class RegistrationOutcome:
    """What a tree changed: the number of events, and of marks that are no registered debt."""

    applied: bool
    events: int = 0
    annotations: int = 0
    rejected: int = 0
    reason: str = ""


def annotations_register(*, snapshot_id: int) -> RegistrationOutcome:
    """Bring the register in line with a snapshot of the default branch and its new commits.

    Raises Refused or NotFound when the whole tree or the commits cannot be read; then nothing is
    changed.
    """
    head = analysis_selectors.snapshot_head(snapshot_id)
    if not head.is_default_tip:
        return RegistrationOutcome(False, reason="the snapshot is not of the default branch's tip")
    marks = tree_marks(snapshot_id)
    for _ in range(ATTEMPTS):
        reading = _read(head, marks)
        with transaction.atomic():
            last = _registration_lock(head)
            if (last.head, last.branch) == reading.since:
                return _finish(head, last, reading, marks)
    raise Refused("Another worker registers this repository; this commit is tried again later.")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What Git said, asked before anything is locked; `since` is the registration it went by."""

    since: tuple[str, str]
    branch: str = ""
    reason: str = ""
    news: CommitNews | None = None
    rolled_back: Mapping[str, Rollback] = field(default_factory=dict)
    authors: Authors = field(default_factory=dict)


def _read(head: SnapshotHead, marks: tuple[Mark, ...]) -> _Reading:
    last = Registration.objects.filter(repository_id=head.repository_id).first()
    since = (last.head, last.branch) if last else ("", head.branch)
    is_tip = _is_tip(head)
    if last is not None and last.head == head.commit_sha:
        branch = head.branch if is_tip else last.branch
        return _Reading(since, branch, "this commit is registered already")
    is_rewritten = False
    if last is not None and last.head:
        is_rewritten = not analysis_services.is_ancestor(
            repository_id=head.repository_id,
            ancestor_sha=last.head,
            descendant_sha=head.commit_sha,
        )
        if is_rewritten and (reason := _why_not(last, head, is_tip)):
            return _Reading(since, last.branch, reason)
    news = commit_news(head, since=since[0], is_rewritten=is_rewritten)
    return _Reading(
        since,
        head.branch if is_tip or last is None else last.branch,
        news=news,
        rolled_back=rollbacks(head, news, _gone(head, marks)),
        authors=_authors(head, _refused(marks)),
    )


def _finish(
    head: SnapshotHead, last: Registration, reading: _Reading, marks: tuple[Mark, ...]
) -> RegistrationOutcome:
    if reading.news is None:
        Registration.objects.filter(pk=last.pk).update(branch=reading.branch)
        return RegistrationOutcome(False, reason=reading.reason)
    repository_id = head.repository_id
    acts = payments_first(repository_id=repository_id, acts=reading.news.acts)
    outcome = _apply(head, reading.branch, marks, reading.authors, reading.rolled_back)
    trailers_apply(repository_id=repository_id, acts=acts, bad=reading.news.bad)
    return outcome


def _gone(head: SnapshotHead, marks: tuple[Mark, ...]) -> set[str]:
    """The ids of the open debts whose annotation this tree lacks."""
    known = DebtItem.objects.filter(
        repository_id=head.repository_id, present=True, state__in=OPEN_STATES
    ).values_list("slug", flat=True)
    return set(known) - {mark.slug for mark in marks}


def _refused(marks: tuple[Mark, ...]) -> list[Unregistered]:
    """The marks to correct; a bare one is no mistake but a candidate."""
    return [mark for mark in rejected(marks) if mark.kind is not Problem.CANDIDATE][:MOST_REJECTED]


def registrations_sweep() -> int:
    """Register every current snapshot that a lost wake-up left out; returns how many applied."""
    applied_heads = set(Registration.objects.values_list("repository_id", "branch", "head"))
    applied = 0
    for head in analysis_selectors.default_heads():
        if (head.repository_id, head.branch, head.commit_sha) in applied_heads:
            continue
        try:
            applied += annotations_register(snapshot_id=head.snapshot_id).applied
        except DisplaceError as error:
            log.warning("snapshot %s not registered: %s", head.snapshot_id, error.message)
        except Exception:  # a fault of ours in one repository is none of the others'
            log.exception("snapshot %s not registered", head.snapshot_id)
    return applied


def _registration_lock(head: SnapshotHead) -> Registration:
    """The repository's row, made if need be, so that two workers apply one after the other."""
    Registration.objects.get_or_create(
        repository_id=head.repository_id,
        defaults={
            "branch": head.branch, "head": "", "annotations": 0, "applied_at": clock.now(),
        },
    )  # fmt: skip
    return Registration.objects.select_for_update().get(repository_id=head.repository_id)


def _is_tip(head: SnapshotHead) -> bool:
    """Whether the default branch is there now; of an older snapshot the branch is not known."""
    return any(
        known.snapshot_id == head.snapshot_id for known in analysis_selectors.default_heads()
    )


def _why_not(last: Registration, head: SnapshotHead, is_tip: bool) -> str:
    """Why a tree that does not descend from the last one must not be applied; empty when it may.

    It is older, or the branch was rewritten: then only the branch's present tip counts. Another
    branch that became the default says nothing about debt that it never had.
    """
    if not is_tip:
        return "a newer commit is registered already"
    if last.branch != head.branch:
        log.warning(
            "snapshot %s not registered: %s became the default branch without the history of %s; "
            "merge %s at %s into it",
            *(head.snapshot_id, head.branch, last.branch, last.branch, last.head[:12]),
        )
        return "the new default branch lacks the commit registered last"
    return ""


def _apply(
    head: SnapshotHead,
    branch: str,
    marks: tuple[Mark, ...],
    authors: Authors,
    rolled_back: Mapping[str, Rollback],
) -> RegistrationOutcome:
    now = clock.now()
    items = {
        item.slug: item
        for item in DebtItem.objects.select_for_update()
        .filter(repository_id=head.repository_id)
        .exclude(slug="")
    }
    known = {slug: fields_of(item) for slug, item in items.items()}
    tree = Tree(head.repository_id, head.commit_sha, marks, now, clock.today(), rolled_back)
    events = _carry_out(list(reconcile(known, tree)), items, now)
    problems = _refused(marks)
    _rejected_replace(head, problems, authors, now)
    annotations = len(marks) - len(rejected(marks))
    Registration.objects.filter(repository_id=head.repository_id).update(
        branch=branch,
        head=head.commit_sha,
        snapshot_id=head.snapshot_id,
        annotations=annotations,
        applied_at=now,
    )
    return RegistrationOutcome(True, events, annotations, len(problems))


def _carry_out(steps: Sequence[Step], items: Mapping[str, DebtItem], now: Any) -> int:
    changes: list[Change] = []
    moved: list[DebtItem] = []
    for step in steps:
        item = items.get(step.slug) or item_new()
        has_moved = step.place is not None and _move(item, step.place)
        if step.type is not None:
            changes.append(Change(item, step.type, step.payload))
        elif has_moved:
            moved.append(item)
    changes_record(changes, signature=signature_of(SYSTEM), at=now)
    places_note(moved)
    return len(changes)


def _move(item: DebtItem, place: Place) -> bool:
    """Set where the annotation stands; whether anything but the path (an event) changed."""
    before = (item.line, item.end_line, item.text_hash)
    item.line, item.end_line, item.text_hash = place.line, place.end_line, place.text_hash
    return before != (place.line, place.end_line, place.text_hash)


def _authors(head: SnapshotHead, problems: Sequence[Unregistered]) -> Authors:
    """Whom to tell: who last changed each refused line, asked of Git once for each mark."""
    known = RejectedAnnotation.objects.filter(repository_id=head.repository_id).exclude(author="")
    authors: Authors = {
        (path, text): author for path, text, author in known.values_list("path", "text", "author")
    }
    lines: dict[str, list[Unregistered]] = {}
    for problem in problems:
        if (problem.path, problem.text[:MOST_TEXT]) not in authors:
            lines.setdefault(problem.path, []).append(problem)
    for path, new in islice(lines.items(), MOST_BLAMED):
        names = analysis_services.line_authors(
            snapshot_id=head.snapshot_id, path=path, lines=[problem.line for problem in new]
        )
        authors |= {
            (path, problem.text[:MOST_TEXT]): names.get(problem.line, "") for problem in new
        }
    return authors


def _rejected_replace(
    head: SnapshotHead, problems: Sequence[Unregistered], authors: Authors, now: Any
) -> None:
    RejectedAnnotation.objects.filter(repository_id=head.repository_id).delete()
    RejectedAnnotation.objects.bulk_create(
        [
            RejectedAnnotation(
                repository_id=head.repository_id,
                kind=problem.kind.value,
                path=problem.path,
                line=problem.line,
                author=authors.get((problem.path, problem.text[:MOST_TEXT]), "")[:200],
                text=problem.text[:MOST_TEXT],
                reason=problem.reason[:500],
                found_at=now,
            )
            for problem in problems
        ],
        batch_size=500,
    )
