"""Targets: who may set one up, which settings it takes, and where its credential is not seen."""

import json
from typing import Any

import pytest

from accounts.domain.roles import Role
from accounts.selectors import User
from common.connection_settings import MASK
from common.encryption import unseal
from common.errors import Denied, NotFound, Refused
from orchestration.engines.engine import EngineFailed
from orchestration.engines.registry import ENGINES, engine_of
from orchestration.models import Target
from orchestration.selectors import targets as selectors
from orchestration.services import targets as services
from tests.builders.debts import make_person
from tests.fakes.loopback import service
from tests.fakes.targets import TOKEN, Awx
from tests.integration.common.test_http_authority import certificate

pytestmark = pytest.mark.django_db

VALUES = {"url": "https://awx.example.org", "token": TOKEN}


@pytest.fixture
def olga() -> User:
    person: User = make_person("olga", Role.OPERATOR)
    return person


def make(actor: User, **changes: Any) -> Target:
    values = {"engine": "awx", "name": "Our AWX", "values": VALUES, **changes}
    return services.target_create(actor=actor, **values)


def test_an_operator_makes_a_target_and_its_credential_is_sealed(olga: User) -> None:
    target = make(olga, name="  Our   AWX ")
    assert (target.name, target.created_by) == ("Our AWX", olga)
    assert target.options == {"url": VALUES["url"], "trusted": ""}
    assert TOKEN not in target.secret
    assert len(target.key) >= 43
    assert services.settings_opened(target) == {**VALUES, "trusted": ""}
    shown = {one.field.name: one.text for one in selectors.values_shown(target)}
    assert shown == {"url": VALUES["url"], "token": MASK, "trusted": ""}


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_nobody_else_may(olga: User, role: Role) -> None:
    other = make_person("anna", role)
    with pytest.raises(Denied):
        make(other)
    target = make(olga)
    for call in (
        services.target_update, services.target_disable, services.target_enable,
        services.target_test,
    ):  # fmt: skip
        with pytest.raises(Denied):
            call(actor=other, target_id=target.pk)


def test_an_operator_who_was_deactivated_may_not_either(olga: User) -> None:
    olga.is_active = False
    olga.save()
    with pytest.raises(Denied):
        make(olga)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"engine": "nosuch"}, "engine"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\x07bell"}, "name"),
        ({"values": {**VALUES, "token": ""}}, "token"),
        ({"values": {**VALUES, "token": "two\nlines"}}, "token"),
        ({"values": {**VALUES, "url": "ftp://x"}}, "url"),
        ({"values": {**VALUES, "url": "https://me:secret@x"}}, "url"),
        ({"values": {**VALUES, "nosuch": "x"}}, "values"),
        ({"values": {**VALUES, "trusted": "x" * 8001}}, "trusted"),
        ({"values": {**VALUES, "trusted": "no certificate"}}, "trusted"),
    ],
)
def test_what_cannot_work_is_refused_with_its_field(
    olga: User, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make(olga, **changes)
    assert refused.value.field == field
    assert not Target.objects.exists()


def test_a_certificate_may_have_lines(olga: User) -> None:
    pem = certificate()[0].decode().strip()
    assert make(olga, values={**VALUES, "trusted": pem}).options["trusted"] == pem


def test_a_name_is_taken_once(olga: User) -> None:
    make(olga)
    with pytest.raises(Refused, match="already"):
        make(olga)
    other = make(olga, name="Another")
    with pytest.raises(Refused, match="already"):
        services.target_update(actor=olga, target_id=other.pk, name="Our AWX")


def test_a_credential_does_not_follow_to_another_address(olga: User) -> None:
    target = make(olga)
    moved = {"url": "https://evil.example.org"}
    with pytest.raises(Refused, match="given again") as refused:
        services.target_update(actor=olga, target_id=target.pk, values=moved)
    assert refused.value.field == "token"
    services.target_update(actor=olga, target_id=target.pk, values={**moved, "token": "another"})
    target.refresh_from_db()
    assert services.settings_opened(target)["token"] == "another"


def test_what_is_not_given_stays(olga: User) -> None:
    target = make(olga)
    services.target_update(actor=olga, target_id=target.pk, name="New", values={"token": " "})
    target.refresh_from_db()
    assert target.name == "New"
    assert services.settings_opened(target)["token"] == TOKEN


def test_a_target_is_switched_off_and_on(olga: User) -> None:
    target = make(olga)
    services.target_disable(actor=olga, target_id=target.pk)
    assert selectors.target_get(target.pk).disabled_at is not None
    services.target_enable(actor=olga, target_id=target.pk)
    assert selectors.target_get(target.pk).disabled_at is None
    with pytest.raises(NotFound):
        services.target_disable(actor=olga, target_id=0)


def test_a_target_is_tried_out(olga: User, settings: Any) -> None:
    settings.INTERNAL_HOSTS = ("127.0.0.1",)
    with service(Awx().answer) as running:
        good = make(olga, values={**VALUES, "url": running.url})
        bad = make(olga, name="Bad", values={"url": running.url, "token": "wrong-token"})
        found = services.target_test(actor=olga, target_id=good.pk)
        assert (found.is_well, found.sentences) == (
            True, ("AWX 24.6.1 answers and takes the token.",)
        )  # fmt: skip
        refused = services.target_test(actor=olga, target_id=bad.pk)
        assert not refused.is_well
        assert "wrong-token" not in str(refused.sentences)
    gone = services.target_test(actor=olga, target_id=good.pk)
    assert not gone.is_well
    settings.INTERNAL_HOSTS = ()
    assert "DISPLACE_INTERNAL_HOSTS" in str(
        services.target_test(actor=olga, target_id=good.pk).sentences
    )


def test_a_credential_that_no_key_opens_is_said_and_given_anew(olga: User) -> None:
    target = make(olga)
    Target.objects.filter(pk=target.pk).update(secret="gAAAAA")
    found = services.target_test(actor=olga, target_id=target.pk)
    assert not found.is_well
    assert "cannot be opened" in found.sentences[0]
    services.target_update(actor=olga, target_id=target.pk, values={"token": "another"})
    assert services.settings_opened(Target.objects.get())["token"] == "another"


def test_this_host_is_a_target_by_itself() -> None:
    first = services.local_target()
    assert services.local_target() == first
    assert services.local_target(engine="terraform") != first
    with pytest.raises(Refused, match="builds elsewhere"):
        services.local_target(engine="awx")
    Target.objects.filter(pk=first.pk).update(disabled_at=first.created_at)
    with pytest.raises(Refused, match="switched off"):
        services.local_target()


def test_every_engine_says_what_it_asks_for() -> None:
    for name, engine in ENGINES.items():
        assert engine.name == name
        assert engine.label
        assert engine.version()
        names = [one.name for one in engine.fields]
        assert len(names) == len(set(names))
        assert engine.is_local or any(one.is_secret for one in engine.fields)
        assert not engine.fields or engine.steps
        # Whatever is secret and sent somewhere is given anew when that changes.
        if not engine.is_local and name != "displace_cli":
            assert any(one.is_address for one in engine.fields)


def test_an_engine_that_is_not_known_is_said() -> None:
    with pytest.raises(EngineFailed, match="nosuch"):
        engine_of("nosuch")


def test_secrets_are_stored_as_sealed_json(olga: User) -> None:
    assert json.loads(unseal(make(olga).secret)) == {"token": TOKEN}
