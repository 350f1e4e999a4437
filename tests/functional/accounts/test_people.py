"""The People pages over HTTP: everybody reads, admins change."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts import selectors, services
from accounts.domain.roles import Role
from accounts.models import Team, User

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
PEOPLE = "/people/"


@pytest.fixture
def root() -> User:
    return services.user_create(username="root", role=Role.ADMIN)


@pytest.fixture
def jane() -> User:
    return services.user_create(
        username="jane",
        display_name="Jane <b>Doe</b>",
        email="jane@example.org",
        role=Role.APPROVER,
        password=PASSWORD,
    )


@pytest.fixture
def admin(client: Client, root: User) -> Client:
    client.force_login(root)
    return client


def address(view: str, *arguments: str) -> str:
    return reverse(f"people:{view}", args=arguments)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_strangers_are_sent_to_sign_in(client: Client) -> None:
    assert client.get(PEOPLE)["Location"].startswith(reverse("accounts:sign_in"))


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_everybody_sees_whom_to_ask_and_nothing_to_press(
    client: Client, jane: User, root: User, role: Role
) -> None:
    services.team_create(slug="payments", name="Payments", members=[jane])
    services.user_deactivate(user=services.user_create(username="gone-away"))
    client.force_login(services.user_create(username="reader", role=role))
    page = text(client.get(PEOPLE))
    assert "Jane &lt;b&gt;Doe&lt;/b&gt;" in page
    assert "Approver" in page
    assert "Payments" in page
    assert "owner=payments" in page
    assert "jane@example.org" not in page
    assert "gone-away" not in page
    assert "/people/user/" not in page
    assert f'action="{PEOPLE}' not in page


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_only_admins_change_anything(client: Client, jane: User, root: User, role: Role) -> None:
    team = services.team_create(slug="payments", name="Payments", members=[jane])
    client.force_login(services.user_create(username="reader", role=role))
    attempts = [
        (PEOPLE, {"username": "joe", "role": "admin"}),
        (address("person", "jane"), {"role": "admin"}),
        (address("sign_in_link", "root"), {}),
        (address("deactivate", "jane"), {}),
        (address("reactivate", "jane"), {}),
        (address("team_create"), {"slug": "search"}),
        (address("team", "payments"), {"member": "reader"}),
        (address("team_remove", "payments", "jane"), {}),
        (address("team_lead", "payments", "jane"), {"is_lead": "yes"}),
    ]
    for path, data in attempts:
        assert client.post(path, data).status_code == 403, path
    assert client.get(address("person", "jane")).status_code == 403
    assert client.get(address("team", "payments")).status_code == 403
    jane.refresh_from_db()
    assert (jane.role, jane.is_active) == (Role.APPROVER, True)
    assert selectors.members_of(team) == [jane]
    assert not selectors.leads_of(team.pk)
    assert User.objects.count() == 3


def test_every_change_needs_the_form(root: User, jane: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(root)
    for path in (PEOPLE, address("person", "jane"), address("deactivate", "jane")):
        assert client.post(path, {"role": "viewer"}).status_code == 403


def test_somebody_new_comes_in_by_the_link_and_sets_a_password(admin: Client) -> None:
    data = {"username": "joe", "display_name": "Joe Roe", "email": "", "role": "contributor"}
    response = admin.post(PEOPLE, data)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    link = response.context["link"]
    assert link in text(response)
    assert link not in text(admin.get(PEOPLE))
    newcomer = Client()
    path = link.removeprefix(settings.BASE_URL)
    assert newcomer.get(path).status_code == 200
    landing = newcomer.post(path)
    assert landing["Location"] == reverse("accounts:password_change")
    passwords = {"new_password1": PASSWORD, "new_password2": PASSWORD}
    # The first password is set on the way in: the way in goes on.
    assert newcomer.post(landing["Location"], passwords)["Location"] == "/"
    assert Client().login(username="joe", password=PASSWORD)
    joe = User.objects.get(username="joe")
    assert (str(joe), joe.role) == ("Joe Roe", Role.CONTRIBUTOR)
    assert Client().post(path).status_code == 410


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "Joe Roe"}, "username"),
        ({"username": "jane"}, "username"),
        ({"email": "JANE@example.org"}, "email"),
        ({"email": "nonsense"}, "email"),
        ({"role": "emperor"}, "role"),
    ],
)
def test_a_refused_person_is_explained(
    admin: Client, jane: User, values: dict[str, str], field: str
) -> None:
    response = admin.post(PEOPLE, {"username": "joe", "role": "viewer", **values})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert User.objects.count() == 2


def test_a_role_changes(admin: Client, jane: User) -> None:
    assert admin.get(address("person", "jane")).context["form"].initial["role"] == Role.APPROVER
    assert admin.post(address("person", "jane"), {"role": "operator"}).status_code == 302
    jane.refresh_from_db()
    assert jane.role == Role.OPERATOR


def test_the_last_admin_stays(admin: Client, root: User) -> None:
    demoted = admin.post(address("person", "root"), {"role": "viewer"})
    assert demoted.status_code == 422
    assert "last active admin" in text(demoted)
    deactivated = admin.post(address("deactivate", "root"))
    assert deactivated.status_code == 409
    assert "last active admin" in text(deactivated)
    root.refresh_from_db()
    assert root.may(Role.ADMIN)


def test_a_deactivated_person_is_out_and_may_come_back(admin: Client, jane: User) -> None:
    token = services.token_issue(user=jane, name="report").secret
    open_session = Client()
    assert open_session.login(username="jane", password=PASSWORD)
    assert open_session.get(PEOPLE).status_code == 200
    assert admin.post(address("deactivate", "jane")).status_code == 302
    assert open_session.get(PEOPLE).status_code == 302
    assert not Client().login(username="jane", password=PASSWORD)
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client().get("/api/v1/debts", headers=bearer).status_code == 401
    assert admin.post(address("sign_in_link", "jane")).status_code == 409
    assert "Deactivated" in text(admin.get(PEOPLE))
    assert admin.post(address("reactivate", "jane")).status_code == 302
    assert Client().login(username="jane", password=PASSWORD)


def test_a_lost_link_is_replaced(admin: Client, jane: User) -> None:
    link = admin.post(address("sign_in_link", "jane")).context["link"]
    # She has a password: no form for a first one.
    assert Client().post(link.removeprefix(settings.BASE_URL))["Location"] == "/"


def test_a_team_is_made_and_filled(admin: Client, jane: User) -> None:
    response = admin.post(address("team_create"), {"slug": "payments"}, follow=True)
    assert response.request["PATH_INFO"] == address("team", "payments")
    admin.post(address("team", "payments"), {"member": "jane"})
    assert selectors.is_owner(jane, "payments")
    assert "Jane &lt;b&gt;" in text(admin.get(address("team", "payments")))
    again = admin.post(address("team", "payments"), {"member": "jane"})
    assert again.status_code == 422
    assert "not in the team yet" in text(again)
    admin.post(address("team_remove", "payments", "jane"))
    assert not selectors.is_owner(jane, "payments")
    assert Team.objects.get().name == "payments"


def test_a_member_is_made_the_lead_and_no_longer(admin: Client, jane: User, root: User) -> None:
    team = services.team_create(slug="payments", name="Payments", members=[jane])
    lead = {"is_lead": "yes"}
    page = text(admin.post(address("team_lead", "payments", "jane"), lead, follow=True))
    assert "now leads Payments" in page
    assert "No longer lead" in page
    assert selectors.leads_of(team.pk) == [jane]
    page = text(admin.post(address("team_lead", "payments", "jane"), follow=True))
    assert "no longer leads Payments" in page
    assert "Make lead" in page
    assert not selectors.leads_of(team.pk)
    # She is in no team of that name.
    page = text(admin.post(address("team_lead", "payments", "root"), lead, follow=True))
    assert "is not in Payments" in page


@pytest.mark.parametrize("slug", ["", "Pay ments", "jane"])
def test_a_refused_team_is_explained(admin: Client, jane: User, slug: str) -> None:
    response = admin.post(address("team_create"), {"slug": slug, "name": "x"})
    assert response.status_code == 422
    assert list(response.context["team_form"].errors) == ["slug"]
    assert not Team.objects.exists()


def test_what_is_not_there_is_not_found(admin: Client) -> None:
    assert admin.get(address("person", "nobody")).status_code == 404
    assert admin.get(address("team", "nothing")).status_code == 404
    assert admin.post(address("deactivate", "nobody")).status_code == 404


def test_an_admin_who_leaves_the_role_sees_the_list(admin: Client, jane: User) -> None:
    services.user_set_role(user=jane, role=Role.ADMIN)
    response = admin.post(address("person", "root"), {"role": "viewer"}, follow=True)
    assert response.status_code == 200
    assert "now has the role “Viewer”" in text(response)


def test_people_are_found_by_name_and_paged(
    admin: Client, jane: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        services.user_create(username=f"person-{number}")
    first = admin.get(PEOPLE)
    assert len(first.context["page"]) == 50
    with django_assert_max_num_queries(9):
        admin.get(PEOPLE, {"page": "2"})
    found = admin.get(PEOPLE, {"q": "DOE"}).context["page"]
    assert [person.username for person in found] == ["jane"]
    assert "Nobody found" in text(admin.get(PEOPLE, {"q": "no such name"}))
