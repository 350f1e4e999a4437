"""The organisation's limits of what environments cost, held against every plan."""

from typing import Any

import pytest

from accounts.domain.roles import Role
from ledger.selectors.policies import policy_document
from ledger.services.policies import policy_change
from orchestration.models import Run
from orchestration.services import environments
from tests.builders.debts import make_person
from tests.builders.small_environments import People, approve, ask, built, carry_out, step
from tests.integration.orchestration.run_fixtures import data_dir, people, small

__all__ = ["data_dir", "people", "small"]


def put(admin: Any, admin_above: str | None, most: str | None) -> None:
    _number, document = policy_document()
    costs = {"admin_above": admin_above, "most": most}
    policy_change(actor=admin, document={**document, "environment_costs": costs})


@pytest.fixture
def ada(people: People) -> Any:
    return make_person("ada", Role.ADMIN)


def limits_said(run: Run) -> list[tuple[str, bool]]:
    return [(one["text"], one["is_refusal"]) for one in run.plan.verdicts if one["rule"] == "limit"]


def test_what_stands_counts(people: People, ada: Any) -> None:
    put(ada, "15", "25")
    environment = built(people)
    assert limits_said(environment.runs.get())[0][0].endswith("within the limits of the policy.")
    second = step(ask(people, "second"))
    assert second.state == "policy_failed"
    assert "20.00 EUR a month; above 15.00 an admin must ask" in second.reason
    people.rita = ada
    assert carry_out(people, ask(people, "second")).state == "succeeded"
    third = step(ask(people, "third"))
    assert third.state == "policy_failed"
    assert "above 25.00 the policy grants nothing" in third.reason


def test_no_limit_no_word(people: People) -> None:
    assert limits_said(step(ask(people))) == []


def test_what_was_approved_is_held_against_the_limit_again(people: People, ada: Any) -> None:
    put(ada, None, "15")
    first, second = (approve(people, step(ask(people, name))) for name in ("first", "second"))
    assert step(first).state == "succeeded"
    assert step(second).state == "stale"
    assert "the policy grants nothing" in second.reason


def test_a_lowered_limit_keeps_nobody_from_going_back(people: People, ada: Any) -> None:
    environment = built(people)
    grown = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"},
        justification="More users.",
    )  # fmt: skip
    assert carry_out(people, grown).state == "succeeded"
    put(ada, None, "5")
    shrunk = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "small"}
    )
    assert carry_out(people, shrunk).state == "succeeded"
    again = environments.environment_resize(
        actor=people.rita, environment_id=environment.pk, tiers={"web": "medium"}
    )
    assert step(again).state == "policy_failed"


def test_another_currency_is_said(people: People, ada: Any, settings: Any) -> None:
    put(ada, None, "5")
    settings.CURRENCY = "USD"
    run = step(ask(people))
    assert run.state == "awaiting_approval"
    assert limits_said(run) == [("The limits of the policy are in USD; this costs EUR.", False)]
