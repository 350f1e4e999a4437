"""People, teams, tokens and links: what is written, and what is refused."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from accounts import selectors, services
from accounts.domain.roles import Role
from accounts.domain.throttle import MAX_BY_NAME_AND_ADDRESS
from accounts.models import ApiToken, SignInFailure, SignInLink, User
from common import clock
from common.errors import NotFound, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def jane() -> User:
    return services.user_create(username="jane", role=Role.CONTRIBUTOR)


def test_a_person_without_a_password_cannot_sign_in_by_one(jane: User) -> None:
    assert not jane.has_usable_password()
    assert jane.may(Role.CONTRIBUTOR)
    assert not jane.may(Role.APPROVER)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "Jane Doe"}, "username"),
        ({"username": "jane"}, "username"),
        ({"username": "payments"}, "username"),
        ({"username": "joe", "email": "nonsense"}, "email"),
        ({"username": "joe", "password": "short"}, "password"),
        ({"username": "joe", "password": "password12345"}, "password"),
        ({"username": "joe", "email": "JANE@example.org"}, "email"),
    ],
)
def test_people_that_are_refused(values: dict[str, str], field: str | None) -> None:
    services.user_create(username="jane", email="jane@example.org")
    services.team_create(slug="payments", name="Payments")
    with pytest.raises(Refused) as caught:
        services.user_create(**values)
    assert caught.value.field == field
    assert User.objects.count() == 1


def test_many_people_may_have_no_address() -> None:
    services.user_create(username="a")
    services.user_create(username="b")


def test_an_inactive_person_may_nothing(jane: User) -> None:
    jane.is_active = False
    assert not jane.may(Role.VIEWER)


def test_the_last_admin_stays() -> None:
    admin = services.user_create(username="root", role=Role.ADMIN)
    with pytest.raises(Refused, match="last active admin"):
        services.user_set_role(user=admin, role=Role.VIEWER)
    services.user_create(username="other", role=Role.ADMIN)
    services.user_set_role(user=admin, role=Role.VIEWER)
    admin.refresh_from_db()
    assert admin.role == Role.VIEWER


def test_the_last_active_admin_cannot_be_deactivated(jane: User) -> None:
    admin = services.user_create(username="root", role=Role.ADMIN)
    gone = services.user_create(username="gone", role=Role.ADMIN)
    services.user_deactivate(user=gone)
    with pytest.raises(Refused, match="root is the last active admin"):
        services.user_deactivate(user=admin)
    with pytest.raises(Refused, match="last active admin"):
        services.user_set_role(user=admin, role=Role.OPERATOR)
    services.user_set_role(user=gone, role=Role.VIEWER)
    services.user_deactivate(user=jane)
    admin.refresh_from_db()
    assert admin.may(Role.ADMIN)


def test_an_old_picture_of_the_last_admin_does_not_help() -> None:
    root = services.user_create(username="root")
    old = User.objects.get(pk=root.pk)
    services.user_set_role(user=root, role=Role.ADMIN)
    assert old.role == Role.VIEWER
    with pytest.raises(Refused):
        services.user_set_role(user=old, role=Role.VIEWER)


def test_a_deactivated_person_is_shut_out(jane: User) -> None:
    services.user_create(username="root", role=Role.ADMIN)
    token = services.token_issue(user=jane, name="report").secret
    link = services.sign_in_link_issue(user=jane)
    services.user_deactivate(user=jane)
    assert services.token_use(secret=token) is None
    with pytest.raises(Refused, match="deactivated"):
        services.sign_in_link_issue(user=jane)
    services.user_reactivate(user=jane)
    jane.refresh_from_db()
    assert jane.may(Role.CONTRIBUTOR)
    # What slept may have got around meanwhile.
    assert services.token_use(secret=token) is None
    with pytest.raises(Refused):
        services.sign_in_link_redeem(secret=link)


def patiently(step: Callable[[], None]) -> str:
    """Take the step; SQLite in memory, unlike one in a file, does not queue its writers."""
    while True:
        try:
            step()
        except Refused:
            return "refused"
        except OperationalError as error:
            if "locked" not in str(error):
                raise
        else:
            return "done"


@pytest.mark.django_db(transaction=True)
def test_of_two_admins_who_remove_each_other_one_stays() -> None:
    admins = [services.user_create(username=name, role=Role.ADMIN) for name in ("a", "b")]
    steps: list[Callable[[], None]] = [
        lambda: services.user_deactivate(user=admins[0]),
        lambda: services.user_set_role(user=admins[1], role=Role.VIEWER),
    ]
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def run(step: Callable[[], None]) -> None:
        start.wait()
        try:
            outcomes.append(patiently(step))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "refused"]
    assert User.objects.filter(is_active=True, role=Role.ADMIN).count() == 1


def test_members_come_and_go(jane: User) -> None:
    team = services.team_create(slug="payments", name="Payments", members=[jane, jane])
    services.team_add_member(team=team, user=jane)
    assert selectors.members_of(team) == [jane]
    services.team_remove_member(team=team, user=jane)
    services.team_remove_member(team=team, user=jane)
    assert not selectors.is_owner(jane, "payments")
    services.user_deactivate(user=jane)
    with pytest.raises(Refused, match="deactivated"):
        services.team_add_member(team=team, user=jane)
    with pytest.raises(Refused, match="deactivated"):
        services.team_create(slug="search", name="Search", members=[jane])


def test_a_team_is_led_by_active_members(jane: User) -> None:
    team = services.team_create(slug="payments", name="Payments")
    with pytest.raises(Refused, match="not in Payments"):
        services.team_lead_set(team=team, user=jane, is_lead=True)
    services.team_lead_set(team=team, user=jane, is_lead=False)
    services.team_add_member(team=team, user=jane)
    services.team_lead_set(team=team, user=jane, is_lead=True)
    services.team_lead_set(team=team, user=jane, is_lead=True)
    assert selectors.leads_of(team.pk) == [jane]
    assert selectors.leads_by_team() == {team.pk: [jane]}
    services.team_add_member(team=team, user=jane)
    assert selectors.is_lead(jane, team.pk)
    services.user_deactivate(user=jane)
    assert not selectors.leads_of(team.pk)
    assert not selectors.leads_by_team()
    services.team_lead_set(team=team, user=jane, is_lead=False)
    with pytest.raises(Refused, match="deactivated"):
        services.team_lead_set(team=team, user=jane, is_lead=True)


def test_createsuperuser_makes_an_admin() -> None:
    assert User.objects.create_superuser("root", password="x").may(Role.ADMIN)


def test_owners(jane: User) -> None:
    services.team_create(slug="payments", name="Payments", members=[jane])
    assert selectors.owner_of("payments") == selectors.Owner("team", "payments", "Payments")
    assert selectors.owner_of("jane") == selectors.Owner("user", "jane", "jane")
    assert selectors.owner_of("nobody") is None
    assert selectors.is_owner(jane, "payments")
    assert selectors.is_owner(jane, "jane")
    assert not selectors.is_owner(jane, "search")
    assert [owner.handle for owner in selectors.owners()] == ["payments", "jane"]


def test_a_token_works_until_it_is_revoked(jane: User) -> None:
    issued = services.token_issue(user=jane, name="report")
    assert issued.secret not in repr(issued)
    assert not ApiToken.objects.filter(digest__contains=issued.secret).exists()
    assert issued.secret.startswith(issued.token.shown)
    assert services.token_use(secret=issued.secret) == jane
    issued.token.refresh_from_db()
    assert issued.token.last_used_at is not None
    services.token_revoke(user=jane, token_id=issued.token.pk)
    services.token_revoke(user=jane, token_id=issued.token.pk)
    assert services.token_use(secret=issued.secret) is None
    assert selectors.tokens_of(jane) == []


def test_tokens_that_do_not_work(jane: User) -> None:
    issued = services.token_issue(user=jane, name="report", expires_at=clock.now() + timedelta(1))
    assert services.token_use(secret=issued.secret + "x") is None
    assert services.token_use(secret="") is None
    ApiToken.objects.update(expires_at=clock.now())
    assert services.token_use(secret=issued.secret) is None
    ApiToken.objects.update(expires_at=None)
    User.objects.update(is_active=False)
    assert services.token_use(secret=issued.secret) is None


def test_tokens_that_are_refused(jane: User) -> None:
    with pytest.raises(Refused) as caught:
        services.token_issue(user=jane, name="  ")
    assert caught.value.field == "name"
    with pytest.raises(Refused):
        services.token_issue(user=jane, name="late", expires_at=clock.now())


def test_only_ones_own_token_can_be_revoked(jane: User) -> None:
    joe = services.user_create(username="joe")
    issued = services.token_issue(user=jane, name="report")
    with pytest.raises(NotFound):
        services.token_revoke(user=joe, token_id=issued.token.pk)


def test_a_link_works_once(jane: User) -> None:
    secret = services.sign_in_link_issue(user=jane)
    assert selectors.live_sign_in_link(secret) is not None
    assert services.sign_in_link_redeem(secret=secret) == jane
    assert selectors.live_sign_in_link(secret) is None
    with pytest.raises(Refused, match="used or has expired"):
        services.sign_in_link_redeem(secret=secret)


def test_links_that_do_not_work(jane: User) -> None:
    secret = services.sign_in_link_issue(user=jane)
    with pytest.raises(Refused):
        services.sign_in_link_redeem(secret=secret + "x")
    SignInLink.objects.update(expires_at=clock.now())
    with pytest.raises(Refused):
        services.sign_in_link_redeem(secret=secret)


def test_old_links_are_forgotten(jane: User) -> None:
    services.sign_in_link_issue(user=jane)
    SignInLink.objects.update(expires_at=clock.now() - timedelta(days=30))
    services.sign_in_link_issue(user=jane)
    assert SignInLink.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_succeeds() -> None:
    secret = services.sign_in_link_issue(user=services.user_create(username="jane"))
    start = threading.Barrier(4)
    outcomes: list[str] = []

    def redeem() -> None:
        start.wait()
        try:
            outcomes.append(services.sign_in_link_redeem(secret=secret).username)
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=redeem) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["jane", "refused", "refused", "refused"]


def test_guessing_is_stopped_and_forgotten() -> None:
    for _ in range(MAX_BY_NAME_AND_ADDRESS):
        assert not selectors.sign_in_is_throttled(name="jane", address="192.0.2.1")
        services.sign_in_failed(name="jane", address="192.0.2.1")
    assert selectors.sign_in_is_throttled(name="jane", address="192.0.2.1")
    assert not selectors.sign_in_is_throttled(name="jane", address="192.0.2.2")
    assert not selectors.sign_in_is_throttled(name="joe", address="192.0.2.1")
    SignInFailure.objects.update(failed_at=clock.now() - timedelta(hours=1))
    assert not selectors.sign_in_is_throttled(name="jane", address="192.0.2.1")
    services.sign_in_failed(name="joe", address="192.0.2.1")
    assert SignInFailure.objects.count() == 1
    services.sign_in_succeeded(name="joe", address="192.0.2.1")
    assert not SignInFailure.objects.exists()
