"""Channels: who may set one up, which settings it takes, and where its secrets are not seen."""

import json
from collections.abc import Mapping

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from accounts.models import Membership, Team, User
from alerts.channels.kind import ChannelKind, Rate
from alerts.channels.registry import KINDS
from alerts.domain.messages import Envelope, Message, Receipt
from alerts.models import Channel, Route
from alerts.selectors import channels as selectors
from alerts.selectors.channel_documents import channel_document, kind_document
from alerts.services import channels as services
from alerts.services.opening import settings_of
from alerts.services.permits import may_manage
from common import clock
from common.connection_settings import MASK, Field
from common.errors import Denied, NotFound, Refused

pytestmark = pytest.mark.django_db

HOOK = "https://chat.example.org/hooks/abcdefghijklmnop"
BOT = {"server": "https://chat.example.org", "token": "t0" * 13, "channel_id": "c0" * 13}


@pytest.fixture
def operator() -> User:
    return accounts_services.user_create(username="olga", role=Role.OPERATOR)


@pytest.fixture
def lead() -> User:
    return accounts_services.user_create(username="lea", role=Role.VIEWER)


@pytest.fixture
def team(lead: User) -> Team:
    team = accounts_services.team_create(slug="payments", name="Payments", members=[lead])
    Membership.objects.filter(team=team, user=lead).update(is_lead=True)
    return team


def make(actor: User, **changes: object) -> Channel:
    values = {"kind": "mattermost", "name": "Payments", "values": BOT, **changes}
    return services.channel_create(actor=actor, **values)


def test_an_operator_makes_a_channel(operator: User) -> None:
    channel = make(operator, name="  Payments   room ")
    assert channel.name == "Payments room"
    assert channel.is_on
    assert channel.tokens == KINDS["mattermost"].rate.burst
    assert len(channel.key) >= 32
    assert channel.options == {"server": BOT["server"], "channel_id": BOT["channel_id"]}
    opened = settings_of(selectors.channel_get(channel.pk))
    assert {name: opened[name] for name in BOT} == BOT
    assert opened["answers_url"].endswith(f"/chat/mattermost/{channel.key}/actions")


def test_secrets_are_sealed_and_masked_everywhere(operator: User) -> None:
    channel = selectors.channel_get(make(operator).pk)
    row = Channel.objects.filter(pk=channel.pk).values().get()
    shown = [
        str(row), repr(channel), str(channel), json.dumps(channel_document(channel)),
        repr(selectors.values_shown(channel)), selectors.place_shown(channel),
    ]  # fmt: skip
    assert not any(BOT["token"] in text for text in shown)
    masks = {one.field.name: (one.text, one.is_set) for one in selectors.values_shown(channel)}
    assert masks["token"] == (MASK, True)
    assert masks["server"] == (BOT["server"], True)
    assert channel_document(channel)["settings"]["token"] == {"is_set": True}


def test_a_lead_sets_up_what_the_team_is_told_and_nothing_else(lead: User, team: Team) -> None:
    channel = make(lead, team_id=team.pk)
    services.channel_update(actor=lead, channel_id=channel.pk, name="Ours")
    services.channel_disable(actor=lead, channel_id=channel.pk)
    services.channel_enable(actor=lead, channel_id=channel.pk)
    services.channel_delete(actor=lead, channel_id=channel.pk)
    other = accounts_services.team_create(slug="shop", name="Shop", members=[lead])
    for team_id in (None, other.pk):
        assert not may_manage(lead, team_id)
        with pytest.raises(Denied):
            make(lead, team_id=team_id)


def test_whoever_may_not_manage_changes_nothing(operator: User, lead: User, team: Team) -> None:
    channel = make(operator)
    acts = (
        lambda: services.channel_update(actor=lead, channel_id=channel.pk, name="Mine"),
        lambda: services.channel_disable(actor=lead, channel_id=channel.pk),
        lambda: services.channel_enable(actor=lead, channel_id=channel.pk),
        lambda: services.channel_delete(actor=lead, channel_id=channel.pk),
    )
    for act in acts:
        with pytest.raises(Denied):
            act()
    assert selectors.channel_get(channel.pk).name == "Payments"


def test_a_deactivated_lead_manages_nothing(lead: User, team: Team) -> None:
    accounts_services.user_create(username="root", role=Role.ADMIN)
    accounts_services.user_deactivate(user=lead)
    lead.refresh_from_db()
    assert not may_manage(lead, team.pk)


def test_a_persons_own_channel_is_theirs(operator: User, lead: User, team: Team) -> None:
    own = make(lead, name="Lea", person_id=lead.pk)
    other = accounts_services.user_create(username="otto", role=Role.CONTRIBUTOR)
    with pytest.raises(Denied):
        make(other, name="Spy", person_id=lead.pk)
    with pytest.raises(Refused, match="not to both"):
        make(operator, name="Both", person_id=lead.pk, team_id=team.pk)
    assert own in selectors.channels_visible(lead)
    assert own in selectors.channels_visible(operator)
    assert own not in selectors.channels_visible(other)
    assert own not in selectors.channels_visible()
    with pytest.raises(NotFound):
        selectors.channel_get(own.pk, other)
    with pytest.raises(Denied):
        services.channel_update(actor=other, channel_id=own.pk, name="Mine")
    services.channel_update(actor=lead, channel_id=own.pk, name="Lea's")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"name": "  "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"values": {**BOT, "token": " "}}, "token"),
        ({"values": {**BOT, "channel_id": "town-square"}}, "channel_id"),
        ({"values": {**BOT, "server": "x" * 2001}}, "server"),
        ({"values": {**BOT, "server": "https://a.example\nHost: b"}}, "server"),
        ({"values": {**BOT, "colour": "red"}}, "values"),
        ({"team_id": 10**6}, "team"),
        ({"person_id": 10**6}, "person"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field(
    operator: User, changes: Mapping[str, object], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        make(operator, **changes)
    assert caught.value.field == field
    assert BOT["token"] not in caught.value.message
    assert not Channel.objects.exists()


def test_a_name_is_taken_once(operator: User) -> None:
    make(operator)
    second = make(operator, name="Second")
    for act in (
        lambda: make(operator),
        lambda: services.channel_update(actor=operator, channel_id=second.pk, name="Payments"),
    ):
        with pytest.raises(Refused, match="already") as caught:
            act()
        assert caught.value.field == "name"


def test_an_empty_secret_keeps_the_old_one(operator: User) -> None:
    channel = make(operator)
    changed = {"channel_id": "d0" * 13, "token": ""}
    services.channel_update(actor=operator, channel_id=channel.pk, values=changed)
    opened = settings_of(selectors.channel_get(channel.pk))
    assert (opened["token"], opened["channel_id"]) == (BOT["token"], "d0" * 13)
    assert opened["server"] == BOT["server"]


def test_a_secret_is_not_sent_to_an_address_of_somebody_elses_choice(operator: User) -> None:
    channel = make(operator)
    moved = {**BOT, "server": "https://evil.example", "token": ""}
    with pytest.raises(Refused, match="given again") as caught:
        services.channel_update(actor=operator, channel_id=channel.pk, values=moved)
    assert caught.value.field == "token"
    assert settings_of(selectors.channel_get(channel.pk))["server"] == BOT["server"]
    again = {**moved, "token": "n0" * 13}
    services.channel_update(actor=operator, channel_id=channel.pk, values=again)
    same = {"server": "https://evil.example", "token": ""}
    services.channel_update(actor=operator, channel_id=channel.pk, values=same)


def test_new_settings_close_the_breaker_and_leave_the_switch(operator: User) -> None:
    channel = make(operator)
    services.channel_disable(actor=operator, channel_id=channel.pk, reason="moving\nhouse")
    Channel.objects.update(failures=7, open_until=clock.now())
    services.channel_update(actor=operator, channel_id=channel.pk, values={"token": "n0" * 13})
    changed = selectors.channel_get(channel.pk)
    assert (changed.failures, changed.open_until, changed.is_on) == (0, None, False)
    assert changed.disabled_reason == "moving house"
    services.channel_disable(actor=operator, channel_id=channel.pk, reason="twice")
    assert selectors.channel_get(channel.pk).disabled_reason == "moving house"
    enabled = services.channel_enable(actor=operator, channel_id=channel.pk)
    assert (enabled.is_on, enabled.disabled_reason) == (True, "")


def test_a_channel_that_a_rule_speaks_into_stays(operator: User) -> None:
    channel = make(operator)
    route = Route.objects.create(
        name="All", channel=channel, created_at=clock.now(), switched_on_at=clock.now()
    )
    with pytest.raises(Refused, match="“All”"):
        services.channel_delete(actor=operator, channel_id=channel.pk)
    Route.objects.filter(pk=route.pk).update(switched_on_at=None)
    services.channel_delete(actor=operator, channel_id=channel.pk)
    assert not Channel.objects.exists()
    with pytest.raises(NotFound):
        services.channel_delete(actor=operator, channel_id=channel.pk)


def test_a_secret_that_no_key_opens_can_be_given_again(operator: User) -> None:
    channel = make(operator)
    Channel.objects.update(secret="gAAAA-sealed-with-a-key-that-is-gone")
    channel = selectors.channel_get(channel.pk)
    assert [one.is_set for one in selectors.values_shown(channel) if one.field.is_secret] == [False]
    with pytest.raises(Refused):
        services.channel_update(actor=operator, channel_id=channel.pk, values={"token": ""})
    services.channel_update(actor=operator, channel_id=channel.pk, values={"token": BOT["token"]})
    assert settings_of(selectors.channel_get(channel.pk))["token"] == BOT["token"]


class Unguarded(ChannelKind):
    name = "unguarded"
    label = "Unguarded"
    fields = (Field("how", "How", choices=(("fast", "Fast"), ("slow", "Slow")), default="slow"),)
    rate = Rate(per_second=1.0)
    is_for_admins = True

    def check(self, settings: Mapping[str, str]) -> None:
        return

    def send(self, settings: Mapping[str, str], message: Message, envelope: Envelope) -> Receipt:
        return Receipt()


def test_a_kind_without_guards_is_an_admins(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "unguarded", Unguarded())
    with pytest.raises(Denied):
        make(operator, kind="unguarded", values={})
    admin = accounts_services.user_create(username="root", role=Role.ADMIN)
    channel = make(admin, kind="unguarded", values={})
    assert channel.options == {"how": "slow"}
    with pytest.raises(Refused) as caught:
        services.channel_update(actor=admin, channel_id=channel.pk, values={"how": "never"})
    assert caught.value.field == "how"
    with pytest.raises(Denied):
        services.channel_update(actor=operator, channel_id=channel.pk, values={"how": "fast"})
    with pytest.raises(Denied):
        services.channel_enable(actor=operator, channel_id=channel.pk)


def test_a_kind_of_another_version_is_shown_and_can_be_deleted(operator: User) -> None:
    channel = make(operator)
    Channel.objects.update(kind="pigeon")
    channel = selectors.channel_get(channel.pk)
    assert selectors.kind_known(channel) is None
    assert selectors.answers_url(channel) == ""
    assert channel_document(channel)["place"] == "unknown kind “pigeon”"
    services.channel_delete(actor=operator, channel_id=channel.pk)


def test_channels_are_found_by_their_key_and_name(operator: User) -> None:
    channel = make(operator)
    hook = make(operator, name="Hook", kind="mattermost_webhook", values={"url": HOOK})
    assert selectors.channel_by_key("mattermost", channel.key) == channel
    assert selectors.channel_by_key("slack", channel.key) is None
    assert selectors.channel_by_name("Hook") == hook
    assert selectors.answers_url(hook) == ""
    assert "abcdefghijklmnop" not in json.dumps(channel_document(hook))


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_kind_can_be_described(kind: ChannelKind) -> None:
    document = kind_document(kind)
    assert json.loads(json.dumps(document)) == document
    assert document["settings"]
    assert document["steps"]
    # Whoever looks at a channel knows only what is no secret.
    assert kind.shown({one.name: one.default for one in kind.fields if not one.is_secret})
