"""The pages of working days."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from accounts.domain.roles import Role
from alerts.models import TeamSchedule
from tests.builders.alerting import Hands, make_team

pytestmark = pytest.mark.django_db
DAYS = "/alerts/working-days/"
SignIn = Callable[..., Client]
CHOICE = {
    "time_zone": "Europe/Berlin",
    "speaks_at": "10:15",
    "country": "DE",
    "subdivision": "BY",
    "working_days": ["0", "1", "2", "3"],
    "weekly_on": "1",
    "days_off": "2026-12-21\n2026-12-22, 2026-12-21",
}


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    clock = Hands(monkeypatch, None)
    clock.set("2026-12-18 12:00")
    return clock


def test_a_teams_days_are_set_and_given_up(signed_in: SignIn, hands: Hands) -> None:
    team = make_team("payments")
    client, page = signed_in(Role.OPERATOR), f"{DAYS}teams/payments/"
    assert "everybody&#x27;s working days count" in text_of(client.get(page)).replace(
        "&#39;", "&#x27;"
    ).replace("'", "&#x27;")
    assert client.post(page, CHOICE).status_code == 302
    stored = TeamSchedule.objects.get()
    assert (stored.team_id, stored.country, stored.subdivision) == (team.pk, "DE", "BY")
    assert stored.working_days == [0, 1, 2, 3]
    assert stored.days_off == ["2026-12-21", "2026-12-22"]
    shown = text_of(client.get(page))
    # The two days off are a Monday and a Tuesday; Friday is none of its days, nor is Christmas.
    days = [f"{day} December 2026" for day in (23, 24, 28, 29, 30)]
    assert [day in shown for day in days] == [True] * 5
    assert "25 December 2026" not in shown
    assert "Wednesday at 10:15" in shown
    client.post(page, {"reset": "yes"})
    assert not TeamSchedule.objects.exists()


def test_a_choice_is_shown_before_it_is_saved(signed_in: SignIn, hands: Hands) -> None:
    client = signed_in(Role.OPERATOR)
    page = client.get(f"{DAYS}everybody/", {**CHOICE, "country": "US", "subdivision": ""})
    text = text_of(page)
    assert "California" in text
    assert "23 December 2026" in text
    assert not TeamSchedule.objects.exists()
    odd = client.get(f"{DAYS}everybody/", {"time_zone": "Mars/Base", "country": "XX"})
    assert odd.status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time_zone", "Mars/Base"),
        ("speaks_at", "soon"),
        ("country", "XX"),
        ("subdivision", "CA"),
        ("working_days", []),
        ("weekly_on", "9"),
        ("days_off", "Christmas"),
        ("days_off", "2026-02-30"),
    ],
)
def test_what_is_no_schedule_is_refused(signed_in: SignIn, name: str, value: Any) -> None:
    answer = signed_in(Role.OPERATOR).post(f"{DAYS}everybody/", {**CHOICE, name: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    # A group of boxes has no id of its own.
    assert "field-error" in page if name == "working_days" else f"id_{name}-errors" in page
    assert not TeamSchedule.objects.exists()


def test_a_lead_sets_the_days_of_their_team_only(signed_in: SignIn) -> None:
    team = make_team("payments", "ann", lead="ann")
    make_team("search")
    lead = signed_in(team.members.get())
    assert lead.post(f"{DAYS}teams/payments/", CHOICE).status_code == 302
    for other in ("teams/search/", "everybody/"):
        page = lead.get(f"{DAYS}{other}")
        assert page.status_code == 200
        assert "Save" not in text_of(page)
        assert lead.post(f"{DAYS}{other}", CHOICE).status_code == 403
    assert lead.get(f"{DAYS}teams/nobody/").status_code == 404


def test_many_teams_cost_no_more_queries(
    signed_in: SignIn, hands: Hands, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        make_team(f"team-{number:02}")
    client = signed_in(Role.OPERATOR)
    client.post(f"{DAYS}teams/team-33/", {**CHOICE, "time_zone": "America/New_York"})
    with django_assert_max_num_queries(10):
        page = text_of(client.get(DAYS))
    assert "of 60 teams" in page
    assert page.index("Team-33") < page.index("Team-00")
    assert "(New York)" in page
    assert "Germany, Bayern" in page
    assert "Team-41" in text_of(client.get(f"{DAYS}?q=team-41"))


def test_without_teams_everybodys_days_are_there(signed_in: SignIn) -> None:
    page = text_of(signed_in(Role.VIEWER).get(DAYS))
    assert "No teams yet" in page
    assert "Mon to Fri at 09:30" in page
