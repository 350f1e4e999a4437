"""The figures for a monitoring system, read as its own parser reads them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as plain

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis.services import analysis_request, repository_register
from common import clock
from ledger.services import debt_record
from tests.builders.git_history import History

pytestmark = pytest.mark.django_db


@pytest.fixture
def headers() -> dict[str, str]:
    user = accounts_services.user_create(username="jane", role=Role.CONTRIBUTOR)
    secret = accounts_services.token_issue(user=user, name="monitoring").secret
    due_on = clock.today() + timedelta(days=9)
    debt_record(actor=user, title="Carts in memory", owner="jane", due_on=due_on)
    return {"Authorization": f"Bearer {secret}"}


def test_figures_in_both_formats(client: Client, headers: dict[str, str], tmp_path: Path) -> None:
    History(tmp_path / "shop.git").commit("first", {"a.py": "x = 1\n"})
    analysis_request(repository=repository_register(location=str(tmp_path / "shop.git")))
    for accept, parse in (("application/openmetrics-text", open_metrics), ("", plain)):
        answer = client.get("/metrics", headers=headers | {"Accept": accept})
        assert answer.status_code == 200
        values = {
            (sample.name, *sample.labels.values()): sample.value
            for family in parse(answer.content.decode())
            for sample in family.samples
        }
        assert values["displace_debts_open",] == 1
        assert values["displace_debts_due_within_30_days",] == 1
        assert values["displace_debts_expired",] == 0
        assert values["displace_analysis_runs", "queued"] == 1
        assert values["displace_repositories",] == 1


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic x", "Bearer " + "x" * 10_000])
def test_nothing_for_strangers(client: Client, header: str) -> None:
    answer = client.get("/metrics", headers={"Authorization": header})
    assert answer.status_code == 401
    assert b"displace_" not in answer.content
