"""People who would be called, believed or told what is not theirs."""

import json
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.channels.formats import mattermost
from alerts.domain.messages import Answer, Mention
from alerts.domain.states import DeliveryState
from alerts.models import CalendarFeed, Channel, ChatIdentity, Delivery, LinkCode, Preference
from alerts.selectors.answers import digests_showing
from alerts.services import identities
from alerts.services.calendars import calendar_feed_create, calendar_feed_use
from alerts.services.channels import channel_create, channel_update
from alerts.services.identities import code_make
from alerts.services.links import Offered, Purpose, offer_token
from common import clock
from common.errors import Denied
from tests.builders.answering import mattermost_channel, tell
from tests.builders.debts import make_active_debt, make_person

pytestmark = pytest.mark.django_db
ANN = "a" * 26
HOOK = "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def ann(db: None) -> Any:
    cache.clear()
    return make_person("ann")


@pytest.fixture
def debt(ann: Any) -> Any:
    return make_active_debt(ann, make_person("boss", Role.APPROVER))


@pytest.fixture
def own(ann: Any) -> Channel:
    return channel_create(
        actor=ann, kind="discord", name="Ann alone", values={"url": HOOK}, person_id=ann.pk
    )


def test_nobody_takes_the_name_of_everybody(ann: Any, debt: Any) -> None:
    """A dialog is sent off by a client, which can put any name into it."""
    channel = mattermost_channel()
    offered = Offered(
        debt.pk, debt.due_on, Answer.ACKNOWLEDGE, channel.pk, chat_id=ANN, chat_name="ann.lee"
    )
    payload = {
        "type": "dialog_submission", "user_id": ANN, "user_name": "channel",
        "state": offer_token(offered, purpose=Purpose.FORM),
        "submission": {"code": code_make(user=ann)},
    }  # fmt: skip
    response = Client().post(
        f"/chat/mattermost/{channel.key}/dialog", payload, content_type="application/json"
    )
    assert response.json() == {}
    assert ChatIdentity.objects.get().chat_name == "ann.lee"


@pytest.mark.parametrize("name", ["all", "channel", "here", "here.", "all-"])
def test_no_name_rings_the_whole_room(name: str) -> None:
    assert mattermost.called(Mention("ann", "Ann", name)) == "Ann"


def test_a_name_that_only_begins_so_is_one() -> None:
    assert mattermost.called(Mention("ann", "Ann", "allan")) == "@allan"


def test_codes_cannot_be_guessed_by_one_account(ann: Any, debt: Any) -> None:
    channel = mattermost_channel()
    offered = Offered(debt.pk, debt.due_on, Answer.ACKNOWLEDGE, channel.pk, chat_id=ANN)
    state = offer_token(offered, purpose=Purpose.FORM)

    def submit(code: str) -> str:
        body = {"user_id": ANN, "state": state, "submission": {"code": code}}
        answer = Client().post(
            f"/chat/mattermost/{channel.key}/dialog", body, content_type="application/json"
        )
        return json.dumps(answer.json())

    for number in range(identities.MOST_GUESSES):
        assert "wrong" in submit(f"AAAAAAA{number % 8 + 2}")
    assert "many wrong codes" in submit(code_make(user=ann))
    assert not ChatIdentity.objects.exists()


def test_nobody_else_leads_a_persons_channel_elsewhere(ann: Any, own: Channel) -> None:
    """Its links act in the person's name without a sign-in."""
    for role in (Role.OPERATOR, Role.ADMIN):
        other = make_person(role.value, role)
        with pytest.raises(Denied, match="where it leads"):
            channel_update(actor=other, channel_id=own.pk, values={"url": f"{HOOK}-mine"})
        channel_update(actor=other, channel_id=own.pk, name=f"renamed by {role}")
        client = Client()
        client.force_login(other)
        page = client.get(f"/alerts/channels/{own.pk}/").content.decode()
        assert f"/alerts/channels/{own.pk}/edit/" not in page
        form = {"name": "x", "setting_url": f"{HOOK}-mine"}
        assert client.post(f"/alerts/channels/{own.pk}/edit/", form).status_code == 403
    sealed = Channel.objects.get(pk=own.pk).secret
    channel_update(actor=ann, channel_id=own.pk, values={"url": f"{HOOK}-new"})
    assert Channel.objects.get(pk=own.pk).secret != sealed


def test_who_is_shut_out_is_known_and_told_nowhere(ann: Any, own: Channel, debt: Any) -> None:
    team = accounts_services.team_create(slug="payments", name="Payments")
    _, token = calendar_feed_create(actor=ann, team=team)
    code = code_make(user=ann)
    ChatIdentity.objects.create(user=ann, kind="slack", chat_id="U1", linked_at=clock.now())
    Preference.objects.create(user=ann, channel=own, own_debts=True, updated_at=clock.now())
    waiting, sent = tell(own, debt, state="waiting"), tell(mattermost_channel(), debt)
    assert calendar_feed_use(token=token) is not None

    accounts_services.user_deactivate(user=ann)
    assert calendar_feed_use(token=token) is None
    assert not ChatIdentity.objects.exists()
    own.refresh_from_db()
    assert not own.is_on
    assert Delivery.objects.get(pk=waiting.pk).state == DeliveryState.DROPPED
    since = clock.now() - clock.now().resolution * 10**9
    assert list(digests_showing(debt.pk, debt.due_on, since=since)) == [sent.pk]
    Channel.objects.filter(pk=own.pk).update(disabled_at=None)
    assert list(digests_showing(debt.pk, debt.due_on, since=since)) == [sent.pk]

    # Nor does any of it come back with the person.
    accounts_services.user_reactivate(user=ann)
    assert calendar_feed_use(token=token) is None
    assert not CalendarFeed.objects.filter(revoked_at=None).exists()
    assert not LinkCode.objects.filter(used_at=None).exists()
    assert code


def test_whoever_is_deleted_takes_everything_along(ann: Any, own: Channel) -> None:
    team = accounts_services.team_create(slug="payments", name="Payments")
    _, token = calendar_feed_create(actor=ann, team=team)
    code_make(user=ann)
    ChatIdentity.objects.create(user=ann, kind="slack", chat_id="U1", linked_at=clock.now())
    ann.delete()
    assert calendar_feed_use(token=token) is None
    for model in (ChatIdentity, LinkCode, Channel):
        assert not model.objects.exists()
