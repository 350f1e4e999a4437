"""From a real repository's commits to the price of its debt."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analysis import selectors as analysis_selectors
from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from displace.celery import app as celery_app
from ledger import selectors, services, tasks
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.evidence import EvidenceDraft
from ledger.domain.terms import Basis, EvidenceKind
from ledger.models import DebtItem, Outcome, Price, RepositoryPricing
from ledger.web.price import price_context
from tests.builders.git_history import ANN, BOB, History
from tests.integration.ledger.conftest import complete, in_days

pytestmark = pytest.mark.django_db

BOT = "dependabot[bot] <bot@example.org>"


def lines(count: int, text: str) -> str:
    return "".join(f"{text} {number}\n" for number in range(count))


def grown(
    path: Path, *, slow_minutes: int = 120, quick_minutes: int = 30, days: int = 40
) -> History:
    """Forty days of two people, to yesterday: changes to billing come after longer gaps."""
    history = History(path)
    start = (clock.now() - timedelta(days=days)).replace(hour=8, minute=0, second=0, microsecond=0)
    chance = random.Random(1)
    versions = {"billing.py": 0, "cart.py": 0, "stock.py": 0}
    for day in range(days):
        for author in (ANN, BOB):
            at = start + timedelta(days=day)
            for name in ("cart.py", "billing.py", "stock.py", "billing.py", "cart.py"):
                minutes = slow_minutes if name == "billing.py" else quick_minutes
                at += timedelta(minutes=minutes * chance.uniform(0.8, 1.2))
                versions[name] += 1
                content = lines(8, f"version {versions[name]} of line")
                history.commit("work", {f"shop/{name}": content}, at=at.isoformat(), author=author)
    return history


@pytest.fixture
def priced(tmp_path: Path, django_capture_on_commit_callbacks: Any) -> Callable[..., Repository]:
    """Analyse a history and give back its repository."""

    def make(history: History) -> Repository:
        repository = analysis_services.repository_register(location=str(history.path))
        with django_capture_on_commit_callbacks(execute=True):
            analysis_services.analyse_now(repository=repository)
        return Repository.objects.get(pk=repository.pk)

    return make


def debt(actor: Any, repository: Repository, path: str, **changes: Any) -> DebtItem:
    return services.debt_record(
        actor=actor, **complete(repository_id=repository.pk, path=path, estimate=None, **changes)
    )


def known(item: DebtItem) -> Decimal:
    """The middle of the figure to go by."""
    assert item.known_p50 is not None
    return item.known_p50


def test_a_measured_price(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git"))
    item = debt(contributor, repository, "shop/billing.py")
    outcome = services.prices_compute(repository_id=repository.pk)
    assert (outcome.claimed, outcome.items, outcome.written) == (True, 1, 1)
    price = selectors.price_of(item.pk)
    assert price is not None
    assert price.basis is Basis.MEASURED
    assert (price.formula.name, price.formula.version) == ("interest", 1)
    assert price.snapshot_id == repository.current_snapshot_id
    slowdown = price.inputs["slowdown"]
    assert slowdown["n"] >= 100
    assert slowdown["low"] > 3
    assert 3.5 < slowdown["ratio"] < 4.5
    # Two people, two of five changes a day, 4 hours each; three quarters of it are lost.
    month = price.inputs["hours_per_touched_month"]
    assert 80 < month < 110
    assert price.inputs["probability"] == 1
    # One month of one: the middle of Beta(1.5, 0.5) is 0.84.
    chance = 0.84 * month * 0.75
    assert float(price.interest.p50) == pytest.approx(chance, rel=0.15)
    assert price.interest.p10 < price.interest.p50 < price.interest.p90
    assert price.cost is not None
    assert price.cost.currency == "EUR"
    assert float(price.cost.p50) == pytest.approx(float(price.interest.p50) * 101, rel=0.1)
    assert price.assumptions["rate"] == ["85", "100", "120"]


def test_a_prior_where_changes_take_as_long_as_elsewhere(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git", slow_minutes=30))
    item = debt(contributor, repository, "shop/billing.py")
    services.prices_compute(repository_id=repository.pk)
    price = selectors.price_of(item.pk)
    assert price is not None
    assert price.basis is Basis.PRIOR
    assert price.inputs["slowdown"]["low"] <= 1 <= price.inputs["slowdown"]["high"]


def test_measured_before_stated_before_prior(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git"))
    measured = debt(contributor, repository, "shop/billing.py")
    unknown = debt(contributor, repository, "shop/gone.py")
    services.prices_compute(repository_id=repository.pk)
    stated = EstimateDraft(Principal.of(8, 16, 24), Interest.of(1, 2, 3))
    for item in (measured, unknown):
        services.debt_describe(actor=contributor, item_id=item.pk, estimate=stated)
    for item, basis in ((measured, Basis.MEASURED), (unknown, Basis.EXPERT)):
        item.refresh_from_db()
        price = selectors.price_of(item.pk)
        assert price is not None
        assert price.basis == basis == item.known_basis
        assert price.interest.p50 == item.known_p50
        # Both are there: what people said is not replaced by what was measured.
        assert item.interest_p50 == 2
    assert measured.known_cd3 == pytest.approx(float(measured.known_p50) * 12 / 52 / 16)
    rows = selectors.debts_page(filter=selectors.RegisterFilter(), sort="interest").rows
    assert [row.item.pk for row in rows] == [measured.pk, unknown.pk]
    assert selectors.history_verify().breaks == ()


def test_the_same_facts_write_nothing_again(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any, settings: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git", days=5))
    item = debt(contributor, repository, "shop/billing.py")
    assert selectors.repositories_to_price() == [repository.pk]
    services.prices_compute(repository_id=repository.pk)
    first = Price.objects.get(item=item)
    assert selectors.repositories_to_price() == []
    again = services.prices_compute(repository_id=repository.pk)
    assert (again.claimed, again.written, again.cleared) == (True, 0, 0)
    assert Price.objects.get(item=item).pk == first.pk
    # Other assumptions are other prices; those of an earlier day stay as they were.
    Price.objects.update(at=first.at - timedelta(days=2))
    settings.HOURLY_RATE = (Decimal(10), Decimal(20), Decimal(30))
    assert selectors.repositories_to_price() == [repository.pk]
    services.prices_compute(repository_id=repository.pk)
    newest, oldest = selectors.price_history(item.pk)
    assert newest.cost is not None
    assert oldest.cost is not None
    assert newest.interest == oldest.interest
    assert newest.cost.p50 < oldest.cost.p50 == first.cost_p50


def test_one_worker_prices_and_a_lost_claim_is_taken_over(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git", days=3))
    debt(contributor, repository, "shop/billing.py")
    RepositoryPricing.objects.create(
        repository=repository, fence=4, lease_expires_at=clock.now() + timedelta(minutes=5)
    )
    assert not services.prices_compute(repository_id=repository.pk).claimed
    RepositoryPricing.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert services.prices_compute(repository_id=repository.pk).written == 1
    assert RepositoryPricing.objects.get().fence == 5


def test_an_hour_counts_once(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git"))
    for path in ("shop/billing.py", "shop/billing.py", "shop/cart.py"):
        debt(contributor, repository, path, system="checkout")
    services.prices_compute(repository_id=repository.pk)
    one = {item.path: known(item) for item in DebtItem.objects.all()}
    total = selectors.dashboard().cost
    once = one["shop/billing.py"] + one["shop/cart.py"]
    assert total.interest.p50 == once
    assert total.naive == once + one["shop/billing.py"]
    assert (total.items, total.places) == (3, 2)
    (system,) = selectors.interest_by("system")
    assert (system.name, system.interest.p50) == ("checkout", once)
    # A folder holds its files' hours: the dearest of them all counts.
    debt(contributor, repository, "shop", system="checkout")
    services.prices_compute(repository_id=repository.pk)
    whole = known(DebtItem.objects.get(path="shop"))
    assert selectors.dashboard().cost.places == 1
    assert selectors.dashboard().cost.interest.p50 == max(whole, one["shop/billing.py"])


def test_hours_of_one_day_are_shared_out(tmp_path: Path, priced: Callable[..., Repository]) -> None:
    day = clock.now() - timedelta(days=3)
    history = (
        History(tmp_path / "shop.git")
        .commit("both", {"a.py": lines(30, "a"), "b.py": lines(10, "b")}, at=day.isoformat())
        .commit("bot", {"a.py": lines(90, "z")}, at=day.isoformat(), author=BOT)
    )
    repository = priced(history)
    found = analysis_selectors.effort_of(
        repository_id=repository.pk, places={1: "a.py", 2: "b.py", 3: "nowhere.py"}, days=365
    )
    assert found is not None
    assert [day.share for day in found.places[1].days] == [0.75]
    assert [day.share for day in found.places[2].days] == [0.25]
    assert (found.places[3].files, found.places[3].since) == (0, None)


def test_the_number_of_queries_does_not_grow(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any
) -> None:
    repository = priced(grown(tmp_path / "shop.git", days=3))

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            services.prices_compute(repository_id=repository.pk)
        return len(found)

    debt(contributor, repository, "shop/billing.py")
    few = queries()
    for _ in range(12):
        debt(contributor, repository, "shop/cart.py")
    assert queries() <= few + 1


def test_paid_debt_leaves_an_outcome(
    tmp_path: Path, priced: Callable[..., Repository], contributor: Any, approver: Any
) -> None:
    history = grown(tmp_path / "shop.git", days=10)
    repository = priced(history)
    item = services.debt_record(
        actor=contributor, **complete(repository_id=repository.pk, path="shop/billing.py")
    )
    services.debt_activate(actor=approver, item_id=item.pk)
    services.debt_start_repayment(actor=contributor, item_id=item.pk)
    history.commit("pay", {"shop/billing.py": "paid\n"}, at=datetime.now(UTC).isoformat())
    priced(history)
    evidence = EvidenceDraft(EvidenceKind.MERGE_COMMIT, history.head)
    services.debt_repay(actor=contributor, item_id=item.pk, evidence=evidence)
    services.prices_compute(repository_id=repository.pk)
    outcome = Outcome.objects.get()
    assert (outcome.principal_actual, outcome.principal_expected) == (4, Decimal("18.67"))
    assert outcome.repayment_days == 1
    low, high = outcome.principal_p10, outcome.principal_p90
    assert low is not None
    assert high is not None
    assert low < Decimal("18.67") < high
    # Less than a month unpaid says nothing of a month's interest.
    assert outcome.interest_actual is None
    assert services.prices_compute(repository_id=repository.pk).outcomes == 0


@pytest.fixture
def worker_at_hand() -> Iterator[None]:
    """Tasks run where they are asked for, as a worker would run them a moment later."""
    celery_app.conf.task_always_eager = True
    yield
    celery_app.conf.task_always_eager = False


def test_an_annotation_has_its_price_after_the_analysis(
    tmp_path: Path, priced: Callable[..., Repository], worker_at_hand: None
) -> None:
    history = grown(tmp_path / "shop.git", days=10)
    mark = f"# DEBT(tax, owner=payments, sev=high) [{in_days(60)}]: rates are in the code\n"
    at = (clock.now() - timedelta(hours=1)).isoformat()
    history.commit("mark", {"shop/billing.py": mark + lines(8, "rate")}, at=at)
    priced(history)
    item = DebtItem.objects.get(slug="tax")
    price = selectors.price_of(item.pk)
    assert price is not None
    assert (price.commit_sha, item.known_basis) == (history.head, price.basis)
    assert selectors.repositories_to_price() == []


def test_the_sweep_finds_what_a_lost_message_left(
    tmp_path: Path,
    priced: Callable[..., Repository],
    contributor: Any,
    worker_at_hand: None,
    django_capture_on_commit_callbacks: Any,
) -> None:
    repository = priced(grown(tmp_path / "shop.git", days=5))
    item = debt(contributor, repository, "shop/billing.py")
    assert selectors.measured_price(item.pk) is None
    with django_capture_on_commit_callbacks(execute=True):
        tasks.prices_sweep()
    assert selectors.measured_price(item.pk) is not None


def test_days_are_those_of_the_installation(active: Any) -> None:
    DebtItem.objects.filter(pk=active.pk).update(recorded_at=datetime(2026, 11, 1, 20, tzinfo=UTC))
    with timezone.override("Asia/Tokyo"):
        facts = price_context(selectors.debt_detail(active.pk))["price_facts"]
    (lost,) = [fact for fact in facts if fact.name == "Lost so far"]
    assert lost.note.startswith("since 2 Nov 2026")
