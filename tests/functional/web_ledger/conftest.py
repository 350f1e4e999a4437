"""People who are signed in, debts made through the services, and a clock that can be set."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis.models import Repository, Snapshot, SnapshotFile
from common import clock
from ledger import services
from ledger.domain.estimates import EstimateDraft, Interest, Principal
from ledger.domain.plans import MilestoneDraft, PlanDraft
from ledger.models import DebtItem

PASSWORD = "correct horse battery"
IMPACT = (
    "Changes to billing take 9 days to reach customers, against 4 days elsewhere. "
    "Source: the release log."
)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], AbstractContextManager[None]]:
    """Live on another day for a while: `with set_clock(-30): ...` is a month ago."""

    @contextmanager
    def on(days: int) -> Iterator[None]:
        moment = clock.now() + timedelta(days=days)
        with monkeypatch.context() as patch:
            patch.setattr(clock, "now", lambda: moment)
            patch.setattr(clock, "today", lambda zone=None: moment.date())
            yield

    return on


@pytest.fixture
def person(db: None) -> Callable[..., Any]:
    """Make a person with a role; the name is the role's unless given."""

    def make(role: Role, name: str = "") -> Any:
        return accounts_services.user_create(
            username=name or role.value, role=role, password=PASSWORD
        )

    return make


@pytest.fixture
def people(person: Callable[..., Any]) -> dict[Role, Any]:
    return {role: person(role) for role in Role}


@pytest.fixture
def browse(people: dict[Role, Any]) -> Callable[[Role], Client]:
    """A browser in which somebody with the role is signed in; it checks CSRF tokens."""

    def make(role: Role) -> Client:
        client = Client()
        client.force_login(people[role])
        return client

    return make


@pytest.fixture
def viewer(browse: Callable[[Role], Client]) -> Client:
    return browse(Role.VIEWER)


@pytest.fixture
def contributor(browse: Callable[[Role], Client]) -> Client:
    return browse(Role.CONTRIBUTOR)


@pytest.fixture
def approver(browse: Callable[[Role], Client]) -> Client:
    return browse(Role.APPROVER)


@pytest.fixture
def admin(browse: Callable[[Role], Client]) -> Client:
    return browse(Role.ADMIN)


def complete(**changes: Any) -> dict[str, Any]:
    """What a debt needs to be accepted."""
    return {
        "title": "Carts live in process memory",
        "owner": "payments",
        "due_on": in_days(60),
        "impact": IMPACT,
        "estimate": EstimateDraft(Principal.of(8, 16, 40), Interest.of(2, 4, 9)),
        "plan": PlanDraft("Move the carts", (MilestoneDraft("Store chosen", in_days(20)),)),
        **changes,
    }


@pytest.fixture
def record(people: dict[Role, Any]) -> Callable[..., DebtItem]:
    """Record a debt; complete unless told otherwise."""

    def make(**changes: Any) -> DebtItem:
        return services.debt_record(actor=people[Role.CONTRIBUTOR], **complete(**changes))

    return make


@pytest.fixture
def proposed(record: Callable[..., DebtItem]) -> DebtItem:
    return record()


@pytest.fixture
def activate(people: dict[Role, Any]) -> Callable[[DebtItem], DebtItem]:
    def make(item: DebtItem) -> DebtItem:
        return services.debt_activate(actor=people[Role.APPROVER], item_id=item.pk)

    return make


@pytest.fixture
def active(proposed: DebtItem, activate: Callable[[DebtItem], DebtItem]) -> DebtItem:
    return activate(proposed)


@pytest.fixture
def expired(
    record: Callable[..., DebtItem],
    activate: Callable[[DebtItem], DebtItem],
    set_clock: Callable[[int], AbstractContextManager[None]],
) -> DebtItem:
    """Promised for twelve days ago, and still owed."""
    due_on = in_days(-12)
    with set_clock(-40):
        return activate(record(title="Refunds are booked by hand", due_on=due_on))


@pytest.fixture
def repository(db: None) -> Repository:
    return make_repository("shop")


def make_repository(slug: str) -> Repository:
    return Repository.objects.create(
        name=slug.title(),
        slug=slug,
        location=f"/srv/git/{slug}.git",
        kind="local",
        default_branch="main",
        created_at=clock.now(),
    )


def add_snapshot(repository: Repository, hotspots: dict[str, float]) -> Snapshot:
    """Give a repository a current snapshot with these files."""
    totals = dict.fromkeys(
        (
            "files", "measured_files", "unreadable_files", "loc", "sloc", "lloc", "comments",
            "functions", "complexity", "modules", "dependencies",
        ),
        len(hotspots),
    )  # fmt: skip
    snapshot = Snapshot.objects.create(
        repository=repository,
        commit_sha="a" * 40,
        committed_at=clock.now(),
        created_at=clock.now(),
        analyser=1,
        **totals,
    )
    SnapshotFile.objects.bulk_create(
        SnapshotFile(
            snapshot=snapshot,
            path=path,
            language="python",
            oid="b" * 40,
            size=100,
            loc=120,
            complexity=42,
            revisions=17,
            revisions_recent=5,
            added=300,
            deleted=33,
            hotspot=score,
        )
        for path, score in hotspots.items()
    )
    repository.current_snapshot = snapshot
    repository.save(update_fields=["current_snapshot"])
    return snapshot
