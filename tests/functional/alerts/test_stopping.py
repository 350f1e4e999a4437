"""Ending personal letters from the letter itself: at a press of the mailbox, or on a page."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import Channel, Preference
from alerts.services.channels import channel_create
from alerts.services.delivering import test_send as send_test_message
from alerts.services.preferences import preference_update
from tests.builders.debts import make_person
from tests.fakes.mailserver import Mailserver, mailserver

pytestmark = pytest.mark.django_db
BASE = "https://displace.example.org"


@pytest.fixture
def server(settings: Any) -> Iterator[Mailserver]:
    with mailserver() as running:
        settings.HAS_EMAIL = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running.port
        settings.DEFAULT_FROM_EMAIL = "Technical debt <debt@example.org>"
        settings.BASE_URL = BASE
        yield running


@pytest.fixture
def ann(server: Mailserver) -> Any:
    person = accounts_services.user_create(
        username="ann", role=Role.CONTRIBUTOR, email="ann@example.org", display_name="Ann Lee"
    )
    preference_update(
        user=person, channel_kind="email", address="", own_debts=True, escalations=True,
        mentions=True,
    )  # fmt: skip
    return person


def path_in(server: Mailserver, ann: Any) -> str:
    """The address that a personal letter names for its end."""
    send_test_message(actor=ann, channel_id=Channel.objects.get(person=ann).pk)
    letter = server.letters[-1]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = letter["List-Unsubscribe"].strip(" <>")
    for part in ("plain", "html"):
        body = letter.get_body((part,))
        assert body is not None
        assert address in body.get_content()
    return str(address.removeprefix(BASE))


def wishes(ann: Any) -> tuple[bool, bool, bool]:
    kept = Preference.objects.get(user=ann)
    return kept.own_debts, kept.escalations, kept.mentions


def test_the_mailbox_ends_it_without_a_session(server: Mailserver, ann: Any) -> None:
    path = path_in(server, ann)
    robot = Client(enforce_csrf_checks=True)
    assert robot.get(path).status_code == 200
    assert robot.head(path).status_code == 200
    assert wishes(ann) == (True, True, True)
    answer = robot.post(path, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert "told nothing more" in answer.content.decode()
    assert wishes(ann) == (False, False, True)
    assert robot.post(path).status_code == 200


def test_what_is_forged_or_somebody_s_who_left_ends_nothing(server: Mailserver, ann: Any) -> None:
    path = path_in(server, ann)
    robot = Client()
    for forged in (path[:-3] + "/", "/answers/stop/x:y/", f"/answers/stop/{'a' * 3000}/"):
        assert robot.post(forged).status_code == 410
    assert wishes(ann) == (True, True, True)
    accounts_services.user_deactivate(user=ann)
    assert robot.post(path).status_code == 410


def test_a_choice_of_another_place_stays(server: Mailserver, ann: Any) -> None:
    path = path_in(server, ann)
    other = channel_create(
        actor=make_person("oda", Role.OPERATOR),
        kind="mattermost_webhook",
        name="ann's own",
        values={"url": "https://chat.example.org/hooks/4xp9fdt77pncbef59f4k1qe83o"},
        person_id=ann.pk,
    )
    Preference.objects.update(channel=other)
    assert Client().post(path).status_code == 200
    assert wishes(ann) == (True, True, True)


def test_a_shared_mailbox_is_nobody_s_to_end(server: Mailserver) -> None:
    operator = make_person("oda", Role.OPERATOR)
    shared = channel_create(
        actor=operator, kind="email", name="Team", values={"to": "team@example.org"}
    )
    send_test_message(actor=operator, channel_id=shared.pk)
    letter = server.letters[-1]
    assert letter["List-Unsubscribe"] == f"<{BASE}/alerts/me/>"
    assert letter["List-Unsubscribe-Post"] is None
