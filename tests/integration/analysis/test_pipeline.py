"""From a real repository to a snapshot, and from one snapshot to the next."""

import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from analysis import selectors, services
from analysis.models import AnalysisRun, Commit, ContentFacts, FileChange, Repository, Snapshot
from common.errors import Refused
from tests.builders.git_history import ANN, BOB, History, run_git

pytestmark = pytest.mark.django_db

CART = "import shop.stock\n\n\ndef total(items):\n    return sum(items) if items else 0\n"
STOCK = "from shop import cart\n\n\ndef left():\n    return 1\n"


def analysed(path: Path, **options: Any) -> dict[str, Any]:
    repository = services.repository_register(location=str(path))
    snapshot_id = services.analyse_now(repository=repository, **options)
    return selectors.snapshot_document(snapshot_id=snapshot_id)


def figures(path: Path, **options: Any) -> dict[str, Any]:
    """The document without what tells one copy of a repository from another."""
    document = analysed(path, **options)
    del document["repository"]
    return document


def shop(tmp_path: Path) -> History:
    return (
        History(tmp_path / "shop.git")
        .commit("start", {"shop/__init__.py": "", "shop/cart.py": CART, "shop/stock.py": STOCK})
        .commit("price", {"shop/cart.py": CART + "\n\nPRICE = 1\n"}, author=BOB)
    )


def by_path(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {file["path"]: file for file in document["files"]}


def test_a_repository_becomes_a_picture(tmp_path: Path) -> None:
    document = analysed(shop(tmp_path).path)
    cart = by_path(document)["shop/cart.py"]
    assert cart["functions"] == [{"name": "total", "line": 4, "end_line": 5, "complexity": 2}]
    assert (cart["revisions"], cart["authors"], cart["churn"]) == (2, 2, 8)
    assert document["cycles"] == [["shop.cart", "shop.stock"]]
    assert {"from": "shop.cart", "to": "shop.stock"} in document["dependencies"]
    assert document["totals"]["commits"] == 2
    assert document["repository"]["default_branch"] == "main"


def test_a_second_look_at_the_same_commit_writes_nothing(tmp_path: Path) -> None:
    history = shop(tmp_path)
    first = analysed(history.path)
    assert analysed(history.path) == first
    assert Snapshot.objects.count() == 1
    assert Repository.objects.count() == 1


def test_a_blob_is_measured_once_for_all_repositories(tmp_path: Path) -> None:
    history = shop(tmp_path)
    analysed(history.path)
    before = set(ContentFacts.objects.values_list("pk", flat=True))
    shutil.copytree(history.path, tmp_path / "fork.git")
    analysed(tmp_path / "fork.git")
    assert set(ContentFacts.objects.values_list("pk", flat=True)) == before


class Wanderer:
    """Grows a history at random: edits, new files, renames, deletions, branches, merges."""

    def __init__(self, history: History, seed: int) -> None:
        self.history, self.chance = history, random.Random(seed)
        self.files = {f"pkg/m{n}.py": self.text() for n in range(12)} | {"pkg/__init__.py": ""}
        self.serial = 0
        history.commit("start", self.files)

    def together(self) -> dict[str, str]:
        """Two files that mostly change together, so that there is coupling to be found."""
        both = ("hub.py", "spoke.py")
        # Each of them alone too: their pair must be counted anew whichever of them changed.
        chosen = self.chance.choice([both, both, both, both[:1], both[1:]])
        return {path: self.text() for path in chosen}

    def text(self) -> str:
        lines = [f"import pkg.m{self.chance.randrange(12)}"]
        lines += [f"value_{n} = {self.chance.random()}" for n in range(self.chance.randrange(9))]
        lines += ["def f(a):", "    return 1 if a else 2"] * self.chance.randrange(1, 3)
        return "\n".join(lines) + "\n"

    def step(self) -> None:
        self.serial += 1
        author = self.chance.choice([ANN, BOB])
        path = self.chance.choice(sorted(set(self.files) - {"pkg/__init__.py"}))
        match self.chance.randrange(6):
            case 0:
                new = f"pkg/n{self.serial}.py"
                self.files[new] = self.files.pop(path)
                self.history.rename(path, new, author=author)
            case 1 if len(self.files) > 6:
                del self.files[path]
                self.history.delete(path, author=author)
            case 2:
                self.files[path] = self.text()
                main = self.history.current
                self.history.branch(f"b{self.serial}")
                self.history.commit("aside", {path: self.files[path]}, author=author)
                other = f"pkg/x{self.serial}.py"
                self.files[other] = self.text()
                self.history.switch(main).commit("beside", {other: self.files[other]})
                self.history.merge(f"b{self.serial}")
            case _:
                changed = self.chance.sample(sorted(self.files), 3)
                new_texts = {one: self.text() for one in changed if one != "pkg/__init__.py"}
                self.files |= new_texts
                self.history.commit("edit", new_texts | self.together(), author=author)


@pytest.mark.parametrize("seed", range(4))
def test_step_by_step_gives_what_one_look_at_all_gives(tmp_path: Path, seed: int) -> None:
    wanderer = Wanderer(History(tmp_path / "grows.git"), seed)
    for look in range(4):
        for _ in range(15):
            wanderer.step()
        step_by_step = figures(tmp_path / "grows.git")
        copy = tmp_path / f"copy{look}.git"
        shutil.copytree(tmp_path / "grows.git", copy)
        assert step_by_step == figures(copy)
    assert step_by_step["change_coupling"], "the history was too short to couple anything"


def test_a_named_revision_is_measured_like_a_tip(tmp_path: Path) -> None:
    wanderer = Wanderer(History(tmp_path / "grows.git"), 7)
    for _ in range(30):
        wanderer.step()
    sha = wanderer.history.head
    at_tip = figures(tmp_path / "grows.git")
    for _ in range(10):
        wanderer.step()
    tip = figures(tmp_path / "grows.git")
    assert figures(tmp_path / "grows.git", rev=sha) == at_tip
    repository = Repository.objects.get()
    assert repository.current_snapshot is not None
    assert repository.current_snapshot.commit_sha == tip["commit"]["sha"]


def test_a_force_push_is_read_anew(tmp_path: Path) -> None:
    history = shop(tmp_path)
    first = history.head
    analysed(history.path)
    history.commit("will be undone", {"shop/cart.py": "x = 1\n"})
    analysed(history.path)
    history.move("main", first).commit("instead", {"shop/stock.py": "y = 2\n"})
    shutil.copytree(history.path, tmp_path / "copy.git")
    assert figures(history.path) == figures(tmp_path / "copy.git")
    assert Commit.objects.filter(repository__location=str(history.path)).count() == 3


def test_a_branch_moved_away_and_back_shows_its_own_history_again(tmp_path: Path) -> None:
    history = shop(tmp_path)
    first = history.head
    before = figures(history.path)
    history.commit("away", {"shop/cart.py": "x = 1\n"})
    analysed(history.path)
    history.move("main", first)
    assert figures(history.path) == before
    repository = Repository.objects.get()
    assert repository.history_head == first
    assert repository.commits.count() == 2


def test_without_history_everything_learnt_from_commits_is_unknown(tmp_path: Path) -> None:
    document = analysed(shop(tmp_path).path, with_history=False)
    cart = by_path(document)["shop/cart.py"]
    assert cart["complexity"] == 2
    assert cart["revisions"] is cart["churn"] is cart["hotspot"] is cart["age_months"] is None
    assert document["totals"]["commits"] is None
    assert FileChange.objects.count() == 0
    assert by_path(analysed(shop(tmp_path / "b").path))["shop/cart.py"]["revisions"] == 2


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(tmp_path: Path) -> None:
    deep = "x = " + "(" * 5000 + ")" * 5000 + "\n"
    history = History(tmp_path / "odd.git").commit(
        "odd files",
        {
            "good.py": "a = 1\n",
            "old.py": "print 'hello'\n",
            "broken.py": "def f(:\n",
            "deep.py": deep,
            "latin.py": "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1"),
            "bom.py": b"\xef\xbb\xbfa = 1\n",
            "blob.py": b"\x00\x01\x02",
            "wrong.py": b"name = '\xff'\n",
        },
        submodules={"other": "1" * 40},
        links={"link.py": "good.py"},
    )
    document = analysed(history.path)
    errors = {path: file["error"] for path, file in by_path(document).items()}
    assert errors["good.py"] is errors["latin.py"] is errors["bom.py"] is None
    assert errors["old.py"].startswith("python2")
    assert errors["broken.py"].startswith("syntax")
    assert "line 1" in errors["broken.py"]
    assert errors["deep.py"].startswith("too_deep")
    assert errors["blob.py"].startswith("binary")
    assert errors["wrong.py"].startswith("encoding")
    assert "link.py" not in errors
    assert document["totals"]["measured_files"] == 3
    assert document["totals"]["unreadable_files"] == 5
    assert any("other" in warning for warning in document["warnings"])


def test_a_shallow_clone_is_analysed_and_says_so(tmp_path: Path) -> None:
    history = shop(tmp_path)
    run_git(tmp_path, "clone", "-q", "--depth=1", f"file://{history.path}", "shallow")
    document = analysed(tmp_path / "shallow")
    assert document["totals"]["commits"] == 1
    assert any("shallow" in warning for warning in document["warnings"])
    run_git(tmp_path / "shallow", "fetch", "-q", "--unshallow")
    whole = analysed(tmp_path / "shallow")
    assert whole["totals"]["commits"] == 2
    assert not whole["warnings"]


def test_a_second_look_at_a_shallow_clone_shows_the_same(tmp_path: Path) -> None:
    history = shop(tmp_path)
    run_git(tmp_path, "clone", "-q", "--depth=1", f"file://{history.path}", "shallow")
    first = analysed(tmp_path / "shallow")
    assert first["modules"]
    assert analysed(tmp_path / "shallow") == first


# What is null in the facts of a content that could not be measured.
NO_FIGURES = {
    field.name: None
    for field in ContentFacts._meta.concrete_fields
    if field.null and field.name != "error_line"
}


def test_a_measurement_that_timed_out_is_tried_again(tmp_path: Path) -> None:
    history = shop(tmp_path)
    analysed(history.path)
    lost = ContentFacts.objects.filter(function_count=1)
    assert lost.update(**NO_FIGURES, error_reason="timeout") == 2
    history.commit("more", {"shop/more.py": "x = 1\n"})
    cart = by_path(analysed(history.path))["shop/cart.py"]
    assert (cart["error"], cart["complexity"]) == (None, 2)
    assert ContentFacts.objects.filter(attempts=2, error_reason="").count() == 2


def test_imports_that_come_with_a_second_attempt_are_in_the_graph(tmp_path: Path) -> None:
    files = {"shop/__init__.py": "", "shop/a.py": "import shop.b\n", "shop/b.py": ""}
    history = History(tmp_path / "shop.git").commit("open", files)
    analysed(history.path)
    # As a first attempt that was cut off leaves it: no imports, and so no dependency.
    cut_off = ContentFacts.objects.exclude(imports=[])
    assert cut_off.update(**NO_FIGURES | {"imports": []}, error_reason="timeout") == 1
    snapshot = Snapshot.objects.get()
    snapshot.dependency_rows.all().delete()
    snapshot.file_rows.filter(path="shop/a.py").update(error="timeout")
    Snapshot.objects.filter(pk=snapshot.pk).update(graph_digest="of the graph without it")
    history.commit("tell", {"shop/b.py": "x = 1\n"})
    assert analysed(history.path)["dependencies"] == [{"from": "shop.a", "to": "shop.b"}]


@pytest.mark.parametrize(
    "location",
    ["ext::sh -c true", "--upload-pack=touch /tmp/x", "ftp://example.org/x", "", "/nowhere/at/all"],
)
def test_a_bad_location_is_refused_and_leaves_nothing(location: str) -> None:
    with pytest.raises(Refused) as refused:
        services.repository_register(location=location)
    assert refused.value.field == "location"
    assert not Repository.objects.exists()


def test_an_empty_repository_is_refused_with_its_reason(tmp_path: Path) -> None:
    empty = History(tmp_path / "empty.git")
    with pytest.raises(Refused, match="no commits yet"):
        services.repository_register(location=str(empty.path))


def test_a_repository_that_vanishes_fails_its_run_with_a_sentence(tmp_path: Path) -> None:
    history = shop(tmp_path)
    analysed(history.path)
    history.path.rename(tmp_path / "away.git")
    repository = Repository.objects.get()
    with pytest.raises(Refused, match="no readable directory"):
        services.analyse_now(repository=repository)
    run = AnalysisRun.objects.order_by("-pk").first()
    assert run is not None
    assert run.state == AnalysisRun.State.FAILED
    assert repository.current_snapshot is not None, "what was known is still shown"


def test_a_source_that_borrows_objects_is_copied_whole(tmp_path: Path) -> None:
    history = shop(tmp_path)
    run_git(tmp_path, "clone", "-q", "--bare", "--shared", str(history.path), "borrower.git")
    document = analysed(tmp_path / "borrower.git")
    shutil.rmtree(history.path)
    repository = Repository.objects.get()
    snapshot_id = repository.current_snapshot_id
    assert snapshot_id is not None
    assert services.source_lines(snapshot_id=snapshot_id, path="shop/cart.py", first=1, last=1)
    assert document["totals"]["commits"] == 2


@pytest.mark.parametrize("behind", [False, True], ids=["no mirror", "an older mirror"])
def test_a_host_that_did_not_analyse_reads_the_sources_too(
    tmp_path: Path, settings: Any, behind: bool
) -> None:
    history = shop(tmp_path)
    here, elsewhere = settings.DATA_DIR, tmp_path / "another host"
    if behind:
        settings.DATA_DIR = elsewhere
        analysed(history.path)
        settings.DATA_DIR = here
    history.commit("mark", {"shop/mark.py": "NEEDLE = 1\n"})
    analysed(history.path)
    settings.DATA_DIR = elsewhere
    repository = Repository.objects.get()
    snapshot_id = repository.current_snapshot_id
    assert snapshot_id is not None
    found = services.tree_search(snapshot_id=snapshot_id, needle="NEEDLE")
    assert [file.path for file in found] == ["shop/mark.py"]
    lines = services.source_lines(snapshot_id=snapshot_id, path="shop/mark.py", first=1, last=9)
    assert lines == ["NEEDLE = 1"]


def test_old_snapshots_keep_their_totals_and_lose_their_rows(tmp_path: Path) -> None:
    history = shop(tmp_path)
    for number in range(5):
        history.commit("more", {"shop/cart.py": CART + f"\n\nx = {number}\n"})
        analysed(history.path)
    assert Snapshot.objects.count() == 5
    assert Snapshot.objects.filter(has_rows=True).count() == 2
    assert all(snapshot.loc > 0 for snapshot in Snapshot.objects.all())


def test_a_removed_repository_leaves_nothing_but_content_facts(tmp_path: Path) -> None:
    history = shop(tmp_path)
    first = figures(history.path)
    services.repository_remove(repository=Repository.objects.get())
    assert not Repository.objects.exists()
    assert not Snapshot.objects.exists()
    assert not Commit.objects.exists()
    assert ContentFacts.objects.count() == 3
    assert figures(history.path) == first


def test_a_repository_with_registered_debt_is_kept(
    tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    history = shop(tmp_path).commit(
        "owe", {"shop/debt.py": "# DEBT(late, owner=shop) [2030-01-01]: we hurried\n"}
    )
    with django_capture_on_commit_callbacks(execute=True):
        analysed(history.path)
    with pytest.raises(Refused, match="stays on record"):
        services.repository_remove(repository=Repository.objects.get())
    assert Repository.objects.get().current_snapshot is not None
    assert analysed(history.path)["totals"]["commits"] == 3
