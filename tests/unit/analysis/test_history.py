from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.domain.history import (
    CommitRecord,
    FileChange,
    HistoryFold,
    Lineages,
    age_in_months,
    author_key,
    is_recent,
)

START = datetime(2026, 1, 1, tzinfo=UTC)


def added(path: str, lines: int = 1) -> FileChange:
    return FileChange(path, None, "A", lines, 0)


def modified(path: str, plus: int | None = 1, minus: int | None = 1) -> FileChange:
    return FileChange(path, None, "M", plus, minus)


def deleted(path: str) -> FileChange:
    return FileChange(path, None, "D", 0, 1)


def renamed(old: str, new: str) -> FileChange:
    return FileChange(new, old, "R", 0, 0)


def commit(day: int, *changes: FileChange, author: str = "ann@example.org") -> CommitRecord:
    at = START + timedelta(days=day)
    return CommitRecord(f"{day:040x}", (), "Ann", author, at, "change", changes)


def keys(lineages: Lineages, *changes: FileChange) -> list[int]:
    return [item.lineage for item in lineages.resolve(changes)]


def test_a_rename_carries_the_lineage_over() -> None:
    lineages = Lineages()
    [a] = keys(lineages, added("a.py"))
    assert keys(lineages, renamed("a.py", "b.py")) == [a]
    assert keys(lineages, modified("b.py")) == [a]
    assert keys(lineages, renamed("b.py", "a.py")) == [a]
    assert keys(lineages, modified("a.py")) == [a]


def test_a_change_of_the_old_name_on_a_parallel_branch_counts_for_the_renamed_file() -> None:
    lineages = Lineages()
    [a] = keys(lineages, added("a.py"))
    keys(lineages, renamed("a.py", "b.py"))
    assert keys(lineages, modified("a.py")) == [a]
    assert keys(lineages, deleted("a.py")) == [a]
    assert keys(lineages, modified("b.py")) == [a]


def test_the_same_file_renamed_differently_on_two_branches_stays_one_lineage() -> None:
    lineages = Lineages()
    [a] = keys(lineages, added("a.py"))
    assert keys(lineages, renamed("a.py", "b.py")) == [a]
    assert keys(lineages, renamed("a.py", "c.py")) == [a]
    assert lineages.lineage_of("b.py") == lineages.lineage_of("c.py") == a


def test_a_new_file_under_a_name_renamed_away_starts_a_new_life() -> None:
    lineages = Lineages()
    [a] = keys(lineages, added("a.py"))
    keys(lineages, renamed("a.py", "b.py"))
    [new] = keys(lineages, added("a.py"))
    assert new != a
    assert keys(lineages, modified("a.py"), modified("b.py")) == [new, a]


def test_rename_and_reuse_within_one_commit() -> None:
    lineages = Lineages()
    [a] = keys(lineages, added("a.py"))
    [old, new] = keys(lineages, renamed("a.py", "b.py"), added("a.py"))
    assert (old, new != a) == (a, True)


def test_a_chain_of_renames_within_one_commit_starts_from_the_state_before_it() -> None:
    lineages = Lineages()
    [a, b] = keys(lineages, added("a.py"), added("b.py"))
    assert keys(lineages, renamed("a.py", "b.py"), renamed("b.py", "c.py")) == [a, b]
    assert keys(lineages, modified("b.py"), modified("c.py")) == [a, b]


def test_a_deleted_file_that_comes_back_goes_on() -> None:
    lineages = Lineages()
    [a] = keys(lineages, added("a.py"))
    keys(lineages, deleted("a.py"))
    assert keys(lineages, added("a.py")) == [a]


def test_a_rename_onto_the_name_of_a_deleted_file_brings_its_own_lineage() -> None:
    lineages = Lineages()
    [a, b] = keys(lineages, added("a.py"), added("b.py"))
    keys(lineages, deleted("b.py"))
    assert keys(lineages, renamed("a.py", "b.py")) == [a]
    assert keys(lineages, modified("b.py")) == [a]
    assert a != b


def test_an_unknown_file_starts_a_lineage_whatever_happens_to_it() -> None:
    lineages = Lineages()
    assert len(set(keys(lineages, modified("a"), deleted("b"), renamed("c", "d")))) == 3
    assert lineages.lineage_of("d") == 3


def test_the_fold_sums_up_each_file() -> None:
    fold = HistoryFold()
    fold.add(commit(0, added("a.py", 10), author="Ann@Example.org"))
    fold.add(commit(2, modified("a.py", 3, 1), author="bob@example.org"))
    fold.add(commit(1, renamed("a.py", "b.py")))
    fold.add(commit(3, modified("b.py", None, None)))
    file = fold.files[1]
    assert (file.path, file.revisions, file.added, file.deleted) == ("b.py", 4, 13, 1)
    assert file.first_changed_at == START
    assert file.last_changed_at == START + timedelta(days=3)
    ann, bob = file.contributions["ann@example.org"], file.contributions["bob@example.org"]
    assert (ann.revisions, ann.added, ann.created) == (3, 10, True)
    assert (bob.revisions, bob.added, bob.deleted, bob.created) == (1, 3, 1, False)


def test_a_commit_counts_once_for_a_file_that_it_touches_under_two_names() -> None:
    fold = HistoryFold()
    fold.add(commit(0, added("a.py")))
    fold.add(commit(1, renamed("a.py", "b.py")))
    folded = fold.add(commit(2, modified("a.py"), modified("b.py")))
    assert folded.changeset == (1,)
    assert fold.files[1].revisions == 3


_PATHS = st.sampled_from(["a", "b", "c", "d"])
_CHANGES = st.one_of(
    st.builds(added, _PATHS),
    st.builds(modified, _PATHS),
    st.builds(deleted, _PATHS),
    st.builds(renamed, _PATHS, _PATHS),
)
_COMMITS = st.lists(st.lists(_CHANGES, max_size=3, unique_by=lambda change: change.path))


@given(commits=_COMMITS, cut=st.integers(0, 10))
def test_stopping_and_going_on_changes_nothing(commits: list[list[FileChange]], cut: int) -> None:
    whole = Lineages()
    expected = [keys(whole, *changes) for changes in commits]

    first = Lineages()
    resolved = [keys(first, *changes) for changes in commits[:cut]]
    saved = dict(first.names), set(first.moved_away), first.next_key
    second = Lineages(*saved)
    resolved += [keys(second, *changes) for changes in commits[cut:]]

    assert resolved == expected
    assert second == whole


@pytest.mark.parametrize(
    ("changed", "head", "months"),
    [
        ("2026-01-15", "2026-01-15", 0),
        ("2026-01-15", "2026-02-14", 0),
        ("2026-01-15", "2026-02-15", 1),
        ("2026-01-31", "2026-02-27", 0),
        ("2026-01-31", "2026-02-28", 1),
        ("2025-12-31", "2026-12-30", 11),
        ("2025-12-31", "2026-12-31", 12),
        ("2026-02-01", "2026-01-01", 0),
        ("2024-02-29", "2025-02-28", 12),
    ],
)
def test_age_in_whole_months(changed: str, head: str, months: int) -> None:
    at = [datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (changed, head)]
    assert age_in_months(*at) == months


def test_the_recent_window_ends_with_the_head_commit() -> None:
    assert is_recent(START, START + timedelta(days=180))
    assert not is_recent(START, START + timedelta(days=180, seconds=1))
    assert is_recent(START + timedelta(days=1), START)


def test_author_keys() -> None:
    assert author_key("Ann", " Ann@Example.org ") == "ann@example.org"
    assert author_key("Ann", "") == "ann"
