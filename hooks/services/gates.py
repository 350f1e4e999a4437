"""The gate: what a merge would do, the same for the command and the API.

It registers nothing and changes nothing in the ledger; the one thing it writes is the record of
who let a blocked change through.
"""

from dataclasses import replace
from typing import Any

from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from analysis.services import Change, Checkout
from common import clock
from common.errors import NotFound
from hooks.domain import gate_debts, gate_structure
from hooks.domain.gate import GateResult, judged
from hooks.domain.gate_inputs import DebtChange
from hooks.domain.gate_override import requests_in
from hooks.domain.places import canonical
from hooks.services.gate_facts import debt_change
from hooks.services.gate_overrides import Plea, override_record, plea_check
from ledger import selectors as ledger_selectors
from ledger.domain.policy import Enforcement, Policy, Rule

# A registered repository, whose model is private to its app.
Repository = Any


def gate_check_place(
    *, place: str, base: str, head: str, slug: str = "", plea: Plea | None = None
) -> GateResult:
    """Judge a change in a registered repository (by its slug) or in a checkout on this host.

    A checkout is taken for the registered repository that `slug` names, or that stands at its
    path or at one of its remotes. Raises NotFound or Refused.
    """
    if plea is not None:
        plea_check(plea)
    named = _registered(place)
    if named is not None:
        return gate_check(repository=named, base=base, head=head, plea=plea)
    with analysis_services.checkout_open(path=place) as checkout:
        repository = analysis_selectors.repository_by_key(slug) if slug else _home_of(checkout)
        change = analysis_services.checkout_change(checkout=checkout, base=base, head=head)
        return _checked(
            change, repository, canonical(checkout.path).rpartition("/")[2] or place, plea
        )


def gate_check(
    *, repository: Repository, base: str, head: str, plea: Plea | None = None
) -> GateResult:
    """Judge a change between two revisions of a registered repository."""
    if plea is not None:
        plea_check(plea)
    change = analysis_services.repository_change(repository=repository, base=base, head=head)
    return _checked(change, repository, repository.name, plea)


def _registered(place: str) -> Repository | None:
    if "/" in place or place in (".", ".."):
        return None
    try:
        return analysis_selectors.repository_by_key(place)
    except NotFound:
        return None


def _home_of(checkout: Checkout) -> Repository | None:
    """The registered repository that a checkout is one of, by its path or its remotes."""
    wanted = [canonical(checkout.path), *map(canonical, checkout.remotes)]
    known = {canonical(one.location): one for one in analysis_selectors.repositories_list()}
    return next((known[address] for address in wanted if address in known), None)


def _checked(
    change: Change, repository: Repository | None, name: str, plea: Plea | None
) -> GateResult:
    today = clock.today()
    repository_id = repository.pk if repository else None
    slug = repository.slug if repository else ""
    policy = ledger_selectors.policy_in_force(repository_id=repository_id)
    debts = debt_change(
        change=change, repository_id=repository_id, slug=slug, policy=policy, today=today
    )
    suspicions = gate_debts.suspicions_of(debts)
    notes = _notes(debts, repository)
    if _asks_for_structure(policy, today):
        structure = change.structure()
        suspicions += gate_structure.suspicions_of(structure)
        notes += gate_structure.left_out(structure)
    result = GateResult(
        repository=repository.name if repository else name,
        slug=slug,
        base=change.base,
        head=change.head,
        merge_base=change.merge_base,
        checked_on=today,
        policy_version=policy.version,
        files=len(change.files),
        commits=len(change.commits),
        findings=judged(suspicions, policy, today),
        closings=gate_debts.closings_of(debts),
        notes=tuple(notes),
    )
    override, more = override_record(
        result=result,
        plea=plea,
        requests=requests_in(change.commits),
        repository_id=repository_id,
    )
    return replace(result, override=override, notes=(*result.notes, *more))


def _asks_for_structure(policy: Policy, today: Any) -> bool:
    rules = (Rule.NEW_CYCLE, Rule.STABLE_DEPENDENCY)
    return any(policy.unwaived(rule, today) is not Enforcement.OFF for rule in rules)


def _notes(debts: DebtChange, repository: Repository | None) -> list[str]:
    notes = [
        f"“Debt-Paid: {slug}” names a debt that neither the register nor the code knows."
        for slug in gate_debts.unknown_payments(debts)
    ]
    notes.extend(
        f"“Debt-Paid: {slug}” closes nothing: that debt is not accepted yet."
        for slug in gate_debts.premature_payments(debts)
    )
    if repository is None:
        notes.append(
            "This checkout belongs to no registered repository: the organisation's policy was "
            "used, and debt is known only from the marks in changed files."
        )
    return notes
