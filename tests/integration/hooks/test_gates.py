"""The gate over real histories, in checkouts and in registered repositories."""

import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import services as accounts_services
from accounts.domain.roles import Role
from analysis import services as analysis_services
from analysis.models import ContentFacts, Repository
from common import clock
from common.errors import Denied, NotFound, Refused
from hooks.domain.gate import Conclusion, GateResult, Level
from hooks.models import GateOverride
from hooks.services.gate_overrides import Plea
from hooks.services.gates import gate_check, gate_check_place
from ledger import services as ledger_services
from ledger.domain.policy import Enforcement, Rule
from ledger.domain.policy_documents import DEFAULT_DOCUMENT
from ledger.models import DebtEvent, DebtItem
from tests.builders.git_history import ANN, History, run_git

pytestmark = pytest.mark.django_db

REASON = "The shop is down and this brings it back"


def day(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


def mark(slug: str, days: int, keys: str = "") -> str:
    return f"# DEBT({slug}, owner=payments{keys}) [{day(days)}]: carts live in memory\n"


@pytest.fixture
def shop(tmp_path: Path) -> History:
    return History(tmp_path / "shop.git").commit(
        "open",
        {
            "shop/__init__.py": "",
            "shop/cart.py": mark("carts", -40) + "from shop import prices\n",
            "shop/prices.py": "price = 1\n",
            "shop/other.py": "x = 1\n",
            "README.md": "shop\n",
        },
    )


@pytest.fixture
def registered(shop: History, django_capture_on_commit_callbacks: Any) -> Repository:
    repository = analysis_services.repository_register(location=str(shop.path))
    with django_capture_on_commit_callbacks(execute=True):
        analysis_services.analyse_now(repository=repository)
    return Repository.objects.get(pk=repository.pk)


@pytest.fixture
def admin() -> Any:
    return accounts_services.user_create(
        username="admin", role=Role.ADMIN, email="admin@example.org"
    )


@pytest.fixture
def block(admin: Any) -> Callable[..., None]:
    """Make rules as hard as can be."""

    def make(*rules: Rule) -> None:
        chosen = {
            rule.value: {"enforcement": Enforcement.BLOCK.value, "announced": None}
            for rule in rules
        }
        document = {**DEFAULT_DOCUMENT, "rules": {**DEFAULT_DOCUMENT["rules"], **chosen}}
        ledger_services.policy_change(actor=admin, document=document)

    return make


def gate(shop: History, base: str = "main", head: str = "change", **options: Any) -> GateResult:
    return gate_check_place(place=str(shop.path), base=base, head=head, **options)


def levels(result: GateResult) -> list[tuple[str, str]]:
    return [(one.what.rule.value, one.level.value) for one in result.findings]


def test_expired_debt_in_a_touched_file(shop: History, registered: Repository, block: Any) -> None:
    block(Rule.EXPIRED_DEBT)
    shop.branch("change").commit("touch", {"shop/cart.py": mark("carts", -40) + "y = 2\n"})
    result = gate(shop)
    assert levels(result) == [("expired_debt", "block")]
    assert (result.is_stopped, result.slug, result.files) == (True, "shop", 1)
    assert result.findings[0].what.path == "shop/cart.py"


def test_a_neighbour_is_not_blocked(shop: History, registered: Repository, block: Any) -> None:
    block(*Rule)
    shop.branch("change").commit("elsewhere", {"shop/other.py": "x = 2\n"})
    assert gate(shop).conclusion is Conclusion.PASS


def test_work_on_the_base_is_not_the_changes(
    shop: History, registered: Repository, block: Any
) -> None:
    block(*Rule)
    shop.branch("change").commit("elsewhere", {"shop/other.py": "x = 2\n"})
    shop.switch("main").commit("meanwhile", {"shop/cart.py": mark("carts", -40) + "z = 3\n"})
    assert gate(shop).findings == ()


def test_paying_expired_debt_passes(shop: History, registered: Repository, block: Any) -> None:
    block(Rule.EXPIRED_DEBT)
    shop.branch("change").commit("store the carts", {"shop/cart.py": "y = 2\n"})
    result = gate(shop)
    assert result.findings == ()
    assert [(one.debt, one.how, one.line) for one in result.closings] == [("carts", "removed", 1)]


def test_a_renamed_file_keeps_its_debt(shop: History, registered: Repository, block: Any) -> None:
    block(Rule.EXPIRED_DEBT)
    shop.branch("change").rename("shop/cart.py", "shop/basket.py")
    result = gate(shop)
    assert levels(result) == [("expired_debt", "block")]
    assert result.closings == ()


def test_the_register_decides_when_debt_expires(
    shop: History, registered: Repository, block: Any
) -> None:
    block(Rule.EXPIRED_DEBT)
    item = DebtItem.objects.get(slug="carts")
    assert item.due_on.isoformat() == day(-40)
    shop.branch("change").commit("later", {"shop/cart.py": mark("carts", 90) + "y = 2\n"})
    assert levels(gate(shop)) == [("expired_debt", "block")]


def test_new_debt(shop: History, registered: Repository) -> None:
    shop.branch("change").commit(
        "hurry",
        {
            "shop/new.py": mark("rates", 400) + "x = 1\n# DEBT: bare\n",
            "shop/copy.py": mark("carts", 20),
            "vendor/lib.py": "# DEBT: theirs\n",
        },
    )
    found = {(one.what.rule.value, one.what.path) for one in gate(shop).findings}
    assert found == {
        ("missing_impact", "shop/new.py"),
        ("missing_plan", "shop/new.py"),
        ("term_too_long", "shop/new.py"),
        ("missing_expiry", "shop/new.py"),
        ("duplicate_annotation", "shop/copy.py"),
    }


def test_a_new_cycle_and_its_cut(shop: History, registered: Repository, block: Any) -> None:
    block(Rule.NEW_CYCLE)
    shop.branch("change").commit("loop", {"shop/prices.py": "price = 1\nfrom shop import cart\n"})
    result = gate(shop)
    found = next(one for one in result.findings if one.what.rule is Rule.NEW_CYCLE)
    assert (found.level, found.what.path, found.what.line) == (Level.BLOCK, "shop/prices.py", 2)
    assert "shop.cart, shop.prices" in found.what.message
    assert "shop.prices should stop importing shop.cart" in found.what.advice


def test_only_new_contents_are_measured(shop: History, registered: Repository) -> None:
    before = ContentFacts.objects.count()
    shop.branch("change").commit("one", {"shop/prices.py": "import os\nprice = 2\n"})
    gate(shop)
    assert ContentFacts.objects.count() == before + 1
    gate(shop)
    assert ContentFacts.objects.count() == before + 1


def test_nothing_is_registered_or_written(shop: History, block: Any) -> None:
    shop.branch("change").commit("hurry", {"shop/new.py": mark("rates", 20)})
    before = fingerprint(shop.path)
    result = gate(shop)
    assert levels(result) == [("missing_impact", "comment"), ("missing_plan", "comment")]
    assert (result.slug, result.repository) == ("", "shop")
    assert "no registered repository" in " ".join(result.notes)
    assert fingerprint(shop.path) == before
    assert not Repository.objects.exists()
    assert not DebtItem.objects.exists()


def fingerprint(path: Path) -> dict[str, float]:
    return {str(file): file.stat().st_mtime_ns for file in path.rglob("*")}


def test_the_ledger_is_left_alone(shop: History, registered: Repository) -> None:
    before = DebtEvent.objects.count()
    shop.branch("change").commit("store", {"shop/cart.py": "", "shop/new.py": mark("new", 9)})
    gate(shop)
    assert DebtEvent.objects.count() == before


def test_a_clone_is_known_by_its_remote(
    shop: History, registered: Repository, block: Any, tmp_path: Path
) -> None:
    """A checkout of somebody else, with a work tree and a commit that no server has."""
    block(Rule.EXPIRED_DEBT)
    clone = tmp_path / "work"
    run_git(tmp_path, "clone", "--quiet", str(shop.path), str(clone))
    (clone / "shop/cart.py").write_text(mark("carts", -40) + "y = 1\n")
    run_git(clone, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "-qam", "local")
    result = gate_check_place(place=str(clone), base="origin/main", head="HEAD")
    assert (result.slug, levels(result)) == ("shop", [("expired_debt", "block")])


def test_a_work_tree_of_a_work_tree(shop: History, tmp_path: Path) -> None:
    clone, linked = tmp_path / "work", tmp_path / "linked"
    shop.branch("change").commit("more", {"shop/new.py": "x = 1\n"}).switch("main")
    run_git(tmp_path, "clone", "--quiet", str(shop.path), str(clone))
    run_git(clone, "worktree", "add", "--quiet", str(linked), "origin/change")
    result = gate_check_place(place=str(linked), base="origin/main", head="HEAD")
    assert (result.files, result.commits) == (1, 1)


def test_a_shallow_clone_is_told_what_to_do(shop: History, tmp_path: Path) -> None:
    shop.branch("change").commit("more", {"shop/new.py": "x = 1\n"})
    shop.switch("main").commit("too", {"shop/other.py": "x = 3\n"})
    clone = tmp_path / "shallow"
    url = shop.path.as_uri()
    run_git(tmp_path, "clone", "-q", "--depth=1", "--no-single-branch", url, str(clone))
    with pytest.raises(Refused, match=r"no common commit.*--unshallow.*fetch-depth: 0"):
        gate_check_place(place=str(clone), base="origin/main", head="origin/change")
    with pytest.raises(Refused, match="unshallow") as error:
        gate_check_place(place=str(clone), base="origin/main~1", head="origin/change")
    assert error.value.field == "base"
    subprocess.run(["git", "fetch", "-q", "--unshallow"], cwd=clone, check=True)
    result = gate_check_place(place=str(clone), base="origin/main", head="origin/change")
    assert result.files == 1


def test_bad_input(shop: History, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no commit, branch or tag") as error:
        gate(shop, head="nowhere")
    assert error.value.field == "head"
    for revision in ("--all", "", "main..change", "a\nb"):
        with pytest.raises(Refused):
            gate(shop, head=revision)
    with pytest.raises(Refused, match="no readable directory"):
        gate_check_place(place=str(tmp_path / "none"), base="a", head="b")
    with pytest.raises(Refused, match="no git repository"):
        gate_check_place(place=str(tmp_path), base="a", head="b")
    with pytest.raises(NotFound):
        gate_check_place(place="https://git.example.org/x.git", base="a", head="b")
    shop.orphan("apart").commit("begin anew", {"a.py": ""})
    with pytest.raises(Refused, match="one history"):
        gate(shop, head="apart")


def test_a_registered_repository_is_fetched_when_it_must_be(
    shop: History, registered: Repository
) -> None:
    shop.branch("change").commit("hurry", {"shop/new.py": mark("rates", 20)})
    result = gate_check(repository=registered, base="main", head="change")
    assert {one.what.rule for one in result.findings} == {Rule.MISSING_IMPACT, Rule.MISSING_PLAN}
    with pytest.raises(Refused, match="no commit, branch or tag"):
        gate_check(repository=registered, base="main", head="f" * 40)


def test_hostile_configuration_of_a_checkout_runs_nothing(shop: History, tmp_path: Path) -> None:
    shop.branch("change").commit("more", {"shop/new.py": "x = 1\n", ".gitattributes": "* diff=e\n"})
    witness = tmp_path / "witness"
    for key in ("diff.e.command", "diff.external", "core.fsmonitor", "diff.e.textconv"):
        run_git(shop.path, "config", key, f"touch {witness}")
    run_git(shop.path, "config", "log.showSignature", "true")
    run_git(shop.path, "config", "gpg.program", f"touch {witness}")
    assert gate(shop).files == 2
    assert not witness.exists()


# -- breaking the glass ------------------------------------------------------------------------


@pytest.fixture
def stopped(shop: History, registered: Repository, block: Any) -> History:
    block(Rule.EXPIRED_DEBT)
    return shop.branch("change").commit("touch", {"shop/cart.py": mark("carts", -40) + "y = 2\n"})


def test_an_approver_lets_a_change_through(stopped: History) -> None:
    ann = accounts_services.user_create(username="ann", role=Role.APPROVER)
    result = gate(stopped, plea=Plea(ann, REASON, "command"))
    assert (result.conclusion, result.is_stopped) == (Conclusion.OVERRIDDEN, False)
    row = GateOverride.objects.get()
    assert (row.actor, row.actor_name, row.reason, row.source) == (ann, "ann", REASON, "command")
    assert (row.head_sha, row.repository_name) == (stopped.head, "shop")
    assert [one["rule"] for one in row.findings] == ["expired_debt"]
    assert gate(stopped).is_stopped


def test_who_may_not_or_says_nothing_is_refused(stopped: History) -> None:
    bob = accounts_services.user_create(username="bob", role=Role.CONTRIBUTOR)
    ann = accounts_services.user_create(username="ann", role=Role.APPROVER)
    with pytest.raises(Denied, match="approver"):
        gate(stopped, plea=Plea(bob, REASON, "api"))
    with pytest.raises(Refused, match="why the change cannot wait"):
        gate(stopped, plea=Plea(ann, " asap ", "api"))
    accounts_services.user_deactivate(user=ann)
    ann.refresh_from_db()
    with pytest.raises(Denied):
        gate(stopped, plea=Plea(ann, REASON, "api"))
    assert not GateOverride.objects.exists()


def test_nothing_is_recorded_when_nothing_blocks(shop: History, registered: Repository) -> None:
    ann = accounts_services.user_create(username="ann", role=Role.APPROVER)
    shop.branch("change").commit("touch", {"shop/other.py": ""})
    result = gate(shop, plea=Plea(ann, REASON, "command"))
    assert (result.conclusion, result.override) == (Conclusion.PASS, None)
    assert not GateOverride.objects.exists()


def test_a_commit_message_asks_and_its_author_is_known(stopped: History, settings: Any) -> None:
    settings.BELIEVE_OVERRIDE_TRAILERS = True
    stopped.commit(
        f"fix\n\nDebt-Override: {REASON}\n",
        {"a.txt": ""},
        author="Admin <Admin@example.org>",
    )
    for _ in range(2):  # a pipeline runs again
        result = gate(stopped)
        assert result.conclusion is Conclusion.OVERRIDDEN
        assert (result.override.actor, result.override.source) == ("admin", "trailer")
    row = GateOverride.objects.get()
    assert (row.commit_sha, row.reason) == (stopped.head, REASON)


def test_a_commit_message_is_not_believed_unless_the_operator_says_so(stopped: History) -> None:
    stopped.commit(
        f"fix\n\nDebt-Override: {REASON}\n",
        {"a.txt": ""},
        author="Admin <admin@example.org>",
    )
    result = gate(stopped)
    assert result.is_stopped
    assert [note for note in result.notes if "nothing was let through" in note]
    assert not GateOverride.objects.exists()


def test_a_stranger_or_a_contributor_asks_in_vain(stopped: History, settings: Any) -> None:
    settings.BELIEVE_OVERRIDE_TRAILERS = True
    accounts_services.user_create(username="ann", role=Role.CONTRIBUTOR, email="ann@example.org")
    stopped.commit(f"fix\n\nDebt-Override: {REASON}", {"a.txt": ""}, author=ANN)
    stopped.commit(f"x\n\nDebt-Override: {REASON}", {"b.txt": ""}, author="Zoe <z@example.org>")
    stopped.commit("x\n\nDebt-Override: now", {"c.txt": ""}, author="A <admin@example.org>")
    result = gate(stopped)
    assert result.is_stopped
    assert len([note for note in result.notes if "asks to be let through" in note]) == 3
    assert not GateOverride.objects.exists()
