"""Signing in and out, and the token page, over HTTP."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.domain.roles import Role
from accounts.domain.throttle import MAX_BY_NAME_AND_ADDRESS
from accounts.models import User
from common import clock

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"


@pytest.fixture
def jane() -> User:
    return services.user_create(username="jane", role=Role.CONTRIBUTOR, password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD) -> HttpResponse:
    response = client.post(reverse("accounts:sign_in"), {"username": "jane", "password": password})
    assert isinstance(response, HttpResponse)
    return response


def is_signed_in(client: Client) -> bool:
    return client.get(reverse("accounts:tokens")).status_code == 200


def test_pages_ask_for_a_sign_in(client: Client) -> None:
    response = client.get(reverse("accounts:tokens"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("accounts:sign_in"))


def test_signing_in_and_out(client: Client, jane: User) -> None:
    assert client.get(reverse("accounts:sign_in")).status_code == 200
    assert sign_in(client).status_code == 302
    assert is_signed_in(client)
    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert is_signed_in(client)
    client.post(reverse("accounts:sign_out"))
    assert not is_signed_in(client)


def test_guessing_is_refused_even_with_the_right_password(client: Client, jane: User) -> None:
    for _ in range(MAX_BY_NAME_AND_ADDRESS):
        assert b"Too many" not in sign_in(client, "wrong").content
    assert b"Too many failed attempts" in sign_in(client).content
    assert not is_signed_in(client)


def test_signing_in_never_leads_to_another_site(client: Client, jane: User) -> None:
    response = client.post(
        reverse("accounts:sign_in"),
        {"username": "jane", "password": PASSWORD, "next": "https://evil.example/"},
    )
    assert response["Location"] == "/"


def test_opening_a_link_does_not_use_it_up(client: Client, jane: User) -> None:
    address = reverse(
        "accounts:sign_in_link", kwargs={"secret": services.sign_in_link_issue(user=jane)}
    )
    for _ in range(2):
        response = client.get(address)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
    assert not is_signed_in(client)
    assert client.post(address).status_code == 302
    assert is_signed_in(client)
    other = Client()
    assert other.get(address).status_code == 410
    assert other.post(address).status_code == 410
    assert not is_signed_in(other)


def test_a_link_needs_the_form(jane: User) -> None:
    client = Client(enforce_csrf_checks=True)
    secret = services.sign_in_link_issue(user=jane)
    address = reverse("accounts:sign_in_link", kwargs={"secret": secret})
    assert client.post(address).status_code == 403


def test_a_token_is_shown_once(client: Client, jane: User) -> None:
    client.force_login(jane)
    address = reverse("accounts:tokens")
    response = client.post(address, {"name": "report", "days": "30"})
    secret = response.context["issued"].secret
    assert secret in response.content.decode()
    assert services.token_use(secret=secret) == jane
    assert secret not in client.get(address).content.decode()
    token = jane.api_tokens.get()
    client.post(reverse("accounts:token_revoke", kwargs={"token_id": token.pk}))
    assert services.token_use(secret=secret) is None


def test_a_token_without_a_name_is_refused(client: Client, jane: User) -> None:
    client.force_login(jane)
    response = client.post(reverse("accounts:tokens"), {"name": " ", "days": "30"})
    assert response.status_code == 422
    assert not jane.api_tokens.exists()


def test_somebody_elses_token_does_not_exist(client: Client, jane: User) -> None:
    joe = services.user_create(username="joe")
    token = services.token_issue(user=joe, name="x").token
    client.force_login(jane)
    address = reverse("accounts:token_revoke", kwargs={"token_id": token.pk})
    assert client.post(address).status_code == 404


def test_a_first_password_needs_no_old_one(client: Client) -> None:
    joe = services.user_create(username="joe")
    client.force_login(joe)
    passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post(reverse("accounts:password_change"), passwords).status_code == 302
    joe.refresh_from_db()
    assert joe.check_password(PASSWORD)
    again = client.post(reverse("accounts:password_change"), passwords)
    assert "old_password" in again.context["form"].errors


def test_a_forgotten_password_is_set_anew_after_a_link_and_only_then(
    client: Client, jane: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = services.sign_in_link_issue(user=jane)
    client.post(reverse("accounts:sign_in_link", kwargs={"secret": secret}))
    passwords = {"new_password1": "another fine day 7", "new_password2": "another fine day 7"}
    address = reverse("accounts:password_change")
    later = clock.now() + timedelta(minutes=16)
    with monkeypatch.context() as patch:
        patch.setattr("accounts.web.views.clock.now", lambda: later)
        assert "old_password" in client.get(address).context["form"].fields
    assert "old_password" not in client.get(address).context["form"].fields
    assert client.post(address, passwords).status_code == 302
    jane.refresh_from_db()
    assert jane.check_password("another fine day 7")
    assert "old_password" in client.get(address).context["form"].fields
