"""Asking for an environment: what is needed, how large, and what the policy would refuse."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from common import clock
from ledger.selectors.policies import policy_document
from ledger.services.policies import policy_change
from orchestration.models import Blueprint, DebtLink, Environment, LoadObservation, Resource, Run
from tests.builders.blueprints import make_blueprint, make_target
from tests.builders.debts import make_debt, make_person

pytestmark = pytest.mark.django_db
NEW = "/environments/new/"
SignIn = Callable[..., Client]
HOSTILE = "<script>alert(1)</script>"
with_catalogue = pytest.mark.usefixtures("catalogue")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def terms(**changes: Any) -> dict[str, Any]:
    return {
        "need": ["postgresql"],
        "name": "Checkout split",
        "owner": "contributor",
        "days": "14",
        "tier_db": "small",
        "set_db_database": "app",
        "set_db_username": "app",
        **changes,
    }


def observe(system: str, **loads: float) -> None:
    for metric, value in loads.items():
        LoadObservation.objects.create(
            system=system,
            metric=metric,
            value=value,
            at=clock.now() - timedelta(hours=1),
            window_seconds=3600,
            source="api",
        )


def test_a_viewer_asks_for_nothing(signed_in: SignIn) -> None:
    client = signed_in(Role.VIEWER)
    assert client.get(NEW).status_code == 403
    assert client.post(NEW, terms()).status_code == 403
    assert not Environment.objects.exists()


def test_an_empty_catalogue_says_so(signed_in: SignIn) -> None:
    Blueprint.objects.update(current=None)
    assert "No blueprint may be used yet" in text_of(signed_in(Role.CONTRIBUTOR).get(NEW))


@with_catalogue
def test_from_a_need_to_a_run(signed_in: SignIn) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    page = text_of(client.get(NEW))
    assert "A relational database of its own" in page
    assert "Tick at least one" in text_of(client.get(f"{NEW}?next=1"))
    page = text_of(client.get(f"{NEW}?need=postgresql&days=30"))
    assert "25.00" in page
    assert "24.66 EUR" in page
    assert "No system is named" in page
    answer = client.post(NEW, terms())
    run = Run.objects.get()
    assert answer["Location"] == f"/environments/runs/{run.reference}/"
    resource = Resource.objects.get()
    assert (resource.name, resource.tier, resource.parameters) == ("db", "small", {})
    assert run.environment.expires_at is not None
    assert run.environment.expires_at > clock.now() + timedelta(days=13)


@with_catalogue
def test_what_it_cannot_do_without_comes_along(signed_in: SignIn) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    page = text_of(client.get(f"{NEW}?need=read-replica"))
    assert "PostgreSQL database comes with it" in page
    assert "connected by itself with <code>db</code>" in page
    client.post(NEW, terms(need=["postgresql", "read-replica"], tier_replica="small"))
    assert [one.name for one in Resource.objects.order_by("position")] == ["db", "replica"]


@with_catalogue
def test_the_verdict_follows_what_was_measured(signed_in: SignIn) -> None:
    observe("shop", connections=30)
    client = signed_in(Role.CONTRIBUTOR)
    page = text_of(client.get(f"{NEW}?need=postgresql&system=shop"))
    assert "the measured peak is 30" in page
    assert "room for one order of magnitude" in page
    large = client.get(f"{NEW}?need=postgresql&system=shop&tier_db=large")
    assert "more than ten times" in text_of(large)
    answer = client.post(NEW, terms(system="shop", tier_db="large"))
    assert answer.status_code == 422
    assert "Say why it has to be larger" in text_of(answer)
    assert client.post(
        NEW, terms(system="shop", tier_db="large", justification="The sale in May")
    ).status_code == 302  # fmt: skip


@with_catalogue
def test_less_than_there_is_is_refused_for_real_users(signed_in: SignIn) -> None:
    observe("shop", connections=300)
    client = signed_in(Role.CONTRIBUTOR)
    answer = client.post(NEW, terms(system="shop", is_production="on"))
    assert answer.status_code == 422
    assert "For real users that is refused" in text_of(answer)


@with_catalogue
def test_a_refusal_keeps_what_was_typed(signed_in: SignIn) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    answer = client.post(
        NEW, terms(name=HOSTILE, purpose=HOSTILE, set_db_database="No; such", days="999")
    )
    page = text_of(answer)
    assert answer.status_code == 422
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    answer = client.post(NEW, terms(set_db_database="{{ lookup('pipe', 'id') }}"))
    assert answer.status_code == 422
    assert not Environment.objects.exists()


@with_catalogue
def test_a_debt_says_what_it_needs(signed_in: SignIn) -> None:
    ann = make_person("ann")
    item = make_debt(ann, title=HOSTILE, system="shop")
    item.needs = ["postgresql", "queue"]
    item.save(update_fields=["needs"])
    client = signed_in(ann)
    page = text_of(client.get(f"{NEW}?debt={item.reference}"))
    assert HOSTILE not in page
    assert page.count(" checked") == 2
    page = text_of(client.get(f"{NEW}?debt={item.reference}&need=postgresql"))
    assert f'value="For {item.reference}"' in page
    assert 'value="shop"' in page
    client.post(NEW, terms(debt=item.reference))
    assert DebtLink.objects.get().item_id == item.pk
    assert client.get(f"{NEW}?debt=D-999999").status_code == 404


@with_catalogue
def test_the_limits_of_the_policy_are_said_while_one_chooses(signed_in: SignIn) -> None:
    ada = make_person("ada", Role.ADMIN)
    _number, document = policy_document()
    costs = {"admin_above": "20", "most": None}
    policy_change(actor=ada, document={**document, "environment_costs": costs})
    client = signed_in(Role.CONTRIBUTOR)
    said = "costs 25.00 EUR a month; above 20.00 an admin must ask."
    assert said in text_of(client.get(f"{NEW}?need=postgresql"))
    refused = client.post(NEW, terms())
    assert (refused.status_code, Run.objects.count()) == (422, 0)
    assert said in text_of(refused)
    client.force_login(ada)
    assert client.post(NEW, terms()).status_code == 302


@with_catalogue
def test_what_only_a_person_knows_is_asked_for(signed_in: SignIn) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    page = text_of(client.get(f"{NEW}?need=load-test"))
    assert '<details class="settings" open>' in page
    assert '<details class="settings" open>' not in text_of(client.get(f"{NEW}?need=postgresql"))
    given = terms(need=["load-test"], tier_load="small", set_load_spawn_rate="10")
    given |= {"set_load_run_s": "60", "set_load_pause_s": "1"}
    refused = client.post(NEW, given)
    assert (refused.status_code, Run.objects.count()) == (422, 0)
    assert 'id="id_set_load_target-errors"' in text_of(refused)
    item = make_debt(make_person("ann"))
    given |= {"set_load_target": "http://127.0.0.1:8080/cart", "debt": item.reference}
    assert client.post(NEW, given).status_code == 302
    assert DebtLink.objects.get().role == "load-test"


@with_catalogue
def test_a_box_stays_as_it_was_left(signed_in: SignIn) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    box = 'name="set_cache_persistent"'

    def is_ticked(query: str) -> bool:
        page = text_of(client.get(f"{NEW}?need=redis{query}"))
        tag = next(one for one in page.split("<input") if 'type="checkbox"' in one and box in one)
        return "checked" in tag.split(">")[0]

    assert is_ticked("")
    # What a browser sends of a box: always that it is there, and "on" where it is ticked.
    assert is_ticked("&set_cache_persistent=&set_cache_persistent=on")
    assert not is_ticked("&set_cache_persistent=")
    assert '<details class="settings" open>' in text_of(
        client.get(f"{NEW}?need=redis&set_cache_persistent=")
    )
    given = terms(need=["redis"], tier_cache="small", set_cache_eviction="noeviction")
    given |= {"set_cache_persistent": [""]}
    assert client.post(NEW, given).status_code == 302
    assert Resource.objects.get().parameters["persistent"] is False


@with_catalogue
def test_a_number_is_one_of_several(signed_in: SignIn) -> None:
    redis = Blueprint.objects.get(name="redis").current
    assert redis is not None
    parameters = dict(redis.manifest["parameters"])
    several = {"type": "integer", "enum": [16, 32], "title": "Databases"}
    parameters["properties"] = {**parameters["properties"], "databases": several}
    make_blueprint("acme/redis", "redis", parameters=parameters)
    client = signed_in(Role.CONTRIBUTOR)
    given = terms(need=["acme/redis"], tier_cache="small", set_cache_eviction="noeviction")
    given |= {"set_cache_persistent": ["", "on"]}
    assert client.post(NEW, given).status_code == 302
    assert "databases" not in Resource.objects.get().parameters
    again = client.post(NEW, given | {"name": "Another", "set_cache_databases": "32"})
    assert again.status_code == 302, text_of(again)
    assert Resource.objects.latest("pk").parameters["databases"] == 32


@with_catalogue
def test_a_target_is_chosen_where_there_is_a_choice(signed_in: SignIn) -> None:
    make_blueprint("acme/redis", "redis", engine="webhook")
    client = signed_in(Role.CONTRIBUTOR)
    given = terms(need=["acme/redis"], tier_cache="small", set_cache_eviction="noeviction")
    asked = f"{NEW}?need=acme/redis"
    assert "Nobody has set up a target for it yet" in text_of(client.get(asked))
    assert client.post(NEW, given).status_code == 422
    builder = make_target("builder", "webhook")
    make_target("closed", "webhook", disabled_at=clock.now())
    assert '<option value="builder" selected>' in text_of(client.get(asked))
    make_target("other", "webhook")
    page = text_of(client.get(asked))
    assert "Choose a target" in page
    assert 'value="closed"' not in page
    assert "Choose where it is built" in text_of(client.post(NEW, given))
    assert client.post(NEW, given | {"target_cache": "builder"}).status_code == 302
    assert Resource.objects.get().target_id == builder.pk
    # What is built on this host asks nothing, unless there is somewhere else.
    assert "target_db" not in text_of(client.get(f"{NEW}?need=postgresql"))
    make_target("Another host", "ansible")
    assert '<option value="" selected>This host' in text_of(client.get(f"{NEW}?need=postgresql"))


@with_catalogue
def test_what_comes_along_comes_from_where_it_can_be_built(signed_in: SignIn) -> None:
    make_blueprint("acme/postgresql", "postgresql", engine="webhook")
    client = signed_in(Role.CONTRIBUTOR)
    assert 'name="need" value="postgresql"' in text_of(client.get(f"{NEW}?need=read-replica"))
    item = make_debt(make_person("ann"))
    type(item).objects.filter(pk=item.pk).update(needs=["postgresql"])
    ticked = text_of(client.get(f"{NEW}?debt={item.reference}")).split(" checked")[0]
    assert 'value="postgresql"' in ticked.rsplit("<input", 1)[1]
    make_target("builder", "webhook")
    assert 'name="need" value="acme/postgresql"' in text_of(client.get(f"{NEW}?need=read-replica"))
