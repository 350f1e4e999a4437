"""However events arrive, late, lost, doubled or out of order, the ledger ends the same."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Delivery, Watch
from ledger.models import DebtItem
from ledger.selectors import history_verify
from tests.builders.git_history import History
from tests.builders.webhooks import ZEROS, encoded, merged, pushed, signed

MAIN = "refs/heads/main"
DUE = (clock.today() + timedelta(days=100)).isoformat()
Sent = tuple[dict[str, str], bytes]


def debt(slug: str) -> str:
    return f"# DEBT({slug}, owner=payments, sev=high) [{DUE}]: {slug} live in memory\n"


def life(history: History) -> Iterator[tuple[str, str]]:
    """The pushes of a project, each with the reference and the new tip that its event names."""
    history.commit("carts", {"shop/cart.py": debt("carts")})
    yield MAIN, history.head
    history.commit("tax", {"shop/tax.py": debt("tax") + "x = 1\n"})
    yield MAIN, history.head
    history.tag("v1")
    yield "refs/tags/v1", history.head
    history.branch("topic").commit("rates", {"shop/rates.py": debt("rates")})
    yield "refs/heads/topic", history.head
    history.switch("main").merge("topic")
    yield MAIN, history.head
    history.delete_branch("topic")
    yield "refs/heads/topic", ZEROS
    history.rename("shop/tax.py", "shop/vat.py")
    yield MAIN, history.head
    history.move("main", history.sha("main^")).commit(
        "no carts", {"shop/cart.py": "items = Store()\n"}
    )
    yield MAIN, history.head  # a forced push: the renaming is gone


def ledger(repository: Repository) -> set[tuple[Any, ...]]:
    fields = ("slug", "state", "resolution", "present", "path", "title", "due_on")
    items = DebtItem.objects.filter(repository=repository)
    assert history_verify().breaks == ()
    return set(items.values_list(*fields))


class Host:
    """Signs the pushes of one repository and posts them."""

    def __init__(self, kind: Kind, repository: Repository) -> None:
        issued = services.endpoint_create(repository_id=repository.pk, kind=kind)
        self.kind, self.secret = kind, issued.secret
        self.address = f"/webhooks/{kind.value}/{issued.endpoint.key}"
        self._client = Client()

    def event(self, ref: str, new: str) -> Sent:
        body = encoded(pushed(self.kind, ref, new=new))
        return signed(self.kind, self.secret, body), body

    def merge(self) -> Sent:
        event, document = merged(self.kind, "main")
        body = encoded(document)
        return signed(self.kind, self.secret, body, event=event), body

    def post(self, sent: Sent) -> int:
        headers, body = sent
        answer = self._client.post(
            self.address, body, content_type="application/json", headers=headers
        )
        return int(answer.status_code)


@pytest.fixture
def expected() -> set[tuple[Any, ...]]:
    """What the finished project owes: by slug, state, resolution, presence and path."""
    return {
        ("carts", "repaid", "removed", False, "shop/cart.py"),
        ("rates", "proposed", "", True, "shop/rates.py"),
        ("tax", "proposed", "", True, "shop/tax.py"),
    }


def short(repository: Repository) -> set[tuple[Any, ...]]:
    return {row[:5] for row in ledger(repository)}


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_one_event_at_a_time(
    registered: Repository,
    history: History,
    workers: Callable[[], None],
    expected: set[tuple[Any, ...]],
    kind: Kind,
) -> None:
    host = Host(kind, registered)
    for ref, new in life(history):
        assert host.post(host.event(ref, new)) == 202
        workers()
    assert short(registered) == expected
    assert not Delivery.objects.filter(state="waiting").exists()


@pytest.mark.parametrize("seed", range(6))
def test_out_of_order_lost_and_replayed(
    registered: Repository,
    history: History,
    workers: Callable[[], None],
    expected: set[tuple[Any, ...]],
    seed: int,
) -> None:
    chance = random.Random(seed)
    host = Host(chance.choice(list(Kind)), registered)
    late: list[Sent] = []
    first: Sent | None = None
    for ref, new in life(history):
        sent = host.event(ref, new)
        first = first or sent
        late += [sent] if chance.random() < 0.7 else []  # the others are lost
        chance.shuffle(late)
        while late and chance.random() < 0.5:
            assert host.post(late.pop()) in {200, 202}
            if chance.random() < 0.5:
                workers()
    for sent in (*late, *late, host.event(MAIN, history.head)):
        assert host.post(sent) in {200, 202}
    workers()
    before = ledger(registered)
    assert short(registered) == expected
    assert first is not None
    for sent in (*late, first):  # replayed once all is done
        host.post(sent)
        workers()
    assert ledger(registered) == before


def test_all_events_lost(
    registered: Repository,
    history: History,
    workers: Callable[[], None],
    expected: set[tuple[Any, ...]],
) -> None:
    for number, _ in enumerate(life(history)):
        if number == 1:
            analysis_services.analyse_now(repository=registered)
    services.looks_due()
    Watch.objects.update(next_look_at=clock.now())
    workers()
    assert {row[0] for row in short(registered)} >= {"rates", "tax"}
    assert short(registered) <= expected


def test_a_merge_request_alone_is_prompt_enough(
    registered: Repository, history: History, workers: Callable[[], None]
) -> None:
    host = Host(Kind.GITLAB, registered)
    workers()
    history.commit("carts", {"shop/cart.py": debt("carts")})
    assert host.post(host.merge()) == 202
    workers()
    assert [row[0] for row in ledger(registered)] == ["carts"]


def test_nothing_that_an_event_says_is_registered(
    registered: Repository, history: History, workers: Callable[[], None]
) -> None:
    host = Host(Kind.GITHUB, registered)
    lies = pushed(Kind.GITHUB, MAIN, new="f" * 40)
    lies["commits"] = [{"id": "f" * 40, "message": "Debt: lies [2099-01-01]: x", "added": ["l.py"]}]
    body = encoded(lies)
    assert host.post((signed(Kind.GITHUB, host.secret, body), body)) == 202
    workers()
    assert ledger(registered) == set()
    found = Repository.objects.select_related("current_snapshot").get(pk=registered.pk)
    assert found.current_snapshot.commit_sha == history.head
