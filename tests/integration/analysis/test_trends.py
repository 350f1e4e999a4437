"""Measuring the past on real histories."""

from pathlib import Path

import pytest

from analysis import selectors, services
from analysis.domain.trend import Every
from analysis.models import ContentFacts, Repository, TrendPoint
from tests.builders.git_history import History

pytestmark = pytest.mark.django_db

PACKAGE = {"app/__init__.py": "", "app/a.py": "def f(x):\n    return 1 if x else 2\n"}
CYCLE = {"app/a.py": "import app.b\n", "app/b.py": "import app.a\n", "old.py": "print 'old'\n"}


def measure(repository: Repository, every: Every = Every.COMMIT) -> list[int]:
    return services.trend_measure(
        repository=repository, every=every, report=lambda _done, _total: None
    )


@pytest.fixture
def shop(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git").commit("first", PACKAGE).commit("second", CYCLE)


def test_each_point_equals_the_analysis_of_its_commit(shop: History) -> None:
    repository = services.repository_register(location=str(shop.path))
    rows = selectors.trend_rows(measure(repository))
    assert len(rows) == 2
    for row in rows:
        snapshot_id = services.analyse_now(repository=repository, rev=row.commit_sha)
        totals = selectors.snapshot_document(snapshot_id=snapshot_id)["totals"]
        assert row.totals == {name: totals[name] for name in row.totals}
    assert rows[1].totals["cyclicality"] == pytest.approx(2 / 3)
    assert rows[1].totals["unreadable_files"] == 1


def test_a_commit_is_measured_once_and_new_ones_are_added(shop: History) -> None:
    repository = services.repository_register(location=str(shop.path))
    first = measure(repository)
    facts = ContentFacts.objects.count()
    assert measure(repository) == first
    shop.commit("third", {"app/c.py": "x = 1\n"})
    assert measure(repository)[:2] == first
    assert TrendPoint.objects.count() == 3
    assert ContentFacts.objects.count() == facts + 1


def test_what_a_force_push_took_away_is_forgotten(shop: History) -> None:
    repository = services.repository_register(location=str(shop.path))
    measure(repository)
    shop.move("main", "main~1").commit("other second", {"b.py": "y = 2\n"})
    ids = measure(repository)
    assert set(TrendPoint.objects.values_list("pk", flat=True)) == set(ids)


def test_snapshots_go_on_where_the_measured_past_ends(shop: History) -> None:
    repository = services.repository_register(location=str(shop.path))
    services.analyse_now(repository=repository)
    assert len(selectors.trend_of(repository)) == 1
    measure(repository)
    assert len(selectors.trend_of(repository)) == 2
    shop.commit("third", {"app/c.py": "x = 1\n"})
    services.analyse_now(repository=repository)
    files = [row.totals["files"] for row in selectors.trend_of(repository)]
    assert files == [2, 4, 5]
