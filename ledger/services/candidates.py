"""Candidates: reading them from trees, and what people decide about them."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.db import transaction

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from analysis.selectors import SnapshotHead
from analysis.services import TreeFile
from common import bulk, clock
from common.errors import DisplaceError, NotFound, Refused
from ledger.domain.candidate_terms import CandidateState
from ledger.domain.candidates import NEEDLE, Known, Seen, candidates_in, known_again
from ledger.domain.texts import line
from ledger.models import Candidate, CandidateFile, DebtItem, Registration
from ledger.selectors.annotations import registered_head
from ledger.selectors.candidates import (
    CandidateFilter,
    candidates_filtered,
    candidates_sorted,
    unscanned_heads,
)
from ledger.selectors.default_owners import DefaultOwner, default_owner
from ledger.services.actors import Actor, require_role, signature_of
from ledger.services.describing import debt_record

log = logging.getLogger(__name__)

# Of a tree with more candidates than this the rest is left out: nobody would look at them.
MOST_SEEN = 50_000
MOST_AT_ONCE = 1_000
MOST_BLAMED = 20

_WRITTEN = (
    "repository_id", "kind", "path", "line", "text", "text_hash", "context_hash", "ordinal",
    "is_present", "first_seen_at", "last_seen_at", "author", "written_at", "state", "decided_at",
    "decided_by_id", "reason", "item_id",
)  # fmt: skip
_OBSERVED = (
    "kind", "path", "line", "text", "text_hash", "context_hash", "ordinal", "is_present",
    "last_seen_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CandidatesOutcome:
    """What a scan found: files that were read, and candidates by what became of them."""

    is_applied: bool
    read: int = 0
    new: int = 0
    known: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class _Scan:
    """What differs between the tree scanned last and this one."""

    changed: Sequence[TreeFile]
    gone: Sequence[str]
    seen: Sequence[Seen]
    renames: Mapping[str, str]


def candidates_register(*, snapshot_id: int) -> CandidatesOutcome:
    """Bring the candidates of a repository in line with its registered tree.

    Only files whose content changed are read. A snapshot whose annotations are not (or no longer)
    the registered ones is left alone. Raises Refused when the tree cannot be read.
    """
    head = analysis_selectors.snapshot_head(snapshot_id)
    last = Registration.objects.filter(repository_id=head.repository_id).first()
    if last is None or last.head != head.commit_sha or last.candidates_head == head.commit_sha:
        return CandidatesOutcome(False)
    scan = _scan(head, last.candidates_head)
    with transaction.atomic():
        locked = Registration.objects.select_for_update().get(pk=last.pk)
        if (locked.head, locked.candidates_head) != (last.head, last.candidates_head):
            return CandidatesOutcome(False)
        outcome = _apply(head.repository_id, scan, clock.now())
        Registration.objects.filter(pk=last.pk).update(candidates_head=head.commit_sha)
    return outcome


def candidates_sweep() -> int:
    """Search every registered tree that a lost wake-up left out; returns how many it searched."""
    current = {head.repository_id: head for head in analysis_selectors.default_heads()}
    done = 0
    for repository_id, commit in unscanned_heads():
        head = current.get(repository_id)
        if head is None or head.commit_sha != commit:
            continue
        try:
            done += candidates_register(snapshot_id=head.snapshot_id).is_applied
        except DisplaceError as error:
            log.warning("snapshot %s not searched: %s", head.snapshot_id, error.message)
    return done


def _scan(head: SnapshotHead, since: str) -> _Scan:
    files = [
        file
        for file in analysis_services.tree_files(snapshot_id=head.snapshot_id, needle=NEEDLE)
        if not (file.is_vendored or file.is_generated)
    ]
    before = dict(
        CandidateFile.objects.filter(repository_id=head.repository_id).values_list("path", "digest")
    )
    changed = [file for file in files if before.get(file.path) != file.oid]
    gone = sorted(before.keys() - {file.path for file in files})
    renames = (
        analysis_services.renames_between(
            repository_id=head.repository_id, since=since, until=head.commit_sha
        )
        if since and gone
        else {}
    )
    contents = analysis_services.file_contents(
        snapshot_id=head.snapshot_id, oids=[file.oid for file in changed]
    )
    found = (
        seen
        for file, (_, content) in zip(changed, contents, strict=True)
        for seen in candidates_in(file.path, file.language, content)
    )
    return _Scan(changed, gone, list(islice(found, MOST_SEEN)), renames)


def _apply(repository_id: int, scan: _Scan, now: datetime) -> CandidatesOutcome:
    if not scan.changed and not scan.gone:
        return CandidatesOutcome(True)
    touched = {file.path for file in scan.changed} | set(scan.gone)
    rows = {
        row.pk: row
        for row in Candidate.objects.filter(repository_id=repository_id)
        if not row.is_present or row.path in touched
    }
    matching = known_again(map(_known, rows.values()), scan.seen, scan.renames)
    for index, key in matching.pairs.items():
        _observe(rows[key], scan.seen[index], now)
    for key in matching.gone:
        rows[key].is_present = False
        rows[key].last_seen_at = now
    met = [rows[key] for key in (*matching.pairs.values(), *matching.gone)]
    bulk.update_rows(met, _OBSERVED)
    bulk.insert_rows(
        Candidate, _WRITTEN, (_new(repository_id, scan.seen[index], now) for index in matching.new)
    )
    _files_replace(repository_id, scan)
    return CandidatesOutcome(
        True, len(scan.changed), len(matching.new), len(matching.pairs), len(matching.gone)
    )


def _known(row: Candidate) -> Known:
    return Known(
        row.pk, row.path, row.text, row.text_hash, row.context_hash, row.ordinal, row.is_present,
        row.state,
    )  # fmt: skip


def _observe(row: Candidate, seen: Seen, now: datetime) -> None:
    row.kind, row.path, row.line, row.text = seen.kind.value, seen.path, seen.line, seen.text
    row.text_hash, row.context_hash = seen.text_hash, seen.context_hash
    row.ordinal, row.is_present, row.last_seen_at = seen.ordinal, True, now


def _new(repository_id: int, seen: Seen, now: datetime) -> tuple[Any, ...]:
    return (
        repository_id, seen.kind.value, seen.path, seen.line, seen.text, seen.text_hash,
        seen.context_hash, seen.ordinal, True, now, now, "", None, CandidateState.OPEN.value, None,
        None, "", None,
    )  # fmt: skip


def _files_replace(repository_id: int, scan: _Scan) -> None:
    stale = [*scan.gone, *(file.path for file in scan.changed)]
    for start in range(0, len(stale), MOST_AT_ONCE):
        CandidateFile.objects.filter(
            repository_id=repository_id, path__in=stale[start : start + MOST_AT_ONCE]
        ).delete()
    bulk.insert_rows(
        CandidateFile,
        ("repository_id", "path", "digest"),
        ((repository_id, file.path, file.oid) for file in scan.changed),
    )


def candidates_dismiss(*, actor: Actor, candidate_ids: Iterable[int], reason: str) -> int:
    """Say for good that these are no debt; returns how many there were. Needs a contributor.

    Those that are decided already stay as they are.
    """
    require_role(actor, Role.CONTRIBUTOR)
    text = line(reason, "reason", 500)
    if not text:
        raise Refused("Say why these are no debt.", "reason")
    ids = sorted(set(candidate_ids))
    if not ids:
        raise Refused("Choose at least one candidate.", "candidates")
    if len(ids) > MOST_AT_ONCE:
        raise Refused(f"Dismiss at most {MOST_AT_ONCE:,} candidates at once.", "candidates")
    return Candidate.objects.filter(pk__in=ids, state=CandidateState.OPEN).update(
        state=CandidateState.DISMISSED.value,
        decided_at=clock.now(),
        decided_by_id=signature_of(actor).id,
        reason=text,
    )


def candidate_restore(*, actor: Actor, candidate_id: int) -> Candidate:
    """Take a dismissal back. Needs a contributor."""
    require_role(actor, Role.CONTRIBUTOR)
    with transaction.atomic():
        candidate = _locked(candidate_id)
        if candidate.state != CandidateState.DISMISSED:
            raise Refused("Only a dismissed candidate can be taken up again.", "state")
        candidate.state = CandidateState.OPEN.value
        candidate.decided_at = candidate.decided_by = None
        candidate.reason = ""
        candidate.save(update_fields=["state", "decided_at", "decided_by", "reason"])
    return candidate


def candidate_promote(
    *,
    actor: Actor,
    candidate_id: int,
    title: str,
    owner: str,
    due_on: date,
    slug: str,
    severity: str = "medium",
) -> DebtItem:
    """Record a candidate as proposed debt, at its place. Needs a contributor.

    The id is what the annotation in the code should bear from now on. Raises Refused when it was
    decided already, is gone, or the debt cannot be recorded.
    """
    require_role(actor, Role.CONTRIBUTOR)
    if not slug:
        raise Refused("Give the debt an id for its annotation.", "slug")
    with transaction.atomic():
        candidate = _locked(candidate_id)
        if candidate.state != CandidateState.OPEN:
            raise Refused(f"Somebody else has {candidate.state} this candidate already.", "state")
        if not candidate.is_present:
            raise Refused("This comment is no longer in the code; record the debt by hand.")
        item = debt_record(
            actor=actor,
            title=title,
            owner=owner,
            due_on=due_on,
            text=candidate.text,
            repository_id=candidate.repository_id,
            slug=slug,
            severity=severity,
            path=candidate.path,
            line=candidate.line,
        )
        candidate.state = CandidateState.PROMOTED.value
        candidate.decided_at = clock.now()
        candidate.decided_by_id = signature_of(actor).id
        candidate.item = item
        candidate.save(update_fields=["state", "decided_at", "decided_by", "item"])
    return item


def candidate_owner(candidate: Candidate) -> DefaultOwner:
    """Whom CODEOWNERS names for the file, else the person here who wrote the line. Asks Git."""
    named = default_owner(candidate.repository_id, candidate.path)
    if named.handle or not candidate.is_present:
        return named
    head = registered_head(candidate.repository_id)
    origins = analysis_services.line_origins(
        repository_id=candidate.repository_id,
        sha=head,
        path=candidate.path,
        lines=[candidate.line],
    )
    origin = origins.get(candidate.line)
    writer = accounts_selectors.active_user_by_email(origin.email) if origin else None
    return DefaultOwner(writer.username, named.note) if writer else named


def candidates_blame(*, candidate_ids: Iterable[int]) -> None:
    """Look up who wrote these, and when, where nobody has asked yet: one look at Git a file.

    What Git cannot tell counts as written when it was first seen, and is not asked for again.
    """
    rows = Candidate.objects.filter(pk__in=list(candidate_ids), is_present=True, written_at=None)
    heads = dict(Registration.objects.values_list("repository_id", "candidates_head"))
    files: dict[tuple[int, str], list[Candidate]] = {}
    for row in rows:
        files.setdefault((row.repository_id, row.path), []).append(row)
    for (repository_id, path), found in files.items():
        origins = analysis_services.line_origins(
            repository_id=repository_id,
            sha=heads[repository_id],
            path=path,
            lines=[row.line for row in found],
        )
        for row in found:
            origin = origins.get(row.line)
            Candidate.objects.filter(pk=row.pk, line=row.line).update(
                author=origin.author[:200].replace("\0", "") if origin else "",
                written_at=origin.at if origin else row.first_seen_at,
            )


def candidates_blame_next() -> None:
    """Look some more authors up, those of the files that deserve attention first."""
    unknown = CandidateFilter(state=CandidateState.OPEN)
    rows = candidates_sorted(candidates_filtered(unknown).filter(written_at=None), "hotspot")
    candidates_blame(candidate_ids=[row.pk for row in rows[:MOST_BLAMED]])


def _locked(candidate_id: int) -> Candidate:
    candidate = Candidate.objects.select_for_update().filter(pk=candidate_id).first()
    if candidate is None:
        raise NotFound(f"There is no candidate {candidate_id}.")
    return candidate
