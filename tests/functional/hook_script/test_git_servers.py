"""Real pushes to real Git servers, told to a real Displace: each ends with the same ledger."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from analysis import services as analysis_services
from analysis.models import Repository
from common import clock
from hooks import services
from hooks.domain.kinds import Kind
from hooks.models import Delivery, Watch
from ledger.models import DebtItem
from ledger.selectors import history_verify
from tests import lanes
from tests.builders import git_servers
from tests.functional.hook_script.conftest import Place, eventually

pytestmark = [pytest.mark.once, pytest.mark.slow]

MORE = 'impact="costs 3 days a month", plan="buy a store"'


def debt(slug: str) -> str:
    return f"# DEBT({slug}, owner=payments, {MORE}) [2099-03-01]: {slug} live in memory\nx = 1\n"


def owed(slug: str, state: str, path: str, *events: str, how: str = "") -> tuple[str, ...]:
    title = f"{slug.title()} live in memory"
    present = str(state == "proposed")
    return (state, how, present, path, "payments", "2099-03-01", title, "recorded", *events)


EXPECTED = {
    "carts": owed("carts", "repaid", "cart.py", "annotation_left", how="removed"),
    "tax": owed("tax", "rolled_back", "tax.py", "rolled_back"),
    "rates": owed("rates", "proposed", "fees.py", "annotation_changed"),
    "wrong": owed("wrong", "rolled_back", "wrong.py", "rolled_back"),
    "stock": owed("stock", "proposed", "stock.py"),
    "prices": owed("prices", "proposed", "prices.py"),
}


@dataclass
class Server:
    """A repository on a Git server: where it is, how to reach it, and its hook."""

    place: Place
    address: str
    hooks: Path


@dataclass
class Shop:
    """A project whose pushes reach Displace over a line that can be cut."""

    work: Place
    server: Server
    line: git_servers.Line
    repository: Repository
    run_workers: Callable[[], None]

    def push(self, *arguments: str) -> None:
        """Push, and wait until what it says has arrived and was looked at."""
        before = Delivery.objects.count()
        self.work.git("push", "--quiet", "origin", *(arguments or ("main",)))
        # The event is in the spool when the push returns, and goes when it was accepted. The
        # database is not asked meanwhile: SQLite in memory would refuse one of the two.
        assert eventually(lambda: not self.waiting)
        assert Delivery.objects.count() > before
        self.run_workers()

    def push_unheard(self, *arguments: str) -> None:
        """Push what tells Displace nothing, now at least."""
        self.work.git("push", "--quiet", "origin", *arguments)

    @property
    def waiting(self) -> list[Path]:
        return list((self.server.place.path / "displace" / "spool").glob("*.json"))


def folder(bare: Place, stack: ExitStack, tmp_path: Path) -> Server:
    return Server(bare, bare.path.as_uri(), bare.path / "hooks")


def http(bare: Place, stack: ExitStack, tmp_path: Path) -> Server:
    backend = git_servers.http_backend(bare.path.parent, bare.environment)
    return Server(bare, f"{stack.enter_context(backend)}/{bare.path.name}", bare.path / "hooks")


def gitolite(bare: Place, stack: ExitStack, tmp_path: Path) -> Server:
    if reason := git_servers.missing_gitolite():
        lanes.skip_or_fail("gitolite", reason)
    home = tmp_path / "home"
    bare.environment["GIT_SSH"] = str(git_servers.gitolite(home, bare.environment))
    place = Place(home / "repositories" / "testing.git", bare.environment)
    place.git("symbolic-ref", "HEAD", "refs/heads/main")
    return Server(place, "git@gitolite.invalid:testing", home / ".gitolite" / "hooks" / "common")


@pytest.fixture(params=[folder, http, gitolite], ids=lambda server: server.__name__)
def server(
    request: pytest.FixtureRequest, bare: Place, work: Place, tmp_path: Path
) -> Iterator[Server]:
    with ExitStack() as stack:
        found = request.param(bare, stack, tmp_path)
        work.git("remote", "add", "origin", found.address)
        yield found


@pytest.fixture
def shop(server: Server, work: Place, tmp_path: Path, live_server: Any) -> Shop:
    """The project, registered in Displace, with the server's hook in place."""
    work.commit("open", cart="items = []\n")
    work.git("push", "--quiet", "origin", "main")
    repository = analysis_services.repository_register(location=str(server.place.path))
    issued = services.endpoint_create(repository_id=repository.pk, kind=Kind.DISPLACE)
    secret = tmp_path / "secret"
    secret.write_text(issued.secret, encoding="ascii")
    secret.chmod(0o600)
    address = urlsplit(live_server.url)
    line = git_servers.Line((str(address.hostname), int(address.port or 0)))
    arguments = ["install", "--server", "--url", line.url, "--endpoint", issued.endpoint.key]
    if server.hooks.parent != server.place.path:
        arguments += ["--hooks-dir", str(server.hooks)]
    server.place.hook(*arguments, "--secret-file", str(secret), fine=True)
    if "gitolite" in str(server.hooks):
        server.place.run("gitolite", "setup", "--hooks-only")
    server.place.git("config", "displace.patience", "0")
    return Shop(work, server, line, repository, run_workers)


def run_workers() -> None:
    """Do what the workers would, for as long as there is something to do."""
    for _ in range(4):
        for repository_id in services.looks_due():
            services.tip_look(repository_id=repository_id)
        for run_id in analysis_services.runs_to_wake():
            analysis_services.run_execute(run_id=run_id)
        Watch.objects.filter(outcome="analysing").update(next_look_at=clock.now())


def merges(shop: Shop) -> None:
    """A push, a squash merge and a rebase."""
    work = shop.work
    work.commit("carts", cart=debt("carts"))
    shop.push()
    work.git("switch", "--quiet", "--create", "tax")
    work.commit("start tax", tax="x = 1\n")
    work.commit("tax", tax=debt("tax"))
    shop.push_unheard("tax")
    work.git("switch", "--quiet", "main")
    work.git("merge", "--quiet", "--squash", "tax")
    work.git("commit", "--message", "squashed tax")
    shop.push()
    work.git("switch", "--quiet", "--create", "rates", "HEAD~1")
    work.commit("rates", rates=debt("rates"))
    work.git("rebase", "--quiet", "main")
    work.git("switch", "--quiet", "main")
    work.git("merge", "--quiet", "--ff-only", "rates")
    shop.push()


def second_thoughts(shop: Shop) -> None:
    """A revert, a tag, a deleted branch and a force push."""
    work = shop.work
    work.git("revert", "--no-edit", "HEAD~1")  # the squashed tax
    shop.push()
    work.git("tag", "v1")
    shop.push_unheard("v1")
    shop.push_unheard("--delete", "tax")
    work.commit("a mistake", wrong=debt("wrong"))
    shop.push()
    work.git("reset", "--quiet", "--hard", "HEAD~1")
    work.commit("stock", stock=debt("stock"))
    shop.push("--force", "main")


def away(shop: Shop) -> None:
    """Pushes while Displace is away: a new debt, a move, and one that is gone."""
    work = shop.work
    work.commit("prices", prices=debt("prices"))
    shop.push_unheard("main")
    work.git("mv", "rates.py", "fees.py")
    work.git("commit", "--message", "rates are fees")
    shop.push_unheard("main")
    work.commit("a store for carts", cart="items = Store()\n")
    shop.push_unheard("main")
    log = shop.server.place.path / "displace" / "log"
    assert eventually(lambda: log.exists() and "does not answer" in log.read_text())
    assert len(shop.waiting) == 3


def ledger(repository: Repository) -> dict[str, tuple[Any, ...]]:
    """State and history of every debt, as far as they do not depend on the hour."""
    assert history_verify().breaks == ()
    fields = ("state", "resolution", "present", "path", "owner", "due_on", "title")
    return {
        item.slug: (
            *(str(getattr(item, field)) for field in fields),
            *item.events.order_by("sequence").values_list("type", flat=True),
        )
        for item in DebtItem.objects.filter(repository=repository)
    }


@pytest.mark.django_db(transaction=True)
def test_every_server_ends_with_the_same_ledger(shop: Shop) -> None:
    with shop.line.up():
        merges(shop)
        second_thoughts(shop)
    away(shop)
    with shop.line.up():
        shop.server.place.hook("drain", str(shop.server.place.path), fine=True)
        assert eventually(lambda: not shop.waiting)
        shop.run_workers()
        assert ledger(shop.repository) == EXPECTED
        before = ledger(shop.repository)
        # The same events again, as after a power cut: nothing changes.
        shop.work.git("commit", "--allow-empty", "--message", "nothing")
        shop.push()
        assert ledger(shop.repository) == before
