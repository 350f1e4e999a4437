"""Looks at tips: what starts an analysis, what waits, what is told of a remote that is dead."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analysis import services as analysis_services
from analysis.models import AnalysisRun, Repository
from common import clock
from hooks import selectors, services
from hooks.domain.kinds import Kind
from hooks.domain.looks import Outcome
from hooks.models import Delivery, Watch
from hooks.services import watching
from tests.builders.git_history import History, run_git

Workers = Callable[[], None]


def analysed(repository: Repository) -> tuple[str, str]:
    found = Repository.objects.select_related("current_snapshot").get(pk=repository.pk)
    return found.default_branch, found.current_snapshot.commit_sha


def look(repository: Repository) -> Outcome | None:
    """A look at once, whenever the next one would be due."""
    Watch.objects.update(next_look_at=clock.now())
    return services.tip_look(repository_id=repository.pk)


@pytest.fixture
def shop(registered: Repository, workers: Workers) -> Repository:
    """The shop, analysed and watched."""
    services.tip_moved(repository_id=registered.pk, source="page")
    workers()
    return registered


def test_a_tip_that_was_never_analysed_is_analysed(shop: Repository, history: History) -> None:
    assert analysed(shop) == ("main", history.head)
    state = selectors.watch_state(shop.pk)
    assert (state.outcome, state.failures, state.is_wanted) == (Outcome.UNCHANGED, 0, False)
    assert (state.tip_branch, state.tip_sha) == ("main", history.head)


def test_an_unchanged_tip_starts_nothing(shop: Repository) -> None:
    before = AnalysisRun.objects.count()
    assert look(shop) is Outcome.UNCHANGED
    assert AnalysisRun.objects.count() == before


def test_a_lost_event_is_only_late(shop: Repository, history: History, workers: Workers) -> None:
    history.commit("more", {"shop/more.py": "x = 1\n"})
    workers()  # nobody said anything, and no look is due
    assert analysed(shop)[1] != history.head
    Watch.objects.update(next_look_at=clock.now())
    workers()
    assert analysed(shop) == ("main", history.head)


@pytest.mark.parametrize("move", ["forced", "renamed", "switched"])
def test_every_way_a_tip_moves_is_followed(
    shop: Repository, history: History, workers: Workers, move: str
) -> None:
    if move == "forced":
        history.commit("more").move("main", history.sha("main^")).commit("other", {"o.py": "1\n"})
    elif move == "renamed":
        history.branch("trunk").default("trunk").delete_branch("main")
    else:
        history.branch("next").commit("more", {"n.py": "1\n"}).default("next")
    Watch.objects.update(next_look_at=clock.now())
    workers()
    assert analysed(shop) == (history.current, history.head)


def test_a_deleted_default_branch_is_told(shop: Repository, history: History) -> None:
    history.branch("a").branch("b").delete_branch("main")
    assert look(shop) is Outcome.UNREACHABLE
    state = selectors.watch_state(shop.pk)
    assert "default branch" in state.error
    assert state.failures == 1
    history.move("main", history.sha("a"))
    assert look(shop) is Outcome.UNCHANGED
    assert selectors.watch_state(shop.pk).error == ""


def test_a_dead_remote_is_asked_less_often_and_told(
    shop: Repository, history: History, settings: Any
) -> None:
    endpoint = services.endpoint_create(repository_id=shop.pk, kind=Kind.GITHUB).endpoint
    waiting = Delivery.objects.create(
        endpoint=endpoint, delivery_id="1", event="push", state="waiting", received_at=clock.now()
    )
    away = history.path.rename(history.path.with_suffix(".away"))
    pauses = []
    for _ in range(4):
        assert look(shop) is Outcome.UNREACHABLE
        state = selectors.watch_state(shop.pk)
        assert state.next_look_at is not None
        pauses.append(state.next_look_at - clock.now())
    assert state.failures == 4
    assert "no readable directory" in state.error
    assert pauses[3] > 2 * pauses[0]
    waiting.refresh_from_db()
    assert waiting.state == "waiting"
    away.rename(history.path)
    assert look(shop) is Outcome.UNCHANGED
    waiting.refresh_from_db()
    assert waiting.state == "looked"
    assert selectors.watch_state(shop.pk).failures == 0


def test_a_word_from_the_host_cuts_the_wait_short(
    shop: Repository, history: History, workers: Workers
) -> None:
    Watch.objects.update(next_look_at=clock.now() + timedelta(hours=5), failures=6)
    history.commit("more", {"shop/more.py": "x = 1\n"})
    services.tip_moved(repository_id=shop.pk, source="webhook")
    workers()
    assert analysed(shop) == ("main", history.head)


def test_a_look_waits_for_an_analysis_under_way(
    shop: Repository, history: History, workers: Workers
) -> None:
    run = analysis_services.analysis_request(repository=shop)
    history.commit("more", {"shop/more.py": "x = 1\n"})
    services.tip_moved(repository_id=shop.pk, source="webhook")
    assert services.tip_look(repository_id=shop.pk) is Outcome.ANALYSING
    assert selectors.watch_state(shop.pk).is_wanted
    # The run had fetched before the tip moved: it ends with the tip before.
    AnalysisRun.objects.filter(pk=run.pk).update(state="complete")
    Watch.objects.update(next_look_at=clock.now())
    workers()
    assert analysed(shop) == ("main", history.head)
    assert not selectors.watch_state(shop.pk).is_wanted


def test_only_one_of_two_workers_looks(shop: Repository) -> None:
    Watch.objects.update(
        next_look_at=clock.now(), lease_expires_at=clock.now() + timedelta(minutes=1)
    )
    assert services.tip_look(repository_id=shop.pk) is None
    assert services.looks_due() == []
    Watch.objects.update(lease_expires_at=clock.now() - timedelta(seconds=1))
    assert services.looks_due() == [shop.pk]
    assert services.tip_look(repository_id=shop.pk) is Outcome.UNCHANGED


def test_a_worker_that_lost_its_look_writes_nothing(
    shop: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = watching.remote_tip

    def slow(*, repository_id: int) -> Any:
        Watch.objects.update(fence=1000, outcome="never")  # somebody took over meanwhile
        return asked(repository_id=repository_id)

    monkeypatch.setattr(watching, "remote_tip", slow)
    look(shop)
    assert selectors.watch_state(shop.pk).outcome == "never"


def test_a_wish_during_a_look_is_fulfilled_by_the_next(
    shop: Repository, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = watching.remote_tip

    def slow(*, repository_id: int) -> Any:
        tip = asked(repository_id=repository_id)
        services.tip_moved(repository_id=repository_id, source="webhook")
        return tip

    monkeypatch.setattr(watching, "remote_tip", slow)
    assert look(shop) is Outcome.UNCHANGED
    monkeypatch.undo()
    assert selectors.watch_state(shop.pk).is_wanted
    assert services.looks_due() == [shop.pk]


def test_an_analysis_that_fails_is_told_and_tried_again_later(
    shop: Repository, history: History
) -> None:
    history.commit("more", {"shop/more.py": "x = 1\n"})
    assert look(shop) is Outcome.ANALYSING
    AnalysisRun.objects.filter(state="queued").update(state="failed", error="The disk is full.")
    assert look(shop) is Outcome.FAILED
    state = selectors.watch_state(shop.pk)
    assert (state.error, state.failures) == ("The disk is full.", 1)
    assert look(shop) is Outcome.ANALYSING
    AnalysisRun.objects.filter(state="queued").update(state="failed", error="The disk is full.")
    assert look(shop) is Outcome.FAILED
    assert selectors.watch_state(shop.pk).failures == 2


def test_a_shallow_source_is_analysed_once_per_look(
    db: None, history: History, tmp_path: Path, workers: Workers
) -> None:
    history.commit("more", {"shop/more.py": "x = 1\n"})
    source = tmp_path / "shallow.git"
    run_git(
        tmp_path, "clone", "--quiet", "--bare", "--depth=1", f"file://{history.path}", str(source)
    )
    shallow = analysis_services.repository_register(location=str(source))
    services.tip_moved(repository_id=shallow.pk, source="page")
    workers()
    assert Repository.objects.get(pk=shallow.pk).history_is_shallow
    before = AnalysisRun.objects.count()
    Watch.objects.update(next_look_at=clock.now())
    workers()
    assert AnalysisRun.objects.count() == before + 1
    assert selectors.watch_state(shallow.pk).outcome == Outcome.UNCHANGED


def test_new_repositories_are_taken_in_spread_over_the_interval(
    registered: Repository, settings: Any
) -> None:
    services.looks_due()
    watch = Watch.objects.get(repository_id=registered.pk)
    assert watch.next_look_at - clock.now() < settings.HOOKS_LOOK_EVERY
    services.looks_due()
    assert Watch.objects.count() == 1


def test_a_removed_repository_takes_its_watch_along(registered: Repository) -> None:
    services.endpoint_create(repository_id=registered.pk, kind=Kind.GITEA)
    services.looks_due()
    pk = registered.pk
    analysis_services.repository_remove(repository=registered)
    assert not Watch.objects.exists()
    assert services.tip_look(repository_id=pk) is None


def test_the_remote_is_gone_for_good(registered: Repository, history: History) -> None:
    services.looks_due()
    shutil.rmtree(history.path)
    assert look(registered) is Outcome.UNREACHABLE
