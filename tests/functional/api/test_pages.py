"""Filters and pages by cursor."""

from itertools import chain
from typing import Any

import pytest

from tests.builders.alerting import make_team
from tests.functional.api.conftest import Api, complete, in_days
from tests.functional.api.test_access import assert_problem


@pytest.fixture
def seven(contributor: Api) -> Api:
    for number in range(7):
        body = complete(
            title=f"debt {number}",
            owner=("payments", "search")[number % 2],
            severity=("low", "high", "critical")[number % 3],
            due_on=in_days(5 if number < 3 else 40),
        )
        assert contributor.post("debts", body).status_code == 201
    return contributor


def titles(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["title"] for row in response.json()["results"]]


def walk(api: Api, path: str, link: str = "next") -> list[list[str]]:
    pages, following = [], path
    while following:
        response = api.get(following)
        pages.append(titles(response))
        following = response.json()[link]
    return pages


def test_pages_follow_each_other_and_lead_back(seven: Api) -> None:
    pages = walk(seven, "debts?page_size=3")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert list(chain(*pages)) == [f"debt {number}" for number in range(7)]
    last = seven.get(seven.get(seven.get("debts?page_size=3").json()["next"]).json()["next"])
    assert last.json()["next"] is None
    back = walk(seven, last.json()["previous"], "previous")
    assert back == [["debt 3", "debt 4", "debt 5"], ["debt 0", "debt 1", "debt 2"]]
    first = seven.get(last.json()["previous"]).json()["previous"]
    assert seven.get(first).json()["previous"] is None


def test_a_row_added_meanwhile_shifts_no_page(seven: Api) -> None:
    following = seven.get("debts?page_size=6").json()["next"]
    seven.post("debts", complete(title="new"))
    assert titles(seven.get(following)) == ["debt 6", "new"]


def test_the_filter_goes_along_with_the_cursor(seven: Api) -> None:
    pages = walk(seven, "debts?owner=payments&page_size=2")
    assert pages == [["debt 0", "debt 2"], ["debt 4", "debt 6"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 7),
        ("severity=low", 3),
        ("severity=low&severity=high", 5),
        ("timing=due_soon", 3),
        ("timing=expired", 0),
        ("state=open", 7),
        ("state=closed", 0),
        ("state=proposed&state=verified", 7),
        ("origin=annotation", 0),
        ("owner=search&timing=due_soon", 1),
        ("q=search+debt", 3),
        ("q=D-000001x", 0),
        ("system=none", 0),
    ],
)
def test_filters(seven: Api, query: str, found: int) -> None:
    assert len(titles(seven.get(f"debts?{query}"))) == found


def test_a_teams_debts_are_its_own_and_those_of_people_whose_first_team_it_is(
    contributor: Api,
) -> None:
    make_team("payments", "mia", "noa")
    make_team("billing", "noa")
    for owner in ("payments", "mia", "noa", "billing"):
        body = complete(title=f"of {owner}", owner=owner)
        assert contributor.post("debts", body).status_code == 201
    assert titles(contributor.get("debts?team=payments")) == ["of payments", "of mia"]
    assert titles(contributor.get("debts?team=billing")) == ["of noa", "of billing"]
    assert len(titles(contributor.get("debts?team="))) == 4


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("state=lost", "state"),
        ("timing=", "timing"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=x", "page_size"),
        ("page_size=", "page_size"),
        ("page_size=2&page_size=3", "page_size"),
        ("owner=a&owner=b", "owner"),
        ("cursor=x", "cursor"),
        ("cursor=%00", "cursor"),
        ("owner=%00", "owner"),
        ("q=" + "x" * 201, "q"),
        ("repository=nowhere", "repository"),
        ("team=nobody", "team"),
        ("team=%00", "team"),
        ("stat=active", "stat"),
    ],
)
def test_a_query_that_means_nothing_is_refused(seven: Api, query: str, field: str) -> None:
    members = assert_problem(seven.get(f"debts?{query}"), 400, "invalid")
    assert field in members["errors"]


def test_a_cursor_belongs_to_its_list(seven: Api) -> None:
    cursor = seven.get("debts?page_size=2").json()["next"].split("cursor=")[1].split("&")[0]
    assert_problem(seven.get(f"repositories?cursor={cursor}"), 400, "invalid")
    assert_problem(seven.get(f"debts?cursor={cursor[:-3]}abc"), 400, "invalid")


def test_a_longer_page_takes_no_more_queries(
    seven: Api, analysed: Any, django_assert_num_queries: Any
) -> None:
    seven.post("debts", complete(repository=analysed.slug))
    for path in ("debts", "repositories/shop/files", "repositories/shop/modules"):
        # The token, the repository where one is named, the rows.
        queries = 3 if "shop" in path else 2
        for size in (1, 8):
            with django_assert_num_queries(queries):
                seven.get(f"{path}?page_size={size}")
