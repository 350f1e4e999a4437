"""The page behind a link below a message."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.domain.messages import Answer
from alerts.models import Channel, GivenAnswer, UsedOnce
from alerts.services.channels import channel_create
from common import clock
from ledger import services as ledger_services
from ledger.domain.estimates import Interest
from ledger.models import DebtItem, ExtensionRequest
from ledger.selectors import answers_of, debt_get
from tests.builders.answering import admin, offers, slack_channel, tell
from tests.builders.debts import in_days, make_active_debt, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(db: None) -> Any:
    return make_person("ann")


@pytest.fixture
def boss(db: None) -> Any:
    return make_person("boss", Role.APPROVER)


@pytest.fixture
def debt(ann: Any, boss: Any) -> DebtItem:
    return make_active_debt(ann, boss)


@pytest.fixture
def shared(db: None) -> Channel:
    return slack_channel()


@pytest.fixture
def own(ann: Any) -> Channel:
    """Ann's own channel: what is sent there, only she reads."""
    values = {
        "token": "xoxb-1234567890-abcdef", "channel": "D0123456789", "signing_secret": "",
        "workspace": "", "api": "https://slack.invalid/api",
    }  # fmt: skip
    return channel_create(
        actor=admin(), kind="slack", name="Ann herself", values=values, person_id=ann.pk
    )


def path_of(channel: Channel, debt: DebtItem, answer: Answer = Answer.ACKNOWLEDGE) -> str:
    return urlsplit(offers(channel, debt)[answer].url).path


def browser(user: Any = None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


def test_opening_a_link_changes_nothing(ann: Any, own: Channel, debt: DebtItem) -> None:
    """Chat services, mail scanners and browsers open every link to look at it."""
    for answer in Answer:
        path = path_of(own, debt, answer)
        for client in (browser(), browser(ann)):
            for _ in range(2):
                assert client.get(path).status_code == 200
                assert client.head(path).status_code == 200
    assert debt_get(debt.pk).version == debt.version
    assert not GivenAnswer.objects.exists()
    assert not UsedOnce.objects.exists()


def test_a_link_of_a_shared_channel_asks_who_it_is(shared: Channel, debt: DebtItem) -> None:
    path = path_of(shared, debt)
    for response in (browser().get(path), browser().post(path)):
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/sign-in/?next=/answers/")
        assert debt.title not in response.content.decode()
    assert not GivenAnswer.objects.exists()


def test_whoever_is_signed_in_answers_as_themselves(
    ann: Any, boss: Any, shared: Channel, debt: DebtItem
) -> None:
    sent = tell(shared, debt)
    path = path_of(shared, debt)
    page = browser(boss).get(path).content.decode()
    assert debt.title in page
    assert "you are Boss" in page
    response = browser(boss).post(path, follow=True)
    assert "Boss has seen it." in response.content.decode()
    assert answers_of([debt.pk])[debt.pk].seen_by == "boss"
    assert sent.followers.get().kind == "edit"
    # It is one answer for each person: Ann still has hers.
    assert "I have seen it" in browser(ann).get(path).content.decode()


def test_a_link_of_ones_own_channel_needs_no_sign_in(
    ann: Any, own: Channel, debt: DebtItem
) -> None:
    path = path_of(own, debt)
    assert "You answer as Ann" in browser().get(path).content.decode()
    assert "Ann has seen it." in browser().post(path, follow=True).content.decode()
    given = GivenAnswer.objects.get()
    assert (given.user, given.via, given.channel) == (ann, "link", own)


def test_sent_off_twice(own: Channel, debt: DebtItem) -> None:
    path, client = path_of(own, debt), browser()
    first, second = client.post(path), client.post(path)
    assert (first.status_code, second.status_code) == (302, 200)
    assert "Your answer is noted" in second.content.decode()
    assert GivenAnswer.objects.count() == 1


def test_somebody_else_cannot_use_it(boss: Any, own: Channel, debt: DebtItem) -> None:
    path = path_of(own, debt)
    for response in (browser(boss).get(path), browser(boss).post(path)):
        assert response.status_code == 403
        page = response.content.decode()
        assert "sent to somebody else" in page
        assert debt.title not in page
    assert not GivenAnswer.objects.exists()


def test_a_person_who_left(ann: Any, own: Channel, shared: Channel, debt: DebtItem) -> None:
    client = browser(ann)
    accounts_services.user_deactivate(user=ann)
    for response in (browser().get(path_of(own, debt)), browser().post(path_of(own, debt))):
        assert response.status_code == 410
    assert client.post(path_of(shared, debt)).status_code == 302
    assert not GivenAnswer.objects.exists()


def test_a_channel_that_is_gone_or_has_changed_hands(
    boss: Any, own: Channel, debt: DebtItem
) -> None:
    path = path_of(own, debt)
    Channel.objects.update(person=boss)
    assert "belongs to somebody else by now" in browser().post(path).content.decode()
    Channel.objects.update(person=None)
    assert browser(boss).post(path).status_code == 410
    Channel.objects.all().delete()
    assert "does not exist any more" in browser().post(path).content.decode()
    assert not GivenAnswer.objects.exists()


def _flipped(path: str) -> str:
    token = path.split("/")[2]
    swapped = "A" if token[-1] != "A" else "B"
    return f"/answers/{token[:-1]}{swapped}/"


@pytest.mark.parametrize(
    "forge",
    [
        _flipped,
        lambda path: path.replace(path.split("/")[2][:6], "AAAAAA"),
        lambda path: path[:-5] + "/",
        lambda _path: "/answers/x/",
        lambda _path: "/answers/%00/",
        lambda _path: "/answers/ünïcode:…/",
        lambda _path: "/answers/" + "a:" * 3000 + "/",
        lambda _path: "/answers/::::/",
    ],
)
def test_a_forged_link(own: Channel, debt: DebtItem, forge: Callable[[str], str]) -> None:
    path = forge(path_of(own, debt))
    for response in (browser().get(path), browser().post(path)):
        assert response.status_code == 410
        assert "not offered by Displace" in response.content.decode()
    assert not GivenAnswer.objects.exists()


def test_the_token_of_a_button_is_no_link(own: Channel, debt: DebtItem) -> None:
    token = offers(own, debt)[Answer.ACKNOWLEDGE].token
    assert browser().post(f"/answers/{token}/").status_code == 410


def test_a_link_runs_out(own: Channel, debt: DebtItem, monkeypatch: pytest.MonkeyPatch) -> None:
    path, now = path_of(own, debt), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=13, hours=23))
    assert browser().get(path).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(days=14, minutes=1))
    assert "more than 14 days ago" in browser().post(path).content.decode()
    assert not GivenAnswer.objects.exists()


def test_a_promise_that_has_moved(boss: Any, own: Channel, debt: DebtItem) -> None:
    path = path_of(own, debt)
    ledger_services.debt_extend(
        actor=boss, item_id=debt.pk, due_on=in_days(40), reason="agreed",
        interest=Interest.of(2, 4, 9),
    )  # fmt: skip
    for response in (browser().get(path), browser().post(path)):
        assert response.status_code == 410
        assert "has moved to" in response.content.decode()


def test_a_debt_that_is_no_longer_owed(boss: Any, own: Channel, debt: DebtItem) -> None:
    path = path_of(own, debt)
    ledger_services.debt_write_off(actor=boss, item_id=debt.pk, reason="The shop closes.")
    for response in (browser().get(path), browser().post(path)):
        assert response.status_code == 410
        assert f"{debt.reference} is written off" in response.content.decode()
    assert not GivenAnswer.objects.exists()


def test_put_off(ann: Any, own: Channel, debt: DebtItem) -> None:
    path, client = path_of(own, debt, Answer.SNOOZE), browser()
    assert f'value="{in_days(3)}"' in client.get(path).content.decode()
    for until in ("", "soon", str(in_days(300)), str(in_days(-1)), "9999-99-99"):
        response = client.post(path, {"until": until})
        assert response.status_code == 422
        assert "field-error" in response.content.decode()
    # What was refused can be mended with the same link.
    assert client.post(path, {"until": in_days(2)}).status_code == 302
    assert answers_of([debt.pk])[debt.pk].snoozed_until == in_days(2)


def test_more_time_is_asked_for(own: Channel, debt: DebtItem) -> None:
    path, client = path_of(own, debt, Answer.EXTEND), browser()
    values = {"new_date": in_days(40), "reason": "late"}
    refused = client.post(path, {**values, "new_date": in_days(1)})
    assert refused.status_code == 422
    assert client.post(path, {"new_date": in_days(40), "reason": ""}).status_code == 422
    assert client.post(path, values).status_code == 302
    assert ExtensionRequest.objects.get().due_on == in_days(40)


def test_a_forwarded_letter_grants_nothing(boss: Any, debt: DebtItem) -> None:
    values = {
        "token": "xoxb-1234567890-abcdef", "channel": "D0123456789",
        "api": "https://slack.invalid/api",
    }  # fmt: skip
    channel = channel_create(
        actor=admin(), kind="slack", name="Boss", values=values, person_id=boss.pk
    )
    path = path_of(channel, debt, Answer.EXTEND)
    answer = {"new_date": in_days(40), "reason": "agreed"}
    browser().post(path, answer)
    assert debt_get(debt.pk).due_on == debt.due_on
    assert ExtensionRequest.objects.get().due_on == in_days(40)
    # Signed in, the same person grants it.
    UsedOnce.objects.all().delete()
    browser(boss).post(path, answer)
    assert debt_get(debt.pk).due_on == in_days(40)


def test_a_post_from_another_site_is_refused(own: Channel, debt: DebtItem) -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(path_of(own, debt)).status_code == 403
    assert not GivenAnswer.objects.exists()


def test_what_a_browser_and_a_robot_are_told(own: Channel, debt: DebtItem) -> None:
    for response in (
        browser().get(path_of(own, debt)), browser().get("/answers/x/"),
        browser(admin()).get(path_of(own, debt)),
    ):  # fmt: skip
        assert response["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert response["Referrer-Policy"] == "same-origin"
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]
        assert "script-src 'self'" in response["Content-Security-Policy"]
    assert browser().put(path_of(own, debt)).status_code == 405


def test_a_title_with_marks_stays_a_title(ann: Any, boss: Any, own: Channel) -> None:
    item = make_active_debt(ann, boss, title='<script>alert(1)</script>" onload="x')
    page = browser().get(path_of(own, item)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
