"""The pages of environments: what stands, one of them, and what can be asked of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from orchestration.doctor import environments as environments_examined
from orchestration.models import DebtLink, Environment, Measurement, Run
from tests.builders.debts import make_debt, make_person
from tests.builders.environments import make_environment, make_outputs, make_plan, make_run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue")]
OVERVIEW = "/environments/"
SignIn = Callable[..., Client]
HOSTILE = "<script>alert(1)</script>"
BOTH = {"db": ("postgresql", "small"), "cache": ("redis", "medium")}


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def page_of(environment: Environment) -> str:
    return f"/environments/{environment.reference}/"


def test_nothing_stands_yet(signed_in: SignIn) -> None:
    page = text_of(signed_in(Role.CONTRIBUTOR).get(OVERVIEW))
    assert "Nothing stands yet" in page
    assert 'href="/environments/new/"' in page
    page = text_of(signed_in(Role.VIEWER).get(OVERVIEW))
    assert 'href="/environments/new/"' not in page
    assert "you need the role contributor" in page


def test_what_stands_with_cost_and_end(signed_in: SignIn) -> None:
    make_environment("Checkout", BOTH, is_production=True)
    make_environment("Old", state="destroyed", ended_at=clock.now())
    client = signed_in(Role.VIEWER)
    page = text_of(client.get(OVERVIEW))
    assert "Checkout" in page
    assert ">Old<" not in page
    assert "PostgreSQL database, small" in page
    assert "Ready" in page
    assert "production" in page
    assert ">Old<" in text_of(client.get(f"{OVERVIEW}?state=all"))
    assert "Checkout" in text_of(client.get(f"{OVERVIEW}?capability=redis&owner=payments"))
    assert "Nothing matches" in text_of(client.get(f"{OVERVIEW}?capability=queue"))
    assert "Nothing matches" in text_of(client.get(f"{OVERVIEW}?q=%00nothing"))


def test_what_waits_for_me_comes_first(signed_in: SignIn) -> None:
    ann, bo = make_person("ann", Role.APPROVER), make_person("bo", Role.APPROVER)
    run = make_run(make_environment(state="requested"), ann)
    make_plan(run)
    assert "1 plan waits for your approval" in text_of(signed_in(bo).get(OVERVIEW))
    assert "1 plan waits for your approval" in text_of(signed_in(bo).get("/"))
    assert "for your approval" not in text_of(signed_in(ann).get("/"))
    page = text_of(signed_in(ann).get(OVERVIEW))
    assert "for your approval" not in page
    assert "1 plan that you asked for waits" in page
    assert "for your approval" not in text_of(signed_in(Role.VIEWER).get(OVERVIEW))
    assert run.reference in text_of(signed_in(bo).get(f"{OVERVIEW}runs/?show=waiting"))
    assert "Nothing matches" in text_of(signed_in(ann).get(f"{OVERVIEW}runs/?show=waiting"))


def test_many_environments_cost_no_more_queries(
    signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    ann = make_person("ann", Role.APPROVER)
    for number in range(40):
        environment = make_environment(f"Number {number}", BOTH)
        make_plan(make_run(environment, ann))
    client = signed_in(make_person("bo", Role.APPROVER))
    with django_assert_max_num_queries(16):
        page = text_of(client.get(OVERVIEW))
    assert "of 40 environments" in page
    assert "40 plans wait" in page
    with django_assert_max_num_queries(8):
        client.get(f"{OVERVIEW}runs/")


def test_runs_are_narrowed_by_everything_that_was_chosen(signed_in: SignIn) -> None:
    ann = make_person("ann")
    one, other = make_environment("One"), make_environment("Other")
    mine = make_run(one, ann)
    for run in (mine, make_run(other, ann)):
        make_plan(run)
    done = make_run(one, ann, action="destroy", state="succeeded")
    client, approver = signed_in(ann), signed_in(Role.APPROVER)

    def shown(who: Client, query: str) -> set[Run]:
        page = text_of(who.get(f"{OVERVIEW}runs/?{query}"))
        return {run for run in Run.objects.all() if run.reference in page}

    assert shown(client, f"show=mine&environment={one.pk}") == {mine, done}
    assert shown(client, "show=mine&action=destroy") == {done}
    assert shown(client, f"show=mine-waiting&environment={one.pk}") == {mine}
    assert shown(approver, f"show=waiting&environment={one.pk}&action=provision") == {mine}
    assert shown(approver, "show=waiting&action=destroy") == set()
    page = text_of(client.get(f"{OVERVIEW}runs/?environment={one.pk}"))
    assert f'name="environment" value="{one.pk}"' in page, "another choice keeps it"
    assert "Only those of" in page
    assert client.get(f"{OVERVIEW}runs/?environment=999").status_code == 404
    assert "?show=mine-waiting" in text_of(client.get(OVERVIEW))


def test_what_needs_somebody_is_found_by_the_figure(signed_in: SignIn) -> None:
    names = {"degraded": "Broken", "drifted": "Changed", "ready": "Fine"}
    for state, name in names.items():
        make_environment(name, state=state)
    client = signed_in(Role.VIEWER)
    assert 'href="/environments/?state=troubled"' in text_of(client.get(OVERVIEW))
    page = text_of(client.get(f"{OVERVIEW}?state=troubled"))
    assert [name in page for name in names.values()] == [True, True, False]
    assert '<option value="troubled" selected>' in page


def test_a_look_that_failed_is_not_good_news(signed_in: SignIn) -> None:
    environment = make_environment("Fine")
    client, now = signed_in(Role.VIEWER), clock.now()
    page = text_of(client.get(OVERVIEW))
    assert "nothing was found wrong" in page
    assert "the last look failed" not in page
    make_run(environment, None, action="drift", state="plan_failed", ended_at=now)
    page = text_of(client.get(OVERVIEW))
    assert "the last look failed" in page
    assert ">Fine<" in text_of(client.get(f"{OVERVIEW}?state=unseen"))
    assert "could not be looked at" in {one.message for one in environments_examined()}.pop()
    Environment.objects.update(checked_at=now)
    assert "the last look failed" not in text_of(client.get(OVERVIEW))
    assert "Nothing matches" in text_of(client.get(f"{OVERVIEW}?state=unseen"))
    (said,) = environments_examined()
    assert said.message == "Nothing was found wrong with what stands."


def test_one_environment(signed_in: SignIn, django_assert_max_num_queries: Any) -> None:
    ann = make_person("ann")
    environment = make_environment(HOSTILE, BOTH, purpose=HOSTILE, state_reason=HOSTILE)
    make_outputs(environment, "db", host="127.0.0.1", port="5433", database="app", username="app")
    item = make_debt(ann, title=HOSTILE)
    DebtLink.objects.create(
        item_id=item.pk, environment=environment, role="provision", created_at=clock.now()
    )
    for is_after, value in ((False, 840.0), (True, 210.0)):
        Measurement.objects.create(
            item_id=item.pk, name=HOSTILE, unit="ms", is_after=is_after, value=value, at=clock.now()
        )
    make_run(environment, ann, state="succeeded")
    client = signed_in(ann)
    with django_assert_max_num_queries(16):
        page = text_of(client.get(page_of(environment)))
    assert HOSTILE not in page
    assert "psql -h 127.0.0.1 -p 5433 -U app -d app" in page
    assert "840.0" in page
    assert "-75 %" in page
    assert client.get(f"/environments/{environment.pk}/").status_code == 200
    assert client.get("/environments/E-999999/").status_code == 404
    assert client.get("/environments/nonsense/").status_code == 404


def test_a_hint_is_quoted(signed_in: SignIn) -> None:
    environment = make_environment()
    make_outputs(environment, "db", host="$(reboot)", port="1", database="a;b", username="x y")
    page = text_of(signed_in(Role.VIEWER).get(page_of(environment)))
    assert "psql -h &#x27;$(reboot)&#x27; -p 1 -U &#x27;x y&#x27; -d &#x27;a;b&#x27;" in page


@pytest.mark.parametrize("what", ["verify", "check", "repair"])
def test_a_button_makes_a_run(signed_in: SignIn, what: str) -> None:
    environment = make_environment(state="degraded")
    reader, writer = signed_in(Role.VIEWER), signed_in(Role.CONTRIBUTOR)
    assert reader.post(f"{page_of(environment)}{what}/").status_code == 403
    assert not Run.objects.exists()
    answer = writer.post(f"{page_of(environment)}{what}/")
    assert answer["Location"] == f"/environments/runs/{Run.objects.get().reference}/"
    assert "/repair/" not in text_of(reader.get(page_of(environment)))


def test_extending(signed_in: SignIn) -> None:
    ann = make_person("ann")
    environment = make_environment(requested_by=ann)
    client = signed_in(ann)
    answer = client.post(f"{page_of(environment)}extend/", {"days": "2", "reason": "More"})
    assert answer.status_code == 422
    assert "as much time already" in text_of(answer)
    client.post(f"{page_of(environment)}extend/", {"days": "30", "reason": "More"})
    environment.refresh_from_db()
    assert environment.expires_at is not None
    assert environment.expires_at > clock.now() + timedelta(days=29)
    other = signed_in(Role.CONTRIBUTOR)
    assert other.post(
        f"{page_of(environment)}extend/", {"days": "60", "reason": "More"}
    ).status_code == 403  # fmt: skip
    for who, may in ((client, True), (other, False), (signed_in(Role.APPROVER), True)):
        assert ("/extend/" in text_of(who.get(page_of(environment)))) is may
    Environment.objects.update(owner="contributor")
    assert "/extend/" in text_of(other.get(page_of(environment)))
    Environment.objects.update(state="destroying")
    assert "/extend/" not in text_of(other.get(page_of(environment)))


def test_promoting_needs_another_approver(signed_in: SignIn) -> None:
    ann, bo = make_person("ann", Role.APPROVER), make_person("bo", Role.APPROVER)
    environment = make_environment(requested_by=ann)
    terms = {"owner": "bo", "reason": "It stays"}
    assert "/promote/" not in text_of(signed_in(ann).get(page_of(environment)))
    assert signed_in(ann).post(f"{page_of(environment)}promote/", terms).status_code == 403
    assert signed_in(bo).post(f"{page_of(environment)}promote/", terms).status_code == 302
    environment.refresh_from_db()
    assert environment.expires_at is None
    assert "it was promoted and stays" in text_of(signed_in(ann).get(page_of(environment)))


def test_giving_up_needs_an_operator(signed_in: SignIn) -> None:
    environment = make_environment()
    terms = {"reason": "Another team has it"}
    assert signed_in(Role.APPROVER).post(f"{page_of(environment)}orphan/", terms).status_code == 403
    operator = signed_in(Role.OPERATOR)
    assert operator.post(f"{page_of(environment)}orphan/", {"reason": ""}).status_code == 422
    assert operator.post(f"{page_of(environment)}orphan/", terms).status_code == 302
    environment.refresh_from_db()
    assert environment.state == "orphaned"


def test_what_nobody_looks_after_is_adopted(signed_in: SignIn) -> None:
    environment = make_environment(state="orphaned")
    terms = {"owner": "bo", "days": "9", "reason": "We need it"}
    assert "Adopt it" not in text_of(signed_in(Role.CONTRIBUTOR).get(page_of(environment)))
    bo = make_person("bo", Role.APPROVER)
    client = signed_in(bo)
    assert "Nobody here looks after it." in text_of(client.get(page_of(environment)))
    refused = client.post(f"{page_of(environment)}adopt/", {**terms, "owner": "nobody"})
    assert (refused.status_code, "Name a person or a team" in text_of(refused)) == (422, True)
    assert client.post(f"{page_of(environment)}adopt/", terms).status_code == 302
    environment.refresh_from_db()
    assert (environment.state, environment.owner) == ("degraded", "bo")
    page = text_of(client.get(page_of(environment)))
    assert "what is really there is being looked at" in page
    assert "/adopt/" not in page
    left = make_environment("Left", owner="gone")
    assert "Its owner, gone, is no team" in text_of(client.get(page_of(left)))


def test_taking_away_names_what_is_lost(signed_in: SignIn) -> None:
    environment = make_environment("Checkout", BOTH)
    make_outputs(environment, "db", database="orders")
    assert signed_in(Role.VIEWER).get(f"{page_of(environment)}destroy/").status_code == 403
    client = signed_in(Role.CONTRIBUTOR)
    page = text_of(client.get(f"{page_of(environment)}destroy/"))
    assert "the database <code>orders</code>" in page
    answer = client.post(f"{page_of(environment)}destroy/", {"name": "checkout"})
    assert answer.status_code == 422
    assert not Run.objects.exists()
    client.post(f"{page_of(environment)}destroy/", {"name": "Checkout"})
    assert Run.objects.get().action == "destroy"


def test_changing_the_size(signed_in: SignIn) -> None:
    environment = make_environment("Checkout", BOTH)
    client = signed_in(Role.CONTRIBUTOR)
    page = text_of(client.get(f"{page_of(environment)}resize/?tier_db=medium"))
    assert "a size above the smallest needs a reason" in page
    answer = client.post(f"{page_of(environment)}resize/", {"tier_db": "small"})
    assert "choose another one" in text_of(answer)
    answer = client.post(f"{page_of(environment)}resize/", {"tier_db": "medium"})
    assert "Say why it has to be larger" in text_of(answer)
    assert not Run.objects.exists()
    client.post(f"{page_of(environment)}resize/", {"tier_db": "medium", "justification": "Sale"})
    assert Run.objects.get().wanted == {"resources": {"db": {"tier": "medium"}}}


@pytest.mark.parametrize("path", ["", "new/", "runs/", "runs/R-000001/", "E-000001/"])
def test_a_stranger_is_asked_to_sign_in(path: str) -> None:
    answer = Client().get(OVERVIEW + path)
    assert answer.status_code == 302
    assert "sign-in" in answer["Location"]
