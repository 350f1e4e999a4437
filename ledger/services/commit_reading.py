"""What the new commits of a default branch say about debt. Asks Git; changes nothing.

Everything here happens before any row is locked, since Git may take its time.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from analysis import services as analysis_services
from analysis.selectors import SnapshotHead
from common.errors import NotFound
from ledger.domain import reverts, trailers
from ledger.domain.annotations import NEEDLE
from ledger.domain.reconciliation import Rollback
from ledger.domain.reverts import Undoing
from ledger.domain.trailers import Act, BadTrailer

log = logging.getLogger(__name__)

# Each revert takes a few looks at Git, each annotation that went a few more.
MOST_REVERTS = 100
MOST_LOOKED_AT = 20


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
    except NotFound:
        log.warning("repository %s: commit %s is gone", head.repository_id, since)
        return CommitNews(since, is_rewritten, trailers.still_owed(_read(head, "").acts))
    return replace(news, is_rewritten=True, acts=trailers.rewritten(gone.acts, news.acts))


def rollbacks(
    head: SnapshotHead, news: CommitNews, gone: Mapping[str, tuple[str, int | None]]
) -> dict[str, Rollback]:
    """Of the annotations that went (id -> path and line), those whose bringing was taken back."""
    if not gone or not news.since:
        return {}
    found = _by_message(head, news.undoings, gone)
    rest = {slug: place for slug, place in gone.items() if slug not in found}
    if news.is_rewritten:
        return found | _by_rewriting(head, news, rest)
    return found | _by_tree(head, news, rest)


def _by_message(
    head: SnapshotHead, undoings: Iterable[Undoing], gone: Mapping[str, object]
) -> dict[str, Rollback]:
    found: dict[str, Rollback] = {}
    for undoing in undoings:
        if undoing.is_taken_back:
            added, removed = analysis_services.lines_changed(
                repository_id=head.repository_id,
                tip=head.commit_sha,
                sha=undoing.base,
                word=NEEDLE,
            )
            brought = reverts.ids_in(added) - reverts.ids_in(removed)
            found |= {slug: Rollback.by(undoing.commit) for slug in brought & gone.keys()}
    return found


def _by_tree(
    head: SnapshotHead, news: CommitNews, gone: Mapping[str, tuple[str, int | None]]
) -> dict[str, Rollback]:
    """By new commits that do exactly the opposite of the one that brought what they removed.

    A revert takes away all that its commit brought, so that one of its marks is enough to ask.
    """
    found: dict[str, Rollback] = {}
    if not gone:
        return found
    where = {"repository_id": head.repository_id}
    touching = analysis_services.commits_touching(
        **where, since=news.since, until=head.commit_sha, expression=reverts.MARK_EXPRESSION
    )
    for commit in touching[:MOST_LOOKED_AT]:
        added, removed = analysis_services.lines_changed(
            **where, tip=head.commit_sha, sha=commit, word=NEEDLE
        )
        taken = (reverts.ids_in(removed) - reverts.ids_in(added)) & gone.keys() - found.keys()
        brought = _bringing(head, news, *gone[min(taken)]) if taken else ""
        if not brought or not analysis_services.is_inverse(
            **where, tip=head.commit_sha, sha=commit, other=brought
        ):
            continue
        # Of a commit that had only brought the mark back, the opposite is a payment again.
        undoing = reverts.undoing_of(commit, brought, _looking_up(head))
        if undoing is None or undoing.is_taken_back:
            found |= dict.fromkeys(taken, Rollback.by(commit))
    return found


def _by_rewriting(
    head: SnapshotHead, news: CommitNews, gone: Mapping[str, tuple[str, int | None]]
) -> dict[str, Rollback]:
    """Those that came with a commit which the rewritten branch no longer has."""
    found: dict[str, Rollback] = {}
    for slug, (path, line) in islice(gone.items(), MOST_LOOKED_AT):
        brought = _bringing(head, news, path, line)
        if brought and not analysis_services.is_ancestor(
            repository_id=head.repository_id,
            ancestor_sha=brought,
            descendant_sha=head.commit_sha,
        ):
            found[slug] = Rollback.by_rewriting(head.commit_sha)
    return found


def _bringing(head: SnapshotHead, news: CommitNews, path: str, line: int | None) -> str:
    """The commit that wrote a line of the tree registered last; empty if Git cannot tell."""
    if line is None:
        return ""
    origins = analysis_services.line_origins(
        repository_id=head.repository_id, sha=news.since, path=path, lines=[line]
    )
    return origins[line].commit if line in origins else ""


def _read(head: SnapshotHead, since: str) -> CommitNews:
    messages = analysis_services.new_messages(
        repository_id=head.repository_id,
        until=head.commit_sha,
        since=since,
        patterns=(trailers.PATTERN, reverts.PATTERN),
    )
    look_up = _looking_up(head)
    acts: list[Act] = []
    bad: list[tuple[str, str, BadTrailer]] = []
    undoings: list[Undoing] = []
    for one in messages:
        for reverted in reverts.reverted_by(one.message):
            if len(undoings) < MOST_REVERTS:
                undoing = reverts.undoing_of(one.sha, reverted, look_up)
                undoings += [undoing] if undoing else []
                acts += trailers.acts_of_undoing(undoing, one.author) if undoing else []
        acts += [
            Act(trailer, one.sha, one.author, one.sha)
            for trailer in trailers.trailers_in(one.message)
        ]
        bad += [(one.sha, one.author, found) for found in trailers.bad_trailers_in(one.message)]
    return CommitNews(since, False, tuple(acts), tuple(bad), tuple(undoings))


def _looking_up(head: SnapshotHead) -> Callable[[str], tuple[str, str] | None]:
    def look_up(revision: str) -> tuple[str, str] | None:
        try:
            found = analysis_services.commit_message(
                repository_id=head.repository_id, tip=head.commit_sha, revision=revision
            )
        except NotFound:
            return None
        # A branch or tag may bear a name that reads like a commit's.
        return (found.sha, found.message) if found.sha.startswith(revision) else None

    return look_up
