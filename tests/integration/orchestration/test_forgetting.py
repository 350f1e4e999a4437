"""Looks that found nothing go whole; nothing else does, not even past the service."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.domain.roles import Role
from common import clock
from orchestration.domain.states import EventKind
from orchestration.models import Environment, Run, RunEvent
from orchestration.services.forgetting import looks_forget
from orchestration.services.recording import event_add
from tests.builders.debts import make_person
from tests.builders.environments import make_catalogue, make_environment, make_log, make_run

pytestmark = pytest.mark.django_db
OLD = timedelta(days=31)


@pytest.fixture
def shop() -> Environment:
    make_catalogue()
    return make_environment()


def look(
    environment: Environment, state: str = "no_changes", *, age: timedelta = OLD, **changes: Any
) -> Run:
    values = {"action": "drift", "ended_at": clock.now() - age, **changes}
    run = make_run(environment, state=state, **values)
    make_log(run, 3)
    return run


def left() -> set[int]:
    return set(Run.objects.values_list("pk", flat=True))


def test_old_looks_that_found_nothing_go_with_their_logs(shop: Environment) -> None:
    gone = [look(shop), look(shop, "plan_failed"), look(shop, "expired")]
    kept = [look(shop, age=timedelta(days=29)), look(shop)]
    assert looks_forget(now=clock.now()) == 3
    assert left() == {one.pk for one in kept}
    assert not RunEvent.objects.filter(run__in=[one.pk for one in gone]).exists()
    assert RunEvent.objects.count() == 6, "the newest of an environment stays, however old"
    assert looks_forget(now=clock.now()) == 0


def test_what_says_something_stays(shop: Environment) -> None:
    ann = make_person("ann", Role.APPROVER)
    seen = look(shop)
    event_add(seen, EventKind.PERSON, "ann looked at db.password.")
    asked = look(shop)
    Run.objects.filter(pk=asked.pk).update(requested_by=ann)
    stay = [seen, asked, look(shop, "drift_found"), look(shop, "succeeded", action="verify")]
    stay.append(look(shop))
    other = make_environment("Other")
    stay.append(look(other))
    assert looks_forget(now=clock.now()) == 0
    assert left() == {one.pk for one in stay}


def refused(do: Callable[[], Any], match: str) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        do()


def test_the_database_lets_nothing_else_go(shop: Environment) -> None:
    first, seen, found = look(shop), look(shop), look(shop, "drift_found")
    event_add(seen, EventKind.PERSON, "ann looked at db.password.")
    for run in (seen, found):
        rows = Run.objects.filter(pk=run.pk)
        refused(lambda rows=rows: rows._raw_delete(rows.db), "a run is kept")
    lines = RunEvent.objects.filter(run=first)
    refused(lambda: lines._raw_delete(lines.db), "append-only")


@pytest.mark.django_db(transaction=True)
def test_no_line_stays_behind(shop: Environment) -> None:
    run = look(shop)

    def all_but_two_lines() -> None:
        rows = Run.objects.filter(pk=run.pk)
        with transaction.atomic():
            rows._raw_delete(rows.db)
            RunEvent.objects.filter(run=run.pk, sequence=3).delete()

    with pytest.raises(IntegrityError):
        all_but_two_lines()
    assert RunEvent.objects.filter(run=run.pk).count() == 3
