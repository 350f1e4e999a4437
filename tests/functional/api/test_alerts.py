"""Channels, rules, schedules and the delivery log over the API: secrets, roles, real sending."""

from collections.abc import Iterator
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from accounts.models import RequestRecord
from alerts.models import Channel, Delivery
from tests.fakes.receiver import Receiver
from tests.fakes.receiver import receiver as receiving
from tests.functional.api.conftest import Api

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with receiving(known=Receiver(answer=200)) as server:
        yield server


@pytest.fixture
def body(receiver: Receiver) -> dict[str, Any]:
    values = {"url": f"{receiver.url}/hook", "secret": SECRET}
    return {"kind": "webhook", "name": "ops", "values": values}


@pytest.fixture
def channel(operator: Api, body: dict[str, Any]) -> Any:
    made = operator.post("channels", body)
    assert made.status_code == 201, made.content
    return made.json()


def test_secrets_go_in_and_never_come_out(operator: Api, body: dict[str, Any]) -> None:
    first = operator.post("channels", body, Idempotency_Key="k")
    again = operator.post("channels", body, Idempotency_Key="k")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Channel.objects.count() == 1
    said = first.content.decode() + operator.get("channels").content.decode()
    assert SECRET not in said
    assert Channel.objects.get().key not in said
    assert SECRET not in RequestRecord.objects.get().body
    assert first.json()["secrets"] == ["secret", "url"] or "secret" in first.json()["secrets"]


def test_a_test_message_is_really_sent(
    operator: Api, channel: Any, receiver: Receiver, viewer: Api
) -> None:
    at = f"channels/{channel['id']}"
    assert viewer.post(f"{at}/test").status_code == 403
    answer = operator.post(f"{at}/test")
    assert answer.status_code == 200
    assert answer.json()["is_sent"] is True
    listed = viewer.get("deliveries?kind=test&state=sent").json()["results"]
    assert [one["channel"] for one in listed] == [channel["id"]]
    detail = viewer.get(f"deliveries/{listed[0]['id']}").json()
    assert [one["outcome"] for one in detail["tries"]] == ["sent"]
    assert operator.post(f"deliveries/{listed[0]['id']}/retry").status_code in (409, 422)


def test_a_change_needs_to_know_what_it_changes(operator: Api, channel: Any, viewer: Api) -> None:
    at = f"channels/{channel['id']}"
    tag = operator.get(at)["ETag"]
    assert operator.patch(at, {"name": "x"}).status_code == 428
    assert viewer.patch(at, {"name": "x"}, If_Match=tag).status_code == 403
    assert operator.patch(at, {"name": "new"}, If_Match=tag).json()["name"] == "new"
    assert operator.patch(at, {"name": "newer"}, If_Match=tag).status_code == 412
    bad = operator.patch(at, {"values": {"nothing": "x"}}, If_Match="*")
    assert bad.status_code == 422


def test_an_optional_secret_is_forgotten(operator: Api) -> None:
    values = {
        "token": "xoxb-1234567890-abcdef", "channel": "C0123456789", "signing_secret": "ab" * 16,
    }  # fmt: skip
    made = operator.post("channels", {"kind": "slack", "name": "ops", "values": values}).json()
    assert set(made["secrets"]) == {"token", "signing_secret"}
    at = f"channels/{made['id']}"
    assert operator.patch(at, {"clear": ["token"]}, If_Match="*").status_code == 422
    assert operator.patch(at, {"clear": ["channel"]}, If_Match="*").status_code == 422
    changed = operator.patch(at, {"clear": ["signing_secret"]}, If_Match="*")
    assert changed.json()["secrets"] == ["token"]


def test_a_channel_is_switched_and_deleted(operator: Api, channel: Any) -> None:
    at = f"channels/{channel['id']}"
    off = operator.post(f"{at}/disable", {"reason": "holidays"}).json()
    assert (off["is_enabled"], off["disabled_reason"]) == (False, "holidays")
    assert operator.post(f"{at}/enable").json()["is_enabled"] is True
    assert operator.post(f"{at}/retry").json() == {"retried": 0}
    assert operator.send("DELETE", at).status_code == 204
    assert operator.get(at).status_code == 404


def test_a_persons_own_channel_is_nobody_elses(
    operator: Api, body: dict[str, Any], viewer: Api, person: Any
) -> None:
    ann = person(Role.CONTRIBUTOR, "ann")
    made = operator.post("channels", body).json()
    Channel.objects.filter(pk=made["id"]).update(person=ann)
    assert viewer.get(f"channels/{made['id']}").status_code == 404
    assert viewer.get("channels").json()["results"] == []
    own = Api(accounts_services.token_issue(user=ann, name="t").secret)
    assert own.get(f"channels/{made['id']}").status_code == 200


def test_a_rule_is_made_off_switched_and_deleted(
    operator: Api, channel: Any, viewer: Api, person: Any
) -> None:
    lead = person(Role.CONTRIBUTOR, "lea")
    team = accounts_services.team_create(slug="payments", name="Payments", members=[lead])
    body = {"name": "Payments", "channel": channel["id"], "team": "payments"}
    assert viewer.post("routes", body).status_code == 403
    made = operator.post("routes", body)
    assert made.status_code == 201
    at = f"routes/{made.json()['id']}"
    assert made.json()["is_on"] is False
    changed = operator.patch(
        at, {"least_severity": "high", "system": "checkout"}, If_Match="*"
    ).json()
    assert (changed["least_severity"], changed["team"]) == ("high", "payments")
    preview = viewer.get(f"{at}/preview").json()
    assert (preview["messages"], preview["days"]) == (0, [])
    assert operator.post(f"{at}/switch-on").json()["is_on"] is True
    assert operator.send("DELETE", f"channels/{channel['id']}").status_code == 409
    assert operator.post(f"{at}/switch-off").json()["is_on"] is False
    assert operator.send("DELETE", at).status_code == 204
    assert operator.post("routes", {**body, "team": "none"}).status_code == 400
    assert operator.post("routes", {**body, "channel": 10**9}).status_code == 400
    assert team.pk


def test_a_schedule_is_the_organisations_until_it_is_the_teams_own(
    operator: Api, viewer: Api
) -> None:
    accounts_services.team_create(slug="payments", name="Payments", members=[])
    before = viewer.get("schedules/payments").json()
    assert before["is_own"] is False
    assert len(before["next_working_days"]) == 5
    assert viewer.patch("schedules/payments", {"weekly_on": 2}, If_Match="*").status_code == 403
    changed = operator.patch(
        "schedules/payments",
        {"time_zone": "Europe/Berlin", "country": "DE", "subdivision": "BY", "speaks_at": "08:15"},
        If_Match="*",
    ).json()
    assert (changed["is_own"], changed["country"]) == (True, "DE")
    kept = operator.patch("schedules/payments", {"weekly_on": 2}, If_Match="*").json()
    assert (kept["subdivision"], kept["speaks_at"], kept["weekly_on"]) == ("BY", "08:15", 2)
    assert (
        operator.patch("schedules/-", {"time_zone": "Mars/Olympus"}, If_Match="*").status_code
        == 422
    )
    assert viewer.get("schedules/nobody").status_code == 404


def test_a_message_is_dropped_with_a_reason(
    operator: Api, channel: Any, receiver: Receiver
) -> None:
    operator.post(f"channels/{channel['id']}/test")
    found = Delivery.objects.get()
    Delivery.objects.filter(pk=found.pk).update(state="dead", sent_at=None)
    at = f"deliveries/{found.pk}"
    assert operator.post(f"{at}/drop", {"reason": " "}).status_code == 422
    assert operator.post(f"{at}/drop", {"reason": "no use"}).json()["state"] == "dropped"
    assert operator.get("deliveries?q=nothing-like-it").json()["results"] == []


def test_rules_and_schedules_are_changed_as_they_were_read(operator: Api, channel: Any) -> None:
    made = operator.post("routes", {"name": "all", "channel": channel["id"]})
    rule, tag = f"routes/{made.json()['id']}", made["ETag"]
    assert operator.get(rule)["ETag"] == tag
    assert operator.patch(rule, {"system": "shop"}).status_code == 428
    changed = operator.patch(rule, {"system": "shop"}, If_Match=tag)
    assert changed.json()["system"] == "shop"
    assert operator.patch(rule, {"system": "till"}, If_Match=tag).status_code == 412
    switched = operator.post(f"{rule}/switch-on", {})
    assert operator.patch(rule, {"name": "x"}, If_Match=changed["ETag"]).status_code == 412
    assert operator.patch(rule, {"name": "x"}, If_Match=switched["ETag"]).status_code == 200
    tag = operator.get("schedules/-")["ETag"]
    assert operator.patch("schedules/-", {"weekly_on": 1}).status_code == 428
    assert operator.patch("schedules/-", {"weekly_on": 1}, If_Match=tag).json()["weekly_on"] == 1
    assert operator.patch("schedules/-", {"weekly_on": 2}, If_Match=tag).status_code == 412
