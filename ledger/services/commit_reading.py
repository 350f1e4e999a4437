"""What the new commits of a default branch say about debt. Asks Git; changes nothing.

Everything here happens before any row is locked, since Git may take its time.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

from analysis import services as analysis_services
from analysis.selectors import SnapshotHead
from common.errors import NotFound
from ledger.domain import reverts, trailers
from ledger.domain.annotations import NEEDLE
from ledger.domain.reconciliation import Rollback
from ledger.domain.reverts import Undoing
from ledger.domain.trailers import Act, BadTrailer

log = logging.getLogger(__name__)

# Of one reading: each look-up of a commit takes a moment, and so does each annotation that went.
MOST_LOOKUPS = 200
MOST_LOOKED_AT = 20
# Digits of a commit's id, where it is not shortened.
FULL_ID = 40


@dataclass(frozen=True, slots=True)
class CommitNews:
    """What is to be acted on since the commit `since` (empty: the first registration)."""

    since: str
    is_rewritten: bool = False
    acts: tuple[Act, ...] = ()
    # Commit, author and what is wrong.
    bad: tuple[tuple[str, str, BadTrailer], ...] = ()
    undoings: tuple[Undoing, ...] = ()


def commit_news(head: SnapshotHead, *, since: str, is_rewritten: bool) -> CommitNews:
    """Read the messages of the commits that are new since the last registered one.

    At the first registration nobody knows what was done about old trailers: the debts that no
    later trailer pays are news, all else is history. After a force push the trailers that stood
    in the branch before are no news, and those that are no longer in it are taken back.
    """
    if not since:
        return CommitNews("", acts=trailers.still_owed(_read(head, "").acts))
    try:
        news = _read(head, since)
        if not is_rewritten:
            return news
        gone = _read(replace(head, commit_sha=since), head.commit_sha)
        common = _common(head, news) if gone.acts else ()
    except NotFound:
        log.warning("repository %s: commit %s is gone", head.repository_id, since)
        return CommitNews(since, is_rewritten, trailers.still_owed(_read(head, "").acts))
    return replace(news, is_rewritten=True, acts=trailers.rewritten(gone.acts, news.acts, common))


def _common(head: SnapshotHead, news: CommitNews) -> tuple[Act, ...]:
    """What the commits say that the branch had before and still has."""
    new = {act.commit for act in news.acts}
    return tuple(act for act in _read(head, "").acts if act.commit not in new)


def rollbacks(head: SnapshotHead, news: CommitNews, gone: Collection[str]) -> dict[str, Rollback]:
    """Of the annotations that went (by id), those whose bringing was taken back.

    The commit that removed an annotation last decides, and what the history was before that
    commit: so the answer is the same however the commits were pushed.
    """
    if not gone or not news.since:
        return {}
    found: dict[str, Rollback] = {}
    rest = set(gone)
    for commit, taken in _removals(head, news, gone):
        rest -= taken
        undoings = [undoing for undoing in news.undoings if undoing.commit == commit]
        back = _by_message(head, undoings, taken)
        # A revert takes away all that its commit brought: one of its marks is enough to ask.
        left = taken - back
        if left and _is_rollback(head, commit, min(left)):
            back = taken
        found |= dict.fromkeys(back, Rollback.by(commit))
    for undoing in news.undoings[-MOST_LOOKED_AT:] if rest else ():
        back = _by_message(head, [undoing], rest)
        found |= dict.fromkeys(back, Rollback.by(undoing.commit))
    return found | (_by_rewriting(head, news, rest - found.keys()) if news.is_rewritten else {})


def _removals(
    head: SnapshotHead, news: CommitNews, gone: Collection[str]
) -> Iterator[tuple[str, set[str]]]:
    """New commits that removed annotations, each with those that no later one removed."""
    rest = set(gone)
    where = {"repository_id": head.repository_id}
    touching = analysis_services.commits_touching(
        **where, since=news.since, until=head.commit_sha, expression=reverts.MARK_EXPRESSION
    )
    for commit in touching:
        if not rest:
            return
        added, removed = analysis_services.lines_changed(
            **where, tip=head.commit_sha, sha=commit, word=NEEDLE
        )
        taken = (reverts.ids_in(removed) - reverts.ids_in(added)) & rest
        rest -= taken
        if taken:
            yield commit, taken


def _by_message(
    head: SnapshotHead, undoings: Iterable[Undoing], taken: Collection[str]
) -> set[str]:
    found: set[str] = set()
    for undoing in undoings:
        if undoing.is_taken_back:
            added, removed = analysis_services.lines_changed(
                repository_id=head.repository_id,
                tip=head.commit_sha,
                sha=undoing.base,
                word=NEEDLE,
            )
            found |= (reverts.ids_in(added) - reverts.ids_in(removed)) & set(taken)
        else:
            found |= {slug for slug in taken if _is_rollback(head, undoing.base, slug)}
    return found


def _is_rollback(head: SnapshotHead, commit: str, slug: str) -> bool:
    """Whether a commit does exactly the opposite of the one that had brought an annotation."""
    number = head.repository_id
    expression = reverts.mark_expression(slug)
    look_up = _looking_up(head)
    for _ in range(reverts.MOST_LINKS):
        brought = analysis_services.line_bringing(
            repository_id=number, before=commit, expression=expression
        )
        if not brought or not analysis_services.is_inverse(
            repository_id=number, tip=head.commit_sha, sha=commit, other=brought
        ):
            return False
        undoing = reverts.undoing_of(commit, brought, look_up)
        if undoing is None or undoing.is_taken_back:
            return True
        # That one had only brought the mark back: this repeats what an earlier commit did.
        commit = undoing.base
    return False


def _by_rewriting(
    head: SnapshotHead, news: CommitNews, gone: Collection[str]
) -> dict[str, Rollback]:
    """Those that came with a commit which the rewritten branch no longer has."""
    found: dict[str, Rollback] = {}
    for slug in sorted(gone)[:MOST_LOOKED_AT]:
        brought = analysis_services.line_bringing(
            repository_id=head.repository_id,
            until=news.since,
            expression=reverts.mark_expression(slug),
        )
        if brought and not analysis_services.is_ancestor(
            repository_id=head.repository_id,
            ancestor_sha=brought,
            descendant_sha=head.commit_sha,
        ):
            found[slug] = Rollback.by_rewriting(head.commit_sha)
    return found


def _read(head: SnapshotHead, since: str) -> CommitNews:
    messages = analysis_services.new_messages(
        repository_id=head.repository_id,
        until=head.commit_sha,
        since=since,
        patterns=(trailers.PATTERN, reverts.PATTERN),
    )
    look_up = _looking_up(head, {one.sha: one.message for one in messages}, is_whole=not since)
    acts: list[Act] = []
    bad: list[tuple[str, str, BadTrailer]] = []
    undoings: list[Undoing] = []
    for one in messages:
        for reverted in reverts.reverted_by(one.message):
            undoing = reverts.undoing_of(one.sha, reverted, look_up)
            undoings += [undoing] if undoing else []
            acts += trailers.acts_of_undoing(undoing, one.author) if undoing else []
        acts += [
            Act(trailer, one.sha, one.author, one.sha)
            for trailer in trailers.trailers_in(one.message)
        ]
        bad += [(one.sha, one.author, found) for found in trailers.bad_trailers_in(one.message)]
    return CommitNews(since, False, tuple(acts), tuple(bad), tuple(undoings))


def _looking_up(
    head: SnapshotHead, known: Mapping[str, str] | None = None, *, is_whole: bool = False
) -> Callable[[str], tuple[str, str] | None]:
    """Look commits up among the known messages, else in Git; `is_whole`: all that matter are known.

    What neither holds a trailer nor is a revert itself matters to no reading of a whole history.
    """
    messages = known or {}
    lookups = count()

    def look_up(revision: str) -> tuple[str, str] | None:
        if revision in messages:
            return revision, messages[revision]
        is_short = len(revision) < FULL_ID
        if (is_whole and not is_short) or next(lookups) >= MOST_LOOKUPS:
            return None
        try:
            found = analysis_services.commit_message(
                repository_id=head.repository_id, tip=head.commit_sha, revision=revision
            )
        except NotFound:
            return None
        # A branch or tag may bear a name that reads like a commit's.
        return (found.sha, found.message) if found.sha.startswith(revision) else None

    return look_up
