"""People and teams from the command line."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import selectors, services
from accounts.domain.roles import Role
from accounts.models import Team, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jane() -> User:
    return services.user_create(username="jane", role=Role.ADMIN)


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def refusal(*arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        run(*arguments)
    assert error.value.returncode == 2
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_team_is_made_with_its_members(jane: User) -> None:
    services.user_create(username="joe")
    answer = run("create_team", "payments", "--member", "jane", "joe", "--member", "jane")
    assert answer == "Created the team payments; in it: jane, joe.\n"
    team = Team.objects.get()
    assert (team.name, len(selectors.members_of(team))) == ("payments", 2)
    assert "nobody yet" in run("create_team", "search", "--name", "Search")


def test_a_team_gets_a_lead_and_loses_them(jane: User) -> None:
    run("create_team", "payments", "--member", "jane")
    assert run("team_lead", "payments", "jane") == "jane now leads payments.\n"
    assert selectors.leads_of(Team.objects.get().pk) == [jane]
    assert run("team_lead", "payments", "jane", "--remove") == "jane no longer leads payments.\n"
    services.user_create(username="joe")
    assert "not in payments" in refusal("team_lead", "payments", "joe")
    assert "no team 'search'" in refusal("team_lead", "search", "joe")


def test_teams_that_are_refused() -> None:
    assert "no user 'nobody'" in refusal("create_team", "payments", "--member", "nobody")
    assert "already the handle" in refusal("create_team", "jane")
    assert "lower-case" in refusal("create_team", "Pay ments")
    assert not Team.objects.exists()


def test_a_role_is_set(jane: User) -> None:
    joe = services.user_create(username="joe")
    assert run("set_role", "joe", "operator") == "joe now has the role operator.\n"
    joe.refresh_from_db()
    assert joe.role == Role.OPERATOR
    assert "no user 'nobody'" in refusal("set_role", "nobody", "viewer")
    assert "emperor" in refusal("set_role", "joe", "emperor")
    assert "last active admin" in refusal("set_role", "jane", "viewer")


def test_a_person_is_deactivated() -> None:
    joe = services.user_create(username="joe")
    assert run("deactivate_user", "joe") == "joe is deactivated and can no longer sign in.\n"
    joe.refresh_from_db()
    assert not joe.is_active
    assert "deactivated" in refusal("sign_in_link", "joe")
    assert "last active admin" in refusal("deactivate_user", "jane")
    assert "no user 'nobody'" in refusal("deactivate_user", "nobody")


@pytest.mark.parametrize("command", ["create_team", "set_role", "deactivate_user"])
def test_help_is_there(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(command, "--help")
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out
