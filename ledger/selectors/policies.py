"""The policy in force, how it came about, and the exceptions from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from analysis.selectors import repositories_list
from common import clock
from common.errors import NotFound
from ledger.domain import policy as domain
from ledger.domain.history import Json
from ledger.domain.policy import DEFAULT_POLICY, Policy, Rule
from ledger.domain.policy_documents import DEFAULT_DOCUMENT, policy_of, rolled
from ledger.domain.policy_words import changes
from ledger.models import PolicyVersion, Waiver

MOST_VERSIONS = 50
MOST_WAIVERS = 200


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A version of the policy with what it changed, as sentences."""

    version: PolicyVersion
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaiverLine:
    """A waiver and how it stands today: asked, live, expired, declined or withdrawn."""

    waiver: Waiver
    standing: str


def policy_in_force(*, repository_id: int | None) -> Policy:
    """The organisation's policy with the repository's overrides and its live waivers.

    None asks for debt that is in no repository. Without any stored policy it is the default.
    Two queries.
    """
    newest = policy_newest()
    waivers = live_waivers(repository_id) if repository_id is not None else ()
    if newest is None:
        return Policy(waivers=waivers) if waivers else DEFAULT_POLICY
    return policy_of(
        newest.document, version=newest.number, repository_id=repository_id, waivers=waivers
    )


def policy_newest() -> PolicyVersion | None:
    return PolicyVersion.objects.order_by("-number").first()


def policy_document() -> tuple[int, Json]:
    """The number and the document of the policy as it stands today; number 0 is the default."""
    newest = policy_newest()
    number, document = (newest.number, newest.document) if newest else (0, DEFAULT_DOCUMENT)
    return number, rolled(document, clock.today())


def policy_versions() -> QuerySet[PolicyVersion]:
    """Every version with who made it."""
    return PolicyVersion.objects.select_related("made_by")


def policy_changes() -> list[PolicyChange]:
    """The newest versions with what each changed, newest first."""
    newest = list(policy_versions().order_by("-number")[: MOST_VERSIONS + 1])
    names = repository_names()
    before: list[Mapping[str, Any]] = [version.document for version in newest[1:]]
    if len(newest) <= MOST_VERSIONS:
        before.append(DEFAULT_DOCUMENT)
    return [
        PolicyChange(version, tuple(changes(document, version.document, names)))
        for version, document in zip(newest, before, strict=False)
    ]


def repository_names() -> dict[str, str]:
    """The names of repositories by their numbers as text, as a policy's document has them."""
    return {str(one.pk): one.name for one in repositories_list()}


def live_waivers(repository_id: int) -> tuple[domain.Waiver, ...]:
    """The approved waivers of a repository that have not ended."""
    rows = Waiver.objects.filter(
        repository_id=repository_id,
        approved_at__isnull=False,
        ended_at__isnull=True,
        expires_on__gte=clock.today(),
    ).select_related("approver")
    return tuple(
        domain.Waiver(
            rule=Rule(row.rule),
            expires_on=row.expires_on,
            path=row.path,
            reason=row.reason,
            approver=row.approver.username if row.approver else "",
            id=row.pk,
        )
        for row in rows
    )


def waivers_all() -> QuerySet[Waiver]:
    """All waivers with their people; those that are over stay."""
    return Waiver.objects.select_related("repository", "asked_by", "approver", "ended_by")


def waiver_get(waiver_id: int) -> Waiver:
    """The waiver, or NotFound."""
    found = waivers_all().filter(pk=waiver_id).first()
    if found is None:
        raise NotFound(f"There is no waiver {waiver_id}.")
    return found


def waiver_lines() -> list[WaiverLine]:
    """The newest waivers with how they stand, those that need somebody first."""
    today = clock.today()
    lines = [WaiverLine(row, waiver_standing(row, today)) for row in waivers_all()[:MOST_WAIVERS]]
    order = ("asked", "live", "expired", "withdrawn", "declined")
    return sorted(lines, key=lambda line: order.index(line.standing))


def waiver_standing(waiver: Waiver, today: date) -> str:
    """asked, live, expired, declined or withdrawn."""
    if waiver.ended_at is not None:
        return "declined" if waiver.approved_at is None else "withdrawn"
    if waiver.expires_on < today:
        return "expired"
    return "asked" if waiver.approved_at is None else "live"
