"""What a debt needs is proposed before it comes due: once, sized, priced, decided by people."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from accounts.models import Membership, Team
from alerts.models import Delivery
from common import clock
from common.errors import Denied, Refused, Stale
from ledger import services as ledger
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.domain.terms import Need
from ledger.models import DebtItem
from orchestration.domain.states import EnvironmentState, ProposalState
from orchestration.models import (
    Blueprint,
    DebtLink,
    Environment,
    LoadObservation,
    Proposal,
    Resource,
)
from orchestration.selectors.proposals import cost_shown
from orchestration.services import proposals
from orchestration.services.blueprints import catalogue_sync
from orchestration.services.environments import ResourceDraft, environment_request
from orchestration.services.proposals import proposal_dismiss, proposal_take, proposals_sweep
from tests.builders.alert_channels import Loop, channel, kind_known
from tests.builders.blueprints import make_blueprint, make_target
from tests.builders.debts import in_days, make_debt, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _catalogue() -> None:
    catalogue_sync()


@pytest.fixture
def ann() -> Any:
    return make_person("ann")


@pytest.fixture
def lee() -> Any:
    return make_person("lee", Role.APPROVER)


def plan(*needs: Need) -> PlanDraft:
    return PlanDraft("Move the carts", (MilestoneDraft("Store chosen", in_days(5)),), needs)


def needing(person: Any, *needs: Need, **changes: Any) -> DebtItem:
    return make_debt(person, plan=plan(*needs), system="checkout", **changes)


def sweep() -> int:
    return proposals_sweep(now=clock.now())


def measured(value: float, metric: str = "connections", system: str = "checkout") -> None:
    LoadObservation.objects.create(
        system=system, metric=metric, value=value, at=clock.now(), window_seconds=3600, source="api"
    )


def states() -> list[str]:
    return list(Proposal.objects.order_by("pk").values_list("state", flat=True))


def test_only_what_comes_due_and_needs_something_is_proposed(ann: Any) -> None:
    soon = needing(ann, Need.POSTGRESQL, Need.REDIS, due_on=in_days(30))
    needing(ann, Need.REDIS, due_on=in_days(31))
    make_debt(ann, due_on=in_days(3))
    measured(31.0)
    assert (sweep(), sweep()) == (1, 0)
    proposal = Proposal.objects.get()
    assert (proposal.item_id, proposal.needs) == (soon.pk, ["postgresql", "redis"])
    database, cache = proposal.resources
    assert (database["name"], database["tier"]) == ("db", "medium")
    assert "At its busiest, checkout has 31 connections" in database["why"]
    assert proposal.monthly_cost == Decimal(database["monthly_cost"]) + Decimal(
        cache["monthly_cost"]
    )
    assert cost_shown(proposal) == round(proposal.monthly_cost * 336 / 730, 2)


def test_the_team_is_told_once_where_it_talks(ann: Any) -> None:
    team = Team.objects.create(slug="payments", name="Payments", created_at=clock.now())
    Membership.objects.create(team=team, user=ann)
    with kind_known(Loop()):
        channel("room", team=team)
        channel("elsewhere")
        needing(ann, Need.POSTGRESQL)
        sweep()
        sweep()
    told = Delivery.objects.get()
    assert told.channel.name == "room"
    message = told.message
    proposal = Proposal.objects.get()
    assert message["title"].startswith("Prepare the refactor of D-")
    assert "PostgreSQL database, for 25.00 EUR a month or 11.51 EUR for 14 days" in message["lead"]
    assert message["url"].endswith(f"/environments/proposals/{proposal.pk}/")
    assert message["call"] == []


def test_it_follows_what_is_measured_without_another_word(ann: Any) -> None:
    needing(ann, Need.POSTGRESQL)
    sweep()
    assert Proposal.objects.get().resources[0]["tier"] == "small"
    measured(100.0)
    assert sweep() == 0
    proposal = Proposal.objects.get()
    assert (proposal.resources[0]["tier"], proposal.monthly_cost) == ("large", Decimal(340))


def test_another_need_makes_another_proposal(ann: Any) -> None:
    item = needing(ann, Need.POSTGRESQL)
    sweep()
    ledger.debt_describe(actor=ann, item_id=item.pk, plan=plan(Need.REDIS))
    assert sweep() == 1
    assert states() == ["outdated", "open"]
    ledger.debt_describe(actor=ann, item_id=item.pk, plan=plan())
    assert sweep() == 0
    assert states() == ["outdated", "outdated"]
    assert Proposal.objects.order_by("pk")[1].reason == "The debt needs something else by now."


def test_a_closed_debt_needs_nothing(ann: Any, lee: Any) -> None:
    item = needing(ann, Need.POSTGRESQL)
    sweep()
    ledger.debt_reject(actor=lee, item_id=item.pk, reason="no debt at all")
    assert sweep() == 0
    assert states() == ["outdated"]
    with pytest.raises(Refused, match="decided on this proposal already"):
        proposal_take(actor=ann, proposal_id=Proposal.objects.get().pk)


def test_taking_it_asks_for_the_environment_and_links_it(ann: Any) -> None:
    item = needing(ann, Need.POSTGRESQL, Need.REDIS)
    sweep()
    proposal = Proposal.objects.get()
    run = proposal_take(actor=ann, proposal_id=proposal.pk, days=7, tiers={"db": "medium"})
    environment = run.environment
    assert (environment.name, environment.owner) == (f"{item.reference} refactor", "ann")
    assert (environment.system, environment.state) == ("checkout", "requested")
    assert environment.expires_at is not None
    assert environment.expires_at - clock.now() > timedelta(days=6.9)
    assert list(Resource.objects.values_list("name", "tier")) == [
        ("db", "medium"), ("cache", "small"),
    ]  # fmt: skip
    link = DebtLink.objects.get()
    assert (link.item_id, link.environment_id, link.role) == (item.pk, environment.pk, "provision")
    proposal.refresh_from_db()
    assert (proposal.state, proposal.environment_id) == ("taken", environment.pk)
    assert proposal.decided_by_id == ann.pk
    assert sweep() == 0


def test_of_two_who_take_it_one_asks(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    needing(ann, Need.REDIS)
    sweep()
    number = Proposal.objects.get().pk
    seen = Proposal.objects.select_related("item").get(pk=number)
    proposal_take(actor=ann, proposal_id=number)
    # The second has read it while it was open.
    monkeypatch.setattr(proposals, "proposal_get", lambda _number: seen)
    with pytest.raises(Stale):
        proposal_take(actor=ann, proposal_id=number)
    assert Environment.objects.count() == 1


def test_what_is_refused_leaves_it_open(ann: Any) -> None:
    needing(ann, Need.REDIS)
    sweep()
    number = Proposal.objects.get().pk
    with pytest.raises(Refused) as refusal:
        proposal_take(actor=ann, proposal_id=number, days=0)
    assert refusal.value.field == "days"
    with pytest.raises(Refused, match="no resource 'db'"):
        proposal_take(actor=ann, proposal_id=number, tiers={"db": "small"})
    with pytest.raises(Denied):
        proposal_take(actor=make_person("vic", Role.VIEWER), proposal_id=number)
    assert states() == ["open"]
    assert not Environment.objects.exists()


def test_what_was_dismissed_is_not_proposed_again(ann: Any) -> None:
    needing(ann, Need.REDIS)
    sweep()
    number = Proposal.objects.get().pk
    with pytest.raises(Refused, match="Say why"):
        proposal_dismiss(actor=ann, proposal_id=number, reason=" ")
    dismissed = proposal_dismiss(actor=ann, proposal_id=number, reason="We have one.")
    assert (dismissed.state, dismissed.reason) == (ProposalState.DISMISSED, "We have one.")
    assert (sweep(), states()) == (0, ["dismissed"])


@pytest.mark.parametrize(
    ("wanted", "state"),
    [(("redis", "postgresql"), "taken"), (("redis",), "taken"), (("postgresql",), "dismissed")],
)
def test_what_somebody_asked_for_on_their_own_answers_it(
    ann: Any, wanted: tuple[str, ...], state: str
) -> None:
    item = needing(ann, Need.REDIS)
    sweep()
    drafts = [ResourceDraft(f"part-{one}", one, "small") for one in wanted]
    run = environment_request(actor=ann, name="by hand", owner="ann", resources=drafts, days=3)
    proposals.proposal_answer(
        actor=ann, proposal_id=Proposal.objects.get().pk, environment_id=run.environment_id
    )
    answered = Proposal.objects.get()
    assert (answered.state, answered.item_id) == (state, item.pk)
    is_taken = state == "taken"
    assert answered.environment_id == (run.environment_id if is_taken else None)
    assert (run.environment.reference in answered.reason) is not is_taken


def test_what_nothing_can_build_any_more_is_not_offered(ann: Any) -> None:
    needing(ann, Need.REDIS)
    sweep()
    Blueprint.objects.filter(name="redis").update(current=None)
    assert (sweep(), states()) == (0, ["outdated"])
    assert "can be built" in Proposal.objects.get().reason


def test_what_was_taken_and_never_built_is_proposed_again(ann: Any) -> None:
    needing(ann, Need.REDIS)
    sweep()
    run = proposal_take(actor=ann, proposal_id=Proposal.objects.get().pk)
    gone = EnvironmentState.DESTROYED.value
    Environment.objects.filter(pk=run.environment_id).update(state=gone)
    assert (sweep(), states()) == (1, ["taken", "open"])
    again = proposal_take(actor=ann, proposal_id=Proposal.objects.latest("pk").pk)
    Environment.objects.filter(pk=again.environment_id).update(state=gone, ready_at=clock.now())
    assert sweep() == 0, "it has served its purpose"


def test_what_stands_for_a_debt_already_needs_no_proposal(ann: Any) -> None:
    item = needing(ann, Need.REDIS)
    environment = Environment.objects.create(
        name="by hand", owner="ann", state="ready", created_at=clock.now(), updated_at=clock.now()
    )
    DebtLink.objects.create(
        item=item, environment=environment, role="provision", created_at=clock.now()
    )
    assert sweep() == 0


def test_two_sweeps_at_once_propose_once(ann: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    needing(ann, Need.REDIS)
    sweep()
    # The second has looked before the first wrote.
    monkeypatch.setattr(proposals, "newest_of", lambda _numbers: {})
    assert sweep() == 0
    assert states() == ["open"]


def test_it_is_proposed_at_once_where_somebody_wants_it(ann: Any, lee: Any) -> None:
    item = needing(ann, Need.POSTGRESQL, due_on=in_days(170))
    assert sweep() == 0
    client = Client()
    client.force_login(ann)
    asked = {"debt": item.reference}
    answer = client.post(reverse("environments:proposal_make"), asked)
    made = Proposal.objects.get()
    assert answer["Location"] == reverse("environments:proposal", args=[made.pk])
    # Twice is once, and it stays although the debt is not due for long.
    assert client.post(reverse("environments:proposal_make"), asked)["Location"].endswith(
        f"/{made.pk}/"
    )
    assert sweep() == 0
    assert states() == ["open"]
    proposal_dismiss(actor=ann, proposal_id=made.pk, reason="Not now.")
    assert proposals.proposal_make(actor=ann, item_id=item.pk).pk != made.pk
    with pytest.raises(Denied):
        proposals.proposal_make(actor=make_person("vic", Role.VIEWER), item_id=item.pk)
    ledger.debt_reject(actor=lee, item_id=item.pk, reason="It is not so.")
    with pytest.raises(Refused, match="closed"):
        proposals.proposal_make(actor=ann, item_id=item.pk)


def test_what_cannot_be_proposed_is_said(ann: Any) -> None:
    with pytest.raises(Refused, match="Nothing in the catalogue"):
        proposals.proposal_make(actor=ann, item_id=make_debt(ann).pk)
    item = needing(ann, Need.POSTGRESQL)
    sweep()
    proposal_take(actor=ann, proposal_id=Proposal.objects.get().pk)
    with pytest.raises(Refused, match="stands already"):
        proposals.proposal_make(actor=ann, item_id=item.pk)


def test_what_only_a_person_knows_is_asked_for(ann: Any) -> None:
    item = needing(ann, Need.LOAD_TEST)
    sweep()
    proposal = Proposal.objects.get()
    client = Client()
    client.force_login(ann)
    page = client.get(reverse("environments:proposal", args=[proposal.pk])).content.decode()
    assert "<code>load</code> needs something that only you know" in page
    assert reverse("environments:proposal_take", args=[proposal.pk]) not in page
    assert f"?debt={item.reference}&amp;need=load-test&amp;tier_load=small" in page
    with pytest.raises(Refused, match="load needs a value for target") as refusal:
        proposal_take(actor=ann, proposal_id=proposal.pk)
    assert (refusal.value.field, states()) == ("parameters", ["open"])
    address = {"target": "http://127.0.0.1:8080/cart"}
    with pytest.raises(Refused, match="no resource 'db'"):
        proposal_take(actor=ann, proposal_id=proposal.pk, parameters={"db": address})
    proposal_take(actor=ann, proposal_id=proposal.pk, parameters={"load": address})
    assert Resource.objects.get().parameters == address
    assert DebtLink.objects.get().role == "load-test"


def test_what_is_built_elsewhere_is_proposed_where_it_can_be_built(ann: Any) -> None:
    make_blueprint("acme/redis", "redis", engine="webhook")
    needing(ann, Need.REDIS)
    sweep()
    proposed = {"blueprint": "redis", "target": ""}
    assert proposed.items() <= Proposal.objects.get().resources[0].items(), "no target yet"
    first = make_target("builder", "webhook")
    sweep()
    proposed = {"blueprint": "acme/redis", "target": "builder"}
    assert proposed.items() <= Proposal.objects.get().resources[0].items()
    second = make_target("another", "webhook")
    sweep()
    assert Proposal.objects.get().resources[0]["blueprint"] == "redis", "a person chooses"
    type(second).objects.filter(pk=second.pk).update(disabled_at=clock.now())
    sweep()
    proposal_take(actor=ann, proposal_id=Proposal.objects.get().pk)
    assert Resource.objects.get().target_id == first.pk


def test_on_a_host_that_is_switched_off_nothing_is_proposed(ann: Any) -> None:
    make_target("This host", "ansible", disabled_at=clock.now())
    needing(ann, Need.REDIS)
    assert sweep() == 0
    make_target("Another host", "ansible")
    assert sweep() == 1
    assert Proposal.objects.get().resources[0]["target"] == "Another host"
