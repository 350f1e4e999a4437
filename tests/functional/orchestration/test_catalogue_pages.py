"""The pages of blueprints, targets and proposals."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from orchestration.models import Blueprint, BlueprintVersion, Proposal, Run, Target
from orchestration.services.targets import local_target
from tests.builders.debts import make_debt, make_person
from tests.builders.environments import make_environment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
BLUEPRINTS = "/environments/blueprints/"
TARGETS = "/environments/targets/"
PROPOSALS = "/environments/proposals/"
SignIn = Callable[..., Client]
HOSTILE = "<script>alert(1)</script>"


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def proposed_version() -> BlueprintVersion:
    """The second version of PostgreSQL, which nobody has signed off."""
    blueprint = Blueprint.objects.get(name="postgresql")
    first = blueprint.current
    assert first is not None
    return BlueprintVersion.objects.create(
        blueprint=blueprint,
        number=2,
        digest="sha256:" + "12" * 32,
        manifest=first.manifest | {"summary": f"{HOSTILE} changed"},
        files=first.files | {"tasks/more.yml": HOSTILE},
        state="proposed",
        created_at=clock.now(),
    )


def test_what_is_on_offer(signed_in: SignIn, django_assert_max_num_queries: Any) -> None:
    client = signed_in(Role.VIEWER)
    with django_assert_max_num_queries(8):
        page = text_of(client.get(BLUEPRINTS))
    assert "PostgreSQL database" in page
    assert "Small 25.00 EUR" in page
    page = text_of(client.get(f"{BLUEPRINTS}postgresql/"))
    assert "190 connections, 100 GB of storage" in page
    assert "above 70 %" in page
    assert "Password of the owner" in page
    assert client.get(f"{BLUEPRINTS}nothing/").status_code == 404


def test_an_operator_reads_the_difference_and_signs_off(signed_in: SignIn) -> None:
    version = proposed_version()
    path = f"/environments/versions/{version.pk}/"
    reader, operator = signed_in(Role.APPROVER), signed_in(Role.OPERATOR)
    page = text_of(reader.get(path))
    assert HOSTILE not in page
    assert "What changed since version 1" in page
    assert "+&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "Sign it off" not in page
    assert reader.post(f"{path}decision/", {"decision": "sign_off"}).status_code == 403
    assert "1 version waits for an operator" in text_of(operator.get(BLUEPRINTS))
    answer = operator.post(f"{path}decision/", {"decision": "refuse"}, follow=True)
    assert "Say why" in text_of(answer)
    operator.post(f"{path}decision/", {"decision": "sign_off"})
    assert Blueprint.objects.get(name="postgresql").current_id == version.pk
    operator.post(f"{path}decision/", {"decision": "retire", "note": "It was wrong"})
    assert Blueprint.objects.get(name="postgresql").current_id != version.pk


def test_targets_are_for_operators(signed_in: SignIn) -> None:
    target = local_target()
    make_environment("Checkout")
    make_environment("Went away", state="destroyed")
    reader, operator = signed_in(Role.VIEWER), signed_in(Role.OPERATOR)
    for path in ("new/", f"{target.pk}/edit/"):
        assert reader.get(f"{TARGETS}{path}").status_code == 403
    for path in ("test/", "switch/"):
        assert reader.post(f"{TARGETS}{target.pk}/{path}").status_code == 403
    assert "This host" in text_of(reader.get(TARGETS))
    page = text_of(reader.get(f"{TARGETS}{target.pk}/"))
    assert "Checkout" in page
    assert "Went away" not in page
    assert "Switch it off" not in page
    operator.post(f"{TARGETS}{target.pk}/switch/")
    assert Target.objects.get().disabled_at is not None
    assert "Switched off" in text_of(operator.get(f"{TARGETS}{target.pk}/"))
    operator.post(f"{TARGETS}{target.pk}/switch/")
    assert Target.objects.get().disabled_at is None
    assert operator.get(f"{TARGETS}new/nothing/").status_code == 404


def test_a_secret_of_a_target_never_comes_back(signed_in: SignIn) -> None:
    operator = signed_in(Role.OPERATOR)
    page = text_of(operator.get(f"{TARGETS}new/"))
    assert 'href="/environments/targets/new/webhook/"' in page
    secret = "s3cret-of-a-target-that-is-long-enough-0123456789"
    terms = {"name": HOSTILE, "setting_url": "nonsense", "setting_secret": secret}
    answer = operator.post(f"{TARGETS}new/webhook/", terms)
    assert answer.status_code == 422
    assert secret not in text_of(answer)
    assert HOSTILE not in text_of(answer)
    assert not Target.objects.exists()


def proposal(**changes: Any) -> Proposal:
    item = make_debt(make_person("ann"), title=HOSTILE)
    part = {
        "name": "db", "blueprint": "postgresql", "version": 1, "tier": "small", "parameters": {},
        "why": HOSTILE, "monthly_cost": "25.00",
    }  # fmt: skip
    values = {
        "state": "open",
        "resources": [part],
        "missing": ["load-test"],
        "monthly_cost": Decimal("25.00"),
        "currency": "EUR",
        "created_at": clock.now(),
        **changes,
    }
    return Proposal.objects.create(item_id=item.pk, **values)


def test_a_proposal_is_read_and_taken(signed_in: SignIn) -> None:
    found = proposal()
    reader, writer = signed_in(Role.VIEWER), signed_in(Role.CONTRIBUTOR)
    page = text_of(reader.get(PROPOSALS))
    assert HOSTILE not in page
    assert "PostgreSQL database, small" in page
    page = text_of(reader.get(f"{PROPOSALS}{found.pk}/"))
    assert HOSTILE not in page
    assert "Nothing in the catalogue offers: Load-test stage" in page
    assert "Prepare the refactor</button>" not in page
    terms = {"owner": "ann", "days": "14"}
    assert reader.post(f"{PROPOSALS}{found.pk}/take/", terms).status_code == 403
    answer = writer.post(f"{PROPOSALS}{found.pk}/take/", terms)
    assert answer["Location"] == f"/environments/runs/{Run.objects.get().reference}/"
    assert "Nothing is proposed now" in text_of(reader.get(PROPOSALS))
    assert "Taken" in text_of(reader.get(f"{PROPOSALS}?show=all"))


def test_a_proposal_is_declined_with_a_reason(signed_in: SignIn) -> None:
    found = proposal()
    client = signed_in(Role.CONTRIBUTOR)
    path = f"{PROPOSALS}{found.pk}/dismiss/"
    assert client.post(path, {"reason": ""}).status_code == 422
    assert client.post(path, {"reason": "Not needed"}).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.reason) == ("dismissed", "Not needed")
