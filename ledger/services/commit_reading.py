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
    rest = {slug: place for slug, place in gone.items() if slug not in found and place[1]}
    for slug, (path, line) in islice(rest.items(), MOST_LOOKED_AT):
        if rollback := _by_tree(head, news, slug, path, line or 1):
            found[slug] = rollback
    return found


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
    head: SnapshotHead, news: CommitNews, slug: str, path: str, line: int
) -> Rollback | None:
    """Whether a new commit does exactly the opposite of the one that brought an annotation."""
    origins = analysis_services.line_origins(
        repository_id=head.repository_id, sha=news.since, path=path, lines=[line]
    )
    if line not in origins:
        return None
    brought = origins[line].commit
    if news.is_rewritten:
        stays = analysis_services.is_ancestor(
            repository_id=head.repository_id,
            ancestor_sha=brought,
            descendant_sha=head.commit_sha,
        )
        return None if stays else Rollback.by_rewriting(head.commit_sha)
    revert = analysis_services.inverse_among(
        repository_id=head.repository_id,
        since=news.since,
        until=head.commit_sha,
        expression=reverts.mark_expression(slug),
        brought=brought,
    )
    if not revert:
        return None
    # Of a commit that had only brought the mark back, the opposite is a payment again.
    undoing = reverts.undoing_of(revert, brought, _looking_up(head))
    return Rollback.by(revert) if undoing is None or undoing.is_taken_back else None


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
