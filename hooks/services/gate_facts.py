"""What the rules of the gate look at, read from the change and from the register."""

from collections.abc import Iterable
from datetime import date

from analysis import services as analysis_services
from analysis.services import Change
from hooks.domain.gate_inputs import CommitMistake, CommitTrailer, DebtChange, KnownDebt
from ledger import selectors as ledger_selectors
from ledger.domain.annotations import NEEDLE, Annotation, Mark, marks_in
from ledger.domain.policy import Policy
from ledger.domain.terms import ACCEPTED_STATES, Reversibility
from ledger.domain.trailers import bad_trailers_in, trailers_in


def debt_change(
    *, change: Change, repository_id: int | None, slug: str, policy: Policy, today: date
) -> DebtChange:
    """Everything about debt in a change; `slug` names the system of debt that names none."""
    before = _marks(change.texts_before(NEEDLE), repository_id)
    after = _marks(change.texts_after(NEEDLE), repository_id)
    known_slugs = {mark.slug for mark in before if mark.slug}
    is_new = any(isinstance(mark, Annotation) and mark.slug not in known_slugs for mark in after)
    is_gone = known_slugs - {mark.slug for mark in after}
    return DebtChange(
        paths=change.paths,
        before=before,
        after=after,
        elsewhere=_marks(change.other_texts(NEEDLE), repository_id) if is_new or is_gone else [],
        renamed={file.path: file.old_path for file in change.files if file.old_path},
        known=known_debts(repository_id),
        trailers=[
            CommitTrailer(commit.sha, trailer)
            for commit in change.commits
            for trailer in trailers_in(commit.message)
        ],
        mistakes=[
            CommitMistake(commit.sha, mistake)
            for commit in change.commits
            for mistake in bad_trailers_in(commit.message)
        ],
        full_systems=_full_systems(policy),
        default_system=slug,
        policy=policy,
        today=today,
    )


def known_debts(repository_id: int | None) -> list[KnownDebt]:
    """The open debt of a repository; none for one that is not registered."""
    if repository_id is None:
        return []
    wanted = ledger_selectors.RegisterFilter(repository_id=repository_id, only_open=True)
    return [
        KnownDebt(
            reference=item.reference,
            slug=item.slug,
            title=item.title,
            owner=item.owner,
            path=item.path,
            line=item.line or 0,
            due_on=item.due_on,
            has_impact=bool(item.impact),
            has_plan=bool(item.plan_milestones or item.annotation.get("plan")),
            is_one_way=item.reversibility == Reversibility.ONE_WAY,
            is_accepted=item.state in ACCEPTED_STATES,
            system=item.system,
        )
        for item in ledger_selectors.debts_filtered(wanted).order_by("path", "line", "pk")
    ]


def _marks(files: Iterable[analysis_services.FoundFile], repository_id: int | None) -> list[Mark]:
    """The marks of files that people here write, as the registration reads them."""
    marks = [
        mark
        for file in files
        if not (file.is_vendored or file.is_generated)
        for mark in marks_in(file.path, file.language, file.content)
    ]
    return ledger_selectors.marks_owned(marks, repository_id)


def _full_systems(policy: Policy) -> frozenset[str]:
    if policy.ceiling_share is None:
        return frozenset()
    loads = ledger_selectors.system_loads(policy)
    return frozenset(load.system for load in loads if load.is_over)
