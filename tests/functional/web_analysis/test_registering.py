"""Registering repositories and asking for analyses from the pages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.domain.roles import Role
from analysis import services
from analysis.models import AnalysisRun, Repository
from tests.builders.git_history import History

LIST = "analysis:repositories"


def test_a_path_is_registered_and_analysed(
    history: History, signed_in: Callable[[Role], Client]
) -> None:
    client = signed_in(Role.OPERATOR)
    response = client.post(reverse(LIST), {"location": str(history.path), "name": "The shop"})
    repository = Repository.objects.get()
    assert response["Location"] == reverse("analysis:repository", args=[repository.slug])
    assert repository.name == "The shop"
    run = AnalysisRun.objects.get(repository=repository)
    assert run.state == AnalysisRun.State.QUEUED
    assert run.requested_by is not None


def test_two_places_of_one_name_are_told_apart(
    tmp_path: Path, signed_in: Callable[[Role], Client]
) -> None:
    client = signed_in(Role.OPERATOR)
    for folder in ("shop", "big+bank"):
        path = History(tmp_path / folder / "repo.git").commit("Begin", {"a.py": ""}).path
        assert client.post(reverse(LIST), {"location": str(path)}).status_code == 302
    found = Repository.objects.order_by("pk").values_list("name", "slug")
    assert list(found) == [("repo", "repo"), ("big+bank/repo", "big-bank-repo")]


@pytest.mark.parametrize(
    "location",
    ["/no/such/folder", "ext::sh -c whoami", "--upload-pack=touch", "ftp://host/x", "   ", ""],
)
def test_what_cannot_be_registered_is_explained_at_the_field(
    location: str, signed_in: Callable[[Role], Client]
) -> None:
    response = signed_in(Role.OPERATOR).post(reverse(LIST), {"location": location})
    assert response.status_code == 422
    assert response.context["form"].errors["location"]
    assert 'aria-invalid="true"' in response.content.decode()
    assert not Repository.objects.exists()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CONTRIBUTOR, Role.APPROVER])
def test_registering_reads_the_server_and_needs_an_operator(
    role: Role, history: History, signed_in: Callable[[Role], Client]
) -> None:
    client = signed_in(role)
    assert "Register" not in client.get(reverse(LIST)).content.decode()
    assert client.post(reverse(LIST), {"location": str(history.path)}).status_code == 403
    assert not Repository.objects.exists()


def test_the_empty_list_says_what_to_do(signed_in: Callable[[Role], Client]) -> None:
    assert "Register your first" in signed_in(Role.ADMIN).get(reverse(LIST)).content.decode()
    assert "Ask an operator" in signed_in(Role.VIEWER).get(reverse(LIST)).content.decode()


def test_analysing_twice_asks_once(
    registered: Repository, signed_in: Callable[[Role], Client]
) -> None:
    client = signed_in(Role.CONTRIBUTOR)
    for _ in range(2):
        response = client.post(reverse("analysis:analyse", args=[registered.slug]))
        assert response.status_code == 302
    assert AnalysisRun.objects.count() == 1


def test_viewers_cannot_ask_for_an_analysis(registered: Repository, viewer: Client) -> None:
    assert viewer.post(reverse("analysis:analyse", args=[registered.slug])).status_code == 403
    assert (
        "Analyse now"
        not in viewer.get(reverse("analysis:repository", args=[registered.slug])).content.decode()
    )


def test_reading_starts_nothing(registered: Repository, viewer: Client) -> None:
    assert viewer.get(reverse("analysis:analyse", args=[registered.slug])).status_code == 405
    assert not AnalysisRun.objects.exists()


def test_progress_is_asked_for_until_the_run_ends(registered: Repository, viewer: Client) -> None:
    run = services.analysis_request(repository=registered)
    address = reverse("analysis:progress", args=[registered.slug])
    waiting = viewer.get(address).content.decode()
    assert f'hx-get="{address}?stage=' in waiting
    services.run_execute(run_id=run.pk)
    ended = viewer.get(address).content.decode()
    assert address not in ended
    assert 'hx-target="#main"' in ended


def test_a_failed_analysis_says_why(
    registered: Repository, history: History, signed_in: Callable[[Role], Client]
) -> None:
    history.path.rename(history.path.with_name("gone.git"))
    services.run_execute(run_id=services.analysis_request(repository=registered).pk)
    page = signed_in(Role.CONTRIBUTOR).get(reverse("analysis:repository", args=[registered.slug]))
    text = page.content.decode()
    assert "The last analysis failed." in text
    assert AnalysisRun.objects.get().error[:20] in text
    assert "Analyse now" in text


def test_an_operator_removes_a_repository(
    registered: Repository, signed_in: Callable[[Role], Client]
) -> None:
    page = reverse("analysis:remove", args=[registered.slug])
    assert signed_in(Role.CONTRIBUTOR).post(page).status_code == 403
    operator = signed_in(Role.OPERATOR)
    assert "Remove" in operator.get(page).content.decode()
    assert Repository.objects.exists(), "a look removes nothing"
    run = services.analysis_request(repository=registered)
    assert operator.post(page).status_code == 409
    run.delete()
    assert operator.post(page)["Location"] == reverse(LIST)
    assert not Repository.objects.exists()
