"""Changes let through, and dependencies on less stable modules, as pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import Repository
from analysis.selectors.pages_stability import unstable_dependencies
from common import clock
from hooks.models import GateOverride
from tests.builders.git_history import History

EVIL = "<script>alert(1)</script>"
PAGE = "/gate/overrides"


def let_through(number: int = 1, **values: Any) -> None:
    GateOverride.objects.bulk_create(
        GateOverride(
            repository_name="shop",
            base_sha="a" * 40,
            head_sha=f"{position:040x}",
            actor_name="ann",
            source="command",
            reason=f"The shop is down {EVIL}",
            findings=[{"rule": "expired_debt", "message": EVIL}] * 7,
            recorded_at=clock.now(),
            **values,
        )
        for position in range(number)
    )


@pytest.fixture
def viewer(signed_in: Callable[[Role], Client]) -> Client:
    return signed_in(Role.VIEWER)


def test_a_stranger_sees_nothing(db: None) -> None:
    assert Client().get(PAGE).status_code == 302


def test_an_empty_list_says_what_it_is_for(viewer: Client) -> None:
    assert "--break-glass" in viewer.get(PAGE).content.decode()


def test_everybody_sees_who_let_what_through(viewer: Client) -> None:
    let_through()
    page = viewer.get(PAGE).content.decode()
    assert "ann" in page
    assert "and 2 more" in page
    assert EVIL not in page


def test_many_are_paged_and_searched(viewer: Client, django_assert_max_num_queries: Any) -> None:
    let_through(120)
    with django_assert_max_num_queries(6):
        page = viewer.get(PAGE).content.decode()
    assert "of 120" in page
    assert "Nothing matches" in viewer.get(PAGE, {"q": "nobody"}).content.decode()
    assert "of 120" in viewer.get(PAGE, {"q": "DOWN"}).content.decode()
    assert viewer.get(PAGE, {"page": "x", "q": "\x00'%"}).status_code == 200


def test_the_policy_leads_there(viewer: Client) -> None:
    assert PAGE in viewer.get("/policy/").content.decode()


@pytest.fixture
def wobbly(db: None, tmp_path: Path) -> Repository:
    """Two modules rest on `base`, which rests on `loose`, which rests on two others."""
    history = History(tmp_path / "shop.git").commit(
        "begin",
        {
            "shop/__init__.py": "",
            "shop/base.py": "from shop import loose\n",
            "shop/loose.py": "from shop import x, y\n",
            "shop/x.py": "",
            "shop/y.py": "",
            "shop/one.py": "from shop import base\n",
            "shop/two.py": "from shop import base\n",
        },
    )
    found = analysis_services.repository_register(location=str(history.path))
    analysis_services.analyse_now(repository=found)
    return Repository.objects.select_related("current_snapshot").get(pk=found.pk)


def test_unstable_dependencies_are_found_in_two_queries(wobbly: Repository) -> None:
    assert wobbly.current_snapshot is not None
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = unstable_dependencies(wobbly.current_snapshot)
    assert len(queries) == 2
    worst = found.rows[0]
    assert (worst.source, worst.target) == ("shop.base", "shop.loose")
    assert worst.source_instability == pytest.approx(1 / 3)
    assert worst.target_instability == pytest.approx(2 / 3)
    assert found.total == len(found.rows)


def test_the_structure_page_shows_them(viewer: Client, wobbly: Repository) -> None:
    page = viewer.get(f"/repositories/{wobbly.slug}/structure/").content.decode()
    assert "Dependencies on less stable modules" in page
    assert "0.67" in page
