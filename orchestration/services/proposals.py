"""Proposing what would prepare the refactor of a debt before it comes due."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts import selectors as accounts_selectors
from accounts.selectors import User
from common import clock
from common.errors import Refused, Stale
from common.notices import Notice, say
from common.sweeping import swept
from ledger.domain.debts import Debt
from ledger.domain.texts import day_words
from ledger.selectors import debt_get
from ledger.selectors.needs import burdened_system, debts_in_need, debts_numbered
from orchestration.domain.capabilities import CAPABILITIES, Capability
from orchestration.domain.lifetimes import DEFAULT_DAYS, cost_for
from orchestration.domain.proposing import SHOWN_DAYS, Draft, link_role
from orchestration.domain.states import GONE_STATES, ProposalState
from orchestration.models import Environment, Proposal, Run
from orchestration.selectors.proposals import (
    candidates_now,
    draft_for,
    newest_of,
    proposal_get,
    proposals_open,
    questions_of,
    served_debts,
)
from orchestration.services.environments import ResourceDraft, environment_request
from orchestration.services.queueing import require_requester

LONGEST_REASON = 500
LONGEST_PURPOSE = 500
CLOSED = "The debt is closed; nothing is to be prepared for it any more."
NOTHING_OFFERED = "Nothing that is offered can be built just now."
DECIDED = "Somebody has decided on this proposal already."


def proposals_sweep(*, now: datetime) -> int:
    """Propose what debts need that come due soon; return how many proposals are new.

    Several at once propose each thing once. What nobody needs any more is outdated, and an open
    proposal follows what is measured and offered.
    """
    _outdate(now)
    items = debts_in_need(clock.today() + settings.ORCHESTRATION_PROPOSE_AHEAD)
    candidates = candidates_now()
    newest = newest_of([item.pk for item in items])
    served = served_debts([item.pk for item in items])
    homes = accounts_selectors.home_teams() if items else {}

    def act(item: Debt) -> bool:
        last = newest.get(item.pk)
        is_open = last is not None and last.state == ProposalState.OPEN
        if not is_open and (item.pk in served or _is_answered(last, item)):
            return False
        found = draft_for(item, candidates, now)
        if is_open:
            assert last is not None  # noqa: S101 - for the type checker: it is open
            _renew(last, found, now)
            return False
        return bool(found.parts) and _propose(item, found, now, homes.get(item.owner))

    return swept(items, act)


def _outdate(now: datetime) -> None:
    """Close what was proposed for a debt that is closed, or that needs something else by now."""
    proposals = proposals_open()
    items = {one.pk: one for one in debts_numbered({one.item_id for one in proposals})}

    def act(proposal: Proposal) -> bool:
        item = items[proposal.item_id]
        if not item.is_open:
            reason = "The debt was closed."
        elif set(item.needs) != set(proposal.needs):
            reason = "The debt needs something else by now."
        else:
            return False
        _settle(proposal, ProposalState.OUTDATED, now=now, reason=reason)
        return True

    swept(proposals, act)


def _is_answered(last: Proposal | None, item: Debt) -> bool:
    """Whether people have said what they think of proposing this."""
    if last is None or last.state == ProposalState.OUTDATED or set(last.needs) != set(item.needs):
        return False
    if last.state == ProposalState.DISMISSED:
        return True
    # What was taken and never built is as good as not taken.
    built = last.environment
    return built is not None and (built.state not in GONE_STATES or built.ready_at is not None)


def _values(found: Draft) -> dict[str, Any]:
    return {
        "resources": [part.document() for part in found.parts],
        "missing": list(found.missing),
        "monthly_cost": found.monthly_cost,
        "currency": found.currency,
    }


def _renew(proposal: Proposal, found: Draft, now: datetime) -> None:
    """Another size by what was measured since, or another version: without another word."""
    values = _values(found)
    if not found.parts:
        _settle(proposal, ProposalState.OUTDATED, now=now, reason=NOTHING_OFFERED)
        return
    if all(getattr(proposal, name) == one for name, one in values.items()):
        return
    Proposal.objects.filter(pk=proposal.pk, state=ProposalState.OPEN).update(**values)


def _propose(item: Debt, found: Draft, now: datetime, team_id: int | None) -> bool:
    try:
        with transaction.atomic():
            proposal = _create(item, found, now)
            say(_notice(proposal, item, found, team_id))
    except IntegrityError:
        if not _open_of(item).exists():
            raise
        return False  # somebody else proposed it at the same time
    return True


def _create(item: Debt, found: Draft, now: datetime) -> Proposal:
    return Proposal.objects.create(
        item_id=item.pk,
        state=ProposalState.OPEN.value,
        needs=list(item.needs),
        created_at=now,
        **_values(found),
    )


def _open_of(item: Debt) -> QuerySet[Proposal]:
    return Proposal.objects.filter(item_id=item.pk, state=ProposalState.OPEN)


def proposal_make(*, actor: User, item_id: int) -> Proposal:
    """Propose now what would prepare the refactor of a debt, however far its date is.

    Needs a contributor. Nobody is told: whoever asks reads it next. Where one is open already,
    that one is returned.
    """
    require_requester(actor)
    item = debt_get(item_id)
    if not item.is_open:
        raise Refused(CLOSED)
    now = clock.now()
    found = draft_for(item, candidates_now(), now)
    if not found.parts:
        raise Refused("Nothing in the catalogue offers what its plan needs.")
    if item.pk in served_debts([item.pk]):
        raise Refused("What its plan needs stands already, or is asked for.")
    try:
        with transaction.atomic():
            return _create(item, found, now)
    except IntegrityError:
        made = _open_of(item).first()
        if made is None:
            raise Stale("Its proposal was decided just now; look at the debt again.") from None
        return made


def _notice(proposal: Proposal, item: Debt, found: Draft, team_id: int | None) -> Notice:
    titles = [
        CAPABILITIES[Capability(one.candidate.manifest.capability)].title for one in found.parts
    ]
    when = "was due on" if item.due_on < clock.today() else "comes due on"
    spent = cost_for(found.monthly_cost, timedelta(days=SHOWN_DAYS))
    lacking = ""
    if found.missing:
        names = ", ".join(CAPABILITIES[Capability(one)].title for one in found.missing)
        lacking = f" Nothing here offers: {names}."
    return Notice(
        key=f"proposal-{proposal.pk}-{item.reference}",
        title=f"Prepare the refactor of {item.reference}: {item.title}",
        text=(
            f"It {when} {day_words(item.due_on)}. What it needs can stand ready: "
            f"{', '.join(titles)}, for {found.monthly_cost} {found.currency} a month or {spent} "
            f"{found.currency} for {SHOWN_DAYS} days.{lacking}"
        ),
        url=f"{settings.BASE_URL}/environments/proposals/{proposal.pk}/",
        team_id=team_id,
        handles=(item.owner,),
    )


def proposal_take(
    *,
    actor: User,
    proposal_id: int,
    name: str = "",
    owner: str = "",
    days: int = DEFAULT_DAYS,
    tiers: Mapping[str, str] | None = None,
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
    is_production: bool = False,
    justification: str = "",
) -> Run:
    """Prepare the refactor: ask for what was proposed, as an environment linked with the debt.

    `tiers` takes other sizes than the proposed ones, `parameters` values for the blueprints, both
    by the resources' names. Needs a contributor. Refused while a blueprint asks for a value that
    nobody has given. Nothing is built before the run is planned and approved.
    """
    proposal = _open_one(actor, proposal_id)
    item = debt_get(proposal.item_id)
    if not item.is_open:
        raise Refused(CLOSED)
    resources = _drafts(proposal, tiers or {}, parameters or {})
    now = clock.now()
    with transaction.atomic():
        # Of two who take it at once, one asks for the environment.
        _settle(proposal, ProposalState.TAKEN, now=now, actor=actor, must=True)
        run = environment_request(
            actor=actor,
            name=name.strip() or _free_name(item),
            owner=owner.strip() or item.owner,
            resources=resources,
            purpose=f"Prepares the repayment of {item.reference}: {item.title}"[:LONGEST_PURPOSE],
            team_id=accounts_selectors.home_teams().get(owner.strip() or item.owner),
            days=days,
            is_production=is_production,
            system=item.system or burdened_system(item.pk),
            justification=justification,
            item_id=item.pk,
            link_role=link_role(proposal.needs),
        )
        Proposal.objects.filter(pk=proposal.pk).update(environment_id=run.environment_id)
    return run


def _drafts(
    proposal: Proposal, tiers: Mapping[str, str], parameters: Mapping[str, Mapping[str, Any]]
) -> list[ResourceDraft]:
    """What is asked for. Raises Refused for what is not in the proposal, or still lacks a value."""
    names = {one["name"] for one in proposal.resources}
    for field, given in (("tiers", tiers), ("parameters", parameters)):
        if unknown := sorted(given.keys() - names):
            raise Refused(f"There is no resource {unknown[0]!r} in this proposal.", field)
    for one in questions_of(proposal):
        if one.parameter not in parameters.get(one.resource, {}):
            raise Refused(
                f"{one.resource} needs a value for {one.parameter} ({one.title}).", "parameters"
            )
    return [
        ResourceDraft(
            name=one["name"],
            blueprint=one["blueprint"],
            tier=tiers.get(one["name"], one["tier"]),
            parameters={**one["parameters"], **parameters.get(one["name"], {})},
            # Those that were proposed by an earlier version name none.
            target=one.get("target", ""),
        )
        for one in proposal.resources
    ]


def _free_name(item: Debt) -> str:
    """The debt's reference, with a number where that is taken."""
    base = f"{item.reference} refactor"
    live = Environment.objects.exclude(state__in=[one.value for one in GONE_STATES])
    taken = set(live.filter(name__startswith=base).values_list("name", flat=True))
    names = [base, *(f"{base} {number}" for number in range(2, len(taken) + 3))]
    return next(one for one in names if one not in taken)


def proposal_answer(*, actor: User, proposal_id: int, environment_id: int) -> None:
    """Note the environment that somebody asked for on their own for the debt of a proposal.

    With all that was proposed it is taken, else prepared in another way. Needs a contributor.
    """
    proposal = _open_one(actor, proposal_id)
    environment = Environment.objects.get(pk=environment_id)
    asked = set(environment.resources.values_list("version__blueprint__name", flat=True))
    is_taken = {one["blueprint"] for one in proposal.resources} <= asked
    said = "" if is_taken else f"Prepared in another way: {environment.reference}."
    state = ProposalState.TAKEN if is_taken else ProposalState.DISMISSED
    with transaction.atomic():
        _settle(proposal, state, now=clock.now(), actor=actor, reason=said, must=True)
        if is_taken:
            Proposal.objects.filter(pk=proposal.pk).update(environment_id=environment_id)


def proposal_dismiss(*, actor: User, proposal_id: int, reason: str) -> Proposal:
    """Say that nothing is to be prepared; it is not proposed again while the needs stay.

    Needs a contributor, and a reason.
    """
    proposal = _open_one(actor, proposal_id)
    text = reason.strip()[:LONGEST_REASON]
    if not text:
        raise Refused("Say why it is not wanted.", "reason")
    _settle(proposal, ProposalState.DISMISSED, now=clock.now(), actor=actor, reason=text, must=True)
    return proposal_get(proposal.pk)


def _open_one(actor: User, proposal_id: int) -> Proposal:
    require_requester(actor)
    proposal = proposal_get(proposal_id)
    if proposal.state != ProposalState.OPEN:
        raise Refused(DECIDED)
    return proposal


def _settle(
    proposal: Proposal,
    state: ProposalState,
    *,
    now: datetime,
    actor: User | None = None,
    reason: str = "",
    must: bool = False,
) -> None:
    settled = Proposal.objects.filter(pk=proposal.pk, state=ProposalState.OPEN).update(
        state=state.value,
        decided_at=now,
        decided_by_id=actor.pk if actor else None,
        reason=reason,
    )
    if must and not settled:
        raise Stale(DECIDED)
