"""Exceptions from the policy: asked for by one person, approved by another, over by themselves."""

from datetime import date, timedelta

from accounts.domain.roles import Role, allows
from analysis import selectors as analysis_selectors
from common import clock
from common.errors import Denied, Refused, Stale
from ledger.domain.policy import Rule
from ledger.domain.texts import day_words, line
from ledger.models import Waiver
from ledger.selectors.policies import waiver_get, waiver_standing
from ledger.services.actors import Actor, asker_for, require_role, signature_of
from ledger.services.inputs import reason_checked

# An exception for longer than this is a rule, and belongs into the policy.
LONGEST_DAYS = 365
MOST_PATH = 200


def waiver_ask(
    *,
    actor: Actor,
    repository_id: int,
    rule: str,
    reason: str,
    expires_on: date,
    path: str = "",
) -> Waiver:
    """Ask for an exception from a rule in a repository. Needs a contributor.

    `path` is a glob over the repository's paths; empty asks for all of it. Nothing is excused
    before somebody else approves. Raises Refused for what is not acceptable.
    """
    require_role(actor, Role.CONTRIBUTOR)
    if rule not in list(Rule):
        raise Refused(f"'{rule[:40]}' is no rule; use {', '.join(Rule)}.", "rule")
    if all(one.pk != repository_id for one in analysis_selectors.repositories_list()):
        raise Refused(f"There is no repository {repository_id}.", "repository")
    today = clock.today()
    if expires_on < today:
        raise Refused(f"{day_words(expires_on)} is over; choose a later day.", "expires_on")
    latest = today + timedelta(days=LONGEST_DAYS)
    if expires_on > latest:
        raise Refused(
            f"A waiver ends by {day_words(latest)} at the latest; for longer, change the policy.",
            "expires_on",
        )
    asker = signature_of(actor).id
    if asker is None:
        raise Denied("A waiver is asked for by a person.")
    return Waiver.objects.create(
        repository_id=repository_id,
        rule=rule,
        path=line(path, "path", MOST_PATH),
        reason=reason_checked(reason),
        expires_on=expires_on,
        asked_by_id=asker,
        asked_at=clock.now(),
    )


def waiver_approve(*, actor: Actor, waiver_id: int) -> Waiver:
    """Let a waiver hold. Needs an approver who did not ask for it; of two, one is told Stale."""
    require_role(actor, Role.APPROVER)
    waiver = _pending(waiver_id)
    approver = signature_of(actor).id
    if approver is None or waiver.asked_by_id == approver:
        raise Denied("You asked for this waiver; another approver has to decide.")
    _write(waiver_id, is_approved=False, approver_id=approver, approved_at=clock.now())
    return waiver_get(waiver_id)


def waiver_end(*, actor: Actor, waiver_id: int) -> Waiver:
    """Decline a waiver that was asked for, or withdraw one before its day.

    Needs an approver, or the person who asked for it. Raises Refused when it is over already.
    """
    waiver = waiver_get(waiver_id)
    who = signature_of(actor)
    role = asker_for(actor, "").role
    if not allows(role, Role.APPROVER) and waiver.asked_by_id != who.id:
        raise Denied(f"This needs the role {Role.APPROVER.value}; yours is {role.value}.")
    standing = waiver_standing(waiver, clock.today())
    if standing not in ("asked", "live"):
        raise Refused(f"This waiver is {standing} already.", "waiver")
    is_approved = waiver.approved_at is not None
    _write(waiver_id, is_approved=is_approved, ended_by_id=who.id, ended_at=clock.now())
    return waiver_get(waiver_id)


def _pending(waiver_id: int) -> Waiver:
    waiver = waiver_get(waiver_id)
    standing = waiver_standing(waiver, clock.today())
    if standing != "asked":
        raise Refused(f"This waiver is {standing} already.", "waiver")
    return waiver


def _write(waiver_id: int, *, is_approved: bool, **values: object) -> None:
    """Change the row if it stands as it was read; exactly one of two people at once does."""
    written = Waiver.objects.filter(
        pk=waiver_id, approved_at__isnull=not is_approved, ended_at__isnull=True
    ).update(**values)
    if written != 1:
        raise Stale("Somebody else decided on this waiver in the meantime; look at it again.")
