"""What a person wants to be told, and that it goes to nobody else."""

from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from alerts.models import Channel, Preference
from alerts.selectors.channels import place_shown
from alerts.services.channels import channel_create, channel_update
from alerts.services.opening import settings_of
from alerts.services.preferences import preference_update
from common.errors import Denied, Refused

pytestmark = pytest.mark.django_db

WEBHOOK = "https://discord.com/api/webhooks/123456789012345678/" + "a" * 68


@pytest.fixture(autouse=True)
def mail(settings: Any) -> None:
    settings.HAS_EMAIL = True


@pytest.fixture
def ann() -> Any:
    return accounts_services.user_create(
        username="ann", email="ann@example.org", display_name="Ann Lee", role=Role.VIEWER
    )


def choose(user: Any, kind: str = "", address: str = "", **changes: bool) -> Preference:
    wishes = {"own_debts": bool(kind), "escalations": True, "mentions": True, **changes}
    return preference_update(user=user, channel_kind=kind, address=address, **wishes)


def test_mail_goes_to_the_address_of_the_account(ann: Any) -> None:
    stored = choose(ann, "email", "ANN@example.org")
    assert stored.channel is not None
    assert (stored.channel.person, stored.channel.options) == (ann, {"to": "ann@example.org"})
    assert stored.channel.name == "ann (E-mail)"
    # Again, without the address, and once it is another: still one channel.
    ann.email = "ann.lee@example.org"
    ann.save(update_fields=["email"])
    again = choose(ann, "email", mentions=False)
    assert again.channel == stored.channel
    assert again.channel is not None
    again.channel.refresh_from_db()
    assert again.channel.options == {"to": "ann.lee@example.org"}
    assert not Preference.objects.get(user=ann).mentions


def test_nobody_has_another_mailbox_filled(ann: Any) -> None:
    with pytest.raises(Refused, match=r"address of your account, ann@example\.org") as refusal:
        choose(ann, "email", "victim@example.org")
    assert refusal.value.field == "address"
    # Nor by a channel of their own.
    values = {"to": "victim@example.org"}
    with pytest.raises(Refused, match="address of your account"):
        channel_create(actor=ann, kind="email", name="mine", values=values, person_id=ann.pk)
    mine = choose(ann, "email").channel
    assert mine is not None
    with pytest.raises(Refused, match="address of your account"):
        channel_update(actor=ann, channel_id=mine.pk, values=values)
    assert Channel.objects.count() == 1


def test_an_account_without_an_address_gets_no_mail(ann: Any) -> None:
    bo = accounts_services.user_create(username="bo", role=Role.VIEWER)
    with pytest.raises(Refused, match="no e-mail address"):
        choose(bo, "email")
    assert not Preference.objects.exists()


def test_a_kind_with_one_setting_takes_an_address(ann: Any) -> None:
    stored = choose(ann, "discord", WEBHOOK)
    assert stored.channel is not None
    assert stored.channel.kind == "discord"
    assert WEBHOOK not in str(stored.channel.options)
    assert choose(ann, "discord").channel == stored.channel
    with pytest.raises(Refused) as refusal:
        choose(ann, "discord", "no address")
    assert refusal.value.field == "address"


def test_a_kind_with_more_settings_is_set_up_as_a_channel_first(ann: Any) -> None:
    with pytest.raises(Refused, match="more than one setting") as refusal:
        choose(ann, "matrix", "!room:example.org")
    assert refusal.value.field == "channel_kind"
    with pytest.raises(Refused, match="Give the address"):
        choose(ann, "matrix")


def test_debts_need_a_place_to_be_told_at(ann: Any) -> None:
    with pytest.raises(Refused, match="Choose where"):
        choose(ann, own_debts=True)
    with pytest.raises(Refused, match="no kind of channel"):
        choose(ann, "pigeon")
    assert choose(ann).channel is None
    choose(ann, "email")
    assert choose(ann, own_debts=False).channel is None


def test_who_was_deactivated_chooses_nothing(ann: Any) -> None:
    accounts_services.user_deactivate(user=ann)
    ann.refresh_from_db()
    with pytest.raises(Denied):
        choose(ann, "email")


def test_a_name_that_is_taken_gets_a_number(ann: Any) -> None:
    root = accounts_services.user_create(username="root", role=Role.ADMIN, email="root@example.org")
    channel_create(actor=root, kind="email", name="ann (E-mail)", values={"to": "team@example.org"})
    stored = choose(ann, "email")
    assert stored.channel is not None
    assert stored.channel.name == "ann (E-mail) 2"


def test_mail_follows_the_account_at_once(ann: Any) -> None:
    stored = choose(ann, "email").channel
    assert stored is not None
    ann.email = "lee@example.org"
    ann.save(update_fields=["email"])
    channel = Channel.objects.get(pk=stored.pk)
    assert settings_of(channel)["to"] == "lee@example.org"
    assert "lee@example.org" in place_shown(channel)
    ann.email = ""
    ann.save(update_fields=["email"])
    # Never to the mailbox before, which may be somebody else's by now.
    with pytest.raises(Refused, match="no e-mail address"):
        settings_of(Channel.objects.get(pk=stored.pk))
