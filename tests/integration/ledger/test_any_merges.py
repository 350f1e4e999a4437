"""However a change reaches the default branch, and however often it is looked at, the ledger ends
the same: a register built step by step equals one that was only shown the end.

What the rules say differs: debt that came and went in between is closed debt for who watched,
and was never there for who came late. So what is compared is the debt that stands.
"""

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from analysis import services as analysis_services
from ledger import selectors, services
from ledger.models import Candidate, DebtItem, RejectedAnnotation
from tests.builders.git_history import History
from tests.integration.ledger.conftest import DUE, in_days

IDS = ("alpha", "beta", "gamma")
PATHS = ("a.py", "b.py", "lib/c.py")


def mark(slug: str, text: str = "it is cut short") -> str:
    return f"x = 1\n# DEBT({slug}, owner=core) [{DUE}]: {text}\ny = 2\n"


class Branch:
    """A shop whose default branch grows in the ways that people and forges make it grow."""

    def __init__(self, path: Path) -> None:
        self.history = History(path).commit("open", {"shop.py": "x = 1\n"})
        self.start = self.history.head

    def add(self, slug: str, path: str) -> None:
        self.history.commit(f"add {slug}", {f"{slug}_{path.replace('/', '_')}": mark(slug)})

    def squash(self, slug: str, path: str) -> None:
        body = f"* wip\n\nDebt: {slug}-idea, owner=core [{DUE}]: an idea\n\n* done\n"
        self.history.commit(f"squash (#1)\n\n{body}", {f"{slug}.py": mark(slug)})

    def merge(self, slug: str, path: str) -> None:
        name = f"topic-{uuid.uuid4().hex[:8]}"
        head = self.history.head
        self.history.branch(name).commit("aside", {f"{slug}.py": mark(slug, "merged")})
        self.history.switch("main")
        if self.history.head == head:
            self.history.commit("meanwhile", {"shop.py": f"x = '{name}'\n"})
        self.history.merge(name).delete_branch(name)

    def revert(self, slug: str, path: str) -> None:
        """Take the newest commit back, as git revert does."""
        head = self.history.head
        if head == self.start:
            return
        parent = self.history.sha(f"{head}^")
        tree = self.history.git("rev-parse", f"{parent}^{{tree}}")
        who = {f"GIT_{role}_{part}": value for role in ("AUTHOR", "COMMITTER")
               for part, value in (("NAME", "Ann"), ("EMAIL", "ann@example.org"))}  # fmt: skip
        sha = self.history.git(
            "commit-tree",
            "-p",
            head,
            "-m",
            f'Revert "it"\n\nThis reverts commit {head}.',
            tree,
            **who,
        )
        self.history.move("main", sha)

    def drop(self, slug: str, path: str) -> None:
        files = self.history.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        found = [name for name in files if name.startswith(slug)]
        if found:
            self.history.commit(f"drop {slug}", dict.fromkeys(found))

    def rename(self, slug: str, path: str) -> None:
        files = self.history.git("ls-tree", "-r", "--name-only", "HEAD").splitlines()
        for name in files:
            if name.startswith(slug) and f"moved_{name}" not in files:
                self.history.rename(name, f"{slug}/moved_{name.rpartition('/')[2]}")
                return

    def force(self, slug: str, path: str) -> None:
        """Drop the newest commit and write another one instead."""
        if self.history.head != self.start:
            self.history.move("main", self.history.sha("main^"))
        self.history.commit(
            "another way", {f"forced_{slug}.py": f"# TODO: {slug} by hand\nz = 1\n"}
        )


STEPS = ("add", "squash", "merge", "revert", "drop", "rename", "force")
step = st.tuples(
    st.sampled_from(STEPS), st.sampled_from(IDS), st.sampled_from(PATHS), st.booleans()
)


@pytest.fixture
def analyse_all(django_capture_on_commit_callbacks: Any) -> Callable[[Any], None]:
    def run(repository: Any) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            snapshot = analysis_services.analyse_now(repository=repository)
        services.candidates_register(snapshot_id=snapshot)

    return run


def standing(repository: Any) -> list[tuple[Any, ...]]:
    """An id at two places is an error: who knew it before keeps it, who comes late does not."""
    doubled = RejectedAnnotation.objects.filter(repository=repository, kind="duplicate")
    texts = " ".join(doubled.values_list("reason", flat=True))
    unclear = [slug for slug in IDS if f"'{slug}'" in texts]
    rows = DebtItem.objects.filter(repository=repository, present=True).exclude(slug__in=unclear)
    return sorted(
        rows.values_list("slug", "state", "path", "line", "title", "text", "owner", "due_on")
    )


def named(repository: Any) -> list[tuple[Any, ...]]:
    rows = DebtItem.objects.filter(repository=repository, origin="trailer", state="proposed")
    return sorted(rows.filter(present=None).values_list("slug", "title", "owner", "due_on"))


def candidates(repository: Any) -> list[tuple[Any, ...]]:
    rows = Candidate.objects.filter(repository=repository, is_present=True)
    return sorted(rows.values_list("kind", "path", "line", "text", "state"))


@settings(
    max_examples=10,
    deadline=None,
    # Each example runs Git and analyses some ten times: a shrunk one is not worth the minutes.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(step, min_size=1, max_size=8))
@example(
    steps=[
        ("squash", "alpha", "a.py", True),
        ("revert", "alpha", "a.py", True),
        ("force", "beta", "a.py", True),
    ]
)
@example(
    steps=[
        ("squash", "alpha", "a.py", True),
        ("squash", "alpha", "a.py", True),
        ("force", "beta", "a.py", True),
    ]
)
@example(
    steps=[
        ("merge", "alpha", "a.py", True),
        ("revert", "alpha", "a.py", True),
        ("revert", "alpha", "a.py", True),
        ("rename", "alpha", "a.py", False),
    ]
)
def test_step_by_step_and_all_at_once_end_the_same(
    tmp_path: Path, db: None, analyse_all: Any, steps: list[tuple[str, str, str, bool]]
) -> None:
    branch = Branch(tmp_path / f"{uuid.uuid4().hex}.git")
    watched = analysis_services.repository_register(location=str(branch.history.path))
    analyse_all(watched)
    for name, slug, path, is_looked_at in steps:
        getattr(branch, name)(slug, path)
        if is_looked_at:
            analyse_all(watched)
    analyse_all(watched)
    copy = tmp_path / f"{uuid.uuid4().hex}.git"
    branch.history.git("clone", "--quiet", "--bare", str(branch.history.path), str(copy))
    late = analysis_services.repository_register(location=str(copy))
    analyse_all(late)
    assert standing(watched) == standing(late)
    assert named(watched) == named(late)
    assert candidates(watched) == candidates(late)
    assert not selectors.history_verify().breaks
    closed = DebtItem.objects.filter(repository=watched, present=False)
    assert not closed.filter(state__in=("proposed", "active", "repaying")).exists()


def test_the_dates_of_the_steps_are_still_to_come() -> None:
    assert in_days(1).isoformat() < DUE
