"""A repository with a debt in it, endpoints, and workers that run here."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from hooks import services
from hooks.models import Watch
from tests.builders.git_history import History


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git").commit("open", {"shop/cart.py": "items = []\n"})


@pytest.fixture
def registered(db: None, history: History) -> Repository:
    """The shop, registered and not yet analysed."""
    return analysis_services.repository_register(location=str(history.path))


@pytest.fixture
def workers(django_capture_on_commit_callbacks: Any) -> Callable[[], None]:
    """Do what the workers would: the looks that are due, then the analyses that wait."""

    def run() -> None:
        for _ in range(4):
            with django_capture_on_commit_callbacks(execute=True):
                for repository_id in services.looks_due():
                    services.tip_look(repository_id=repository_id)
            with django_capture_on_commit_callbacks(execute=True):
                for run_id in analysis_services.runs_to_wake():
                    analysis_services.run_execute(run_id=run_id)
            # The follow-up look is due at once here.
            Watch.objects.filter(outcome="analysing").update(next_look_at=clock.now())

    return run
