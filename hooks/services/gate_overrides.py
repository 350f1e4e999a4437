"""Letting a blocked change through: never anonymously, and never without a record."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from accounts import selectors as accounts_selectors
from accounts.domain.roles import Role
from accounts.selectors import User
from common import clock
from common.errors import Denied, Refused
from hooks.domain.gate import GateResult, Level, Override
from hooks.domain.gate_override import FEWEST_CHARACTERS, MOST_CHARACTERS, Request
from hooks.models import GateOverride

# Who may break the glass.
OVERRIDES = Role.APPROVER


@dataclass(frozen=True, slots=True)
class Plea:
    """A person's wish to let the change through, should it be blocked."""

    actor: User
    reason: str
    source: str  # command | api


def plea_check(plea: Plea) -> None:
    """Refuse a plea that could not be granted, before anything is looked at."""
    if not plea.actor.may(OVERRIDES):
        raise Denied(f"Letting a blocked change through needs the role {OVERRIDES.value}.")
    _check_reason(plea.reason)


def override_record(
    *, result: GateResult, plea: Plea | None, requests: Sequence[Request], repository_id: int | None
) -> tuple[Override | None, list[str]]:
    """Record who lets this change through; nobody when nothing blocks.

    Returns the override, if any, and sentences about pleas that were not granted.
    """
    if not result.is_blocking:
        unused = ["Nothing blocks, so the break-glass was not used."] if plea else []
        return None, unused
    if plea is not None:
        row = _row(result, repository_id, plea.actor, plea.source, plea.reason)
        row.save()
        return _override(row), []
    if requests and not settings.BELIEVE_OVERRIDE_TRAILERS:
        note = (
            f"Commit {requests[0].commit[:12]} asks to be let through. Its author's name proves "
            "nothing, so nothing was let through: give --break-glass, or the same over the API."
        )
        return None, [note]
    notes = []
    for request in requests:
        author = accounts_selectors.active_user_by_email(request.author_email)
        if author is None or not author.may(OVERRIDES):
            notes.append(
                f"Commit {request.commit[:12]} asks to be let through, but its author is no "
                f"{OVERRIDES.value} here; nothing was let through."
            )
            continue
        if len(request.reason.strip()) < FEWEST_CHARACTERS:
            notes.append(f"Commit {request.commit[:12]} asks to be let through without a reason.")
            continue
        return _override(_by_trailer(result, repository_id, author, request)), notes
    return None, notes


def _by_trailer(
    result: GateResult, repository_id: int | None, author: User, request: Request
) -> GateOverride:
    row = _row(result, repository_id, author, GateOverride.Source.TRAILER, request.reason)
    found, _ = GateOverride.objects.get_or_create(
        source=GateOverride.Source.TRAILER,
        base_sha=row.base_sha,
        head_sha=row.head_sha,
        commit_sha=request.commit,
        repository_name=row.repository_name,
        defaults={
            "repository_id": row.repository_id,
            "actor_id": row.actor_id,
            "actor_name": row.actor_name,
            "reason": row.reason,
            "findings": row.findings,
            "recorded_at": row.recorded_at,
        },
    )
    return found


def _check_reason(reason: str) -> None:
    size = len(reason.strip())
    if not FEWEST_CHARACTERS <= size <= MOST_CHARACTERS:
        raise Refused(
            f"Say in a sentence why the change cannot wait ({FEWEST_CHARACTERS} to "
            f"{MOST_CHARACTERS} characters).",
            "break_glass",
        )


def _row(
    result: GateResult, repository_id: int | None, actor: User, source: str, reason: str
) -> GateOverride:
    return GateOverride(
        repository_id=repository_id,
        repository_name=result.repository[:200],
        base_sha=result.base,
        head_sha=result.head,
        actor=actor,
        actor_name=actor.username,
        source=source,
        reason=reason.strip(),
        findings=[
            {
                "rule": finding.what.rule.value,
                "path": finding.what.path,
                "line": finding.what.line,
                "debt": finding.what.debt,
                "message": finding.what.message,
            }
            for finding in result.findings
            if finding.level is Level.BLOCK
        ],
        recorded_at=clock.now(),
    )


def _override(row: GateOverride) -> Override:
    return Override(
        actor=row.actor_name,
        reason=row.reason,
        source=row.source,
        recorded_at=row.recorded_at.isoformat(),
        number=row.pk,
    )
