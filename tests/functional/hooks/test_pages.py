"""The pages of a repository's hooks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository, Snapshot
from common import clock
from common.encryption import unseal
from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Endpoint, Watch
from hooks.web.wording import SETUP
from ledger import services as ledger_services
from tests.builders.git_history import History
from tests.builders.webhooks import pushed
from tests.functional.hooks.conftest import Sender

SignIn = Callable[[Role], Client]
HOOKS = "/repositories/shop/hooks/"
pytestmark = pytest.mark.usefixtures("repository")


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_secret_is_shown_once_and_stored_sealed(signed_in: SignIn) -> None:
    client = signed_in(Role.OPERATOR)
    made = client.post(f"{HOOKS}new/", {"kind": "github", "secret": ""})
    endpoint = Endpoint.objects.get()
    secret = unseal(endpoint.secret)
    assert made.status_code == 200
    assert made.content.decode().count(secret) == 1
    assert f"/webhooks/github/{endpoint.key}" in made.content.decode()
    assert "no-store" in made["Cache-Control"]
    for path in ("", f"{endpoint.pk}/"):
        page = client.get(HOOKS + path)
        assert page.status_code == 200
        assert secret not in page.content.decode()
        assert endpoint.secret not in page.content.decode()


@pytest.mark.parametrize("kind", list(Kind))
def test_every_host_is_explained(signed_in: SignIn, kind: Kind) -> None:
    made = signed_in(Role.OPERATOR).post(f"{HOOKS}new/", {"kind": kind.value})
    for step in SETUP[kind]:
        assert step.split("“", maxsplit=1)[0] in made.content.decode()


def test_a_weak_secret_is_refused_and_not_sent_back(signed_in: SignIn) -> None:
    made = signed_in(Role.OPERATOR).post(f"{HOOKS}new/", {"kind": "gitea", "secret": "letmein"})
    assert made.status_code == 422
    assert "16 to 200" in text_of(made)
    assert "letmein" not in made.content.decode()
    assert not Endpoint.objects.exists()


def test_a_webhook_is_rotated_switched_and_deleted(
    signed_in: SignIn, sender: Callable[[Kind], Sender]
) -> None:
    host = sender(Kind.GITHUB)
    client = signed_in(Role.OPERATOR)
    page = f"{HOOKS}{host.endpoint.pk}/"
    rotated = client.post(f"{page}rotate/", {"overlap_hours": "24", "secret": ""})
    assert unseal(Endpoint.objects.get().secret) in rotated.content.decode()
    assert host.send(pushed(Kind.GITHUB, "refs/heads/main")).status_code == 202
    assert client.post(f"{page}rotate/", {"overlap_hours": "9999"}).status_code == 422
    client.post(f"{page}switch/")
    assert host.send(pushed(Kind.GITHUB, "refs/heads/main")).status_code == 404
    assert "Off since" in text_of(client.get(page))
    client.post(f"{page}switch/")
    assert host.send(pushed(Kind.GITHUB, "refs/heads/main")).status_code == 202
    assert client.post(f"{page}delete/").status_code == 302
    assert client.get(page).status_code == 404


def test_deliveries_are_listed_with_what_became_of_them(
    signed_in: SignIn, sender: Callable[[Kind], Sender], repository: Repository
) -> None:
    host = sender(Kind.GITHUB)
    host.send(pushed(Kind.GITHUB, "refs/heads/main"))
    host.send(pushed(Kind.GITHUB, "refs/tags/<script>alert(1)</script>"))
    services.tip_look(repository_id=repository.pk)
    for number in range(30):
        host.send(pushed(Kind.GITHUB, "refs/heads/topic"), delivery=f"n-{number}")
    client = signed_in(Role.VIEWER)
    first, second = client.get(HOOKS), client.get(f"{HOOKS}?page=2")
    assert "25 of 32 deliveries" in text_of(first)
    assert "n-29" in first.content.decode()
    shown = second.content.decode()
    assert "Looked: main is at" in shown
    assert "Only tags are concerned." in shown
    assert "<script>alert" not in shown


def test_viewers_see_and_change_nothing(
    signed_in: SignIn, sender: Callable[[Kind], Sender]
) -> None:
    endpoint = sender(Kind.GITHUB).endpoint
    client = signed_in(Role.APPROVER)
    page = client.get(HOOKS)
    assert "Add a webhook" not in page.content.decode()
    assert endpoint.key not in page.content.decode()
    own = f"{HOOKS}{endpoint.pk}/"
    assert client.get(own).status_code == 403
    for path in ("rotate/", "switch/", "delete/"):
        assert client.post(own + path).status_code == 403
    assert client.post(f"{HOOKS}new/", {"kind": "github"}).status_code == 403
    assert client.post(f"{HOOKS}look/").status_code == 302
    assert signed_in(Role.VIEWER).post(f"{HOOKS}look/").status_code == 403


def test_a_webhook_of_another_repository_is_not_found(
    signed_in: SignIn, sender: Callable[[Kind], Sender], tmp_path: Any
) -> None:
    endpoint = sender(Kind.GITHUB).endpoint
    other = History(tmp_path / "other.git").commit("x", {"a.py": "1\n"})
    analysis_services.repository_register(location=str(other.path))
    client = signed_in(Role.OPERATOR)
    assert client.get(f"/repositories/other/hooks/{endpoint.pk}/").status_code == 404
    assert client.post(f"/repositories/other/hooks/{endpoint.pk}/delete/").status_code == 404
    assert client.get("/repositories/none/hooks/").status_code == 404
    # Never analysed: the page is there all the same.
    assert "not been looked at yet" in text_of(client.get("/repositories/other/hooks/"))


def test_a_dead_remote_is_told_with_its_reason(
    signed_in: SignIn, repository: Repository, history: History
) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    client.post(f"{HOOKS}look/")
    assert "A look is asked for" in text_of(client.get(HOOKS))
    services.tip_look(repository_id=repository.pk)
    assert "which is analysed" in text_of(client.get(HOOKS))
    history.path.rename(history.path.with_suffix(".away"))
    Watch.objects.update(next_look_at=clock.now())
    services.tip_look(repository_id=repository.pk)
    shown = text_of(client.get(HOOKS))
    assert "could not be looked at" in shown
    assert "no readable directory" in shown
    assert "1 look in a row" in shown
    assert "Next look" in shown


def test_a_refused_switch_of_the_default_branch_is_told(
    signed_in: SignIn, repository: Repository, history: History
) -> None:
    ledger_services.registrations_sweep()
    registered = history.head
    history.orphan("next").commit("begin anew", {"b.py": "1\n"}).default("next")
    analysis_services.analyse_now(repository=repository)
    ledger_services.registrations_sweep()
    client = signed_in(Role.VIEWER)
    assert "does not follow" not in text_of(client.get(HOOKS))
    Snapshot.objects.update(created_at=clock.now() - timedelta(minutes=5))
    shown = text_of(client.get(HOOKS))
    assert "does not follow the new default branch" in shown
    assert f"Merge main at <code>{registered[:12]}</code> into next" in shown
