"""The analysis itself: from a Git repository to a snapshot that is shown."""

import logging
from collections.abc import Callable, Mapping

from django.db import transaction

from analysis.adapters.git import Fetched, GitError, Mirror
from analysis.adapters.measuring import MeasuringFailed, Standby, Wanted
from analysis.domain.architecture import ModuleGraph
from analysis.domain.locations import Location
from analysis.domain.picture import FilePicture, file_pictures
from analysis.domain.source import ANALYSER_VERSION
from analysis.models import AnalysisRun, Repository, Snapshot
from analysis.services.facts import StoredFacts, facts_ensure
from analysis.services.history import NewHistory, history_read, history_read_apart
from analysis.services.history_figures import Past, past_apart, stored_past
from analysis.services.history_writing import history_write
from analysis.services.module_graphs import graph_ensure
from analysis.services.repositories import location_of, mirror_of
from analysis.services.runs import Claim, LeaseLost, run_claim, run_fail
from analysis.services.snapshots import rows_retire, snapshot_create
from analysis.services.trees import Tree, tree_read
from analysis.signals import snapshot_completed
from common import clock
from common.collector import collector_paused
from common.errors import DisplaceError

logger = logging.getLogger(__name__)


def run_execute(
    *, run_id: int, listener: Callable[[str, int, int], None] | None = None
) -> Snapshot | None:
    """Do the work of a run, if it can be claimed; return the snapshot that is now there.

    None when another worker has the run, or when the run failed: its `error` then says why.
    """
    claim = run_claim(run_id=run_id)
    if claim is None:
        return None
    claim.listener = listener
    try:
        with collector_paused():
            return _execute(claim)
    except LeaseLost as lost:
        logger.warning("%s", lost)
    except (GitError, MeasuringFailed, DisplaceError) as error:
        _fail(claim, str(error))
    except KeyboardInterrupt:
        _fail(claim, "The analysis was stopped by hand; start it again.")
        raise
    except Exception:  # a fault of ours: its reader is told, the log has the rest
        _fail(
            claim,
            "The analysis stopped because of an internal error; the log of the worker says more. "
            "Start it again; if it stops again, please report it.",
        )
        raise
    return None


def _fail(claim: Claim, message: str) -> None:
    try:
        run_fail(claim=claim, message=message)
    except LeaseLost as lost:  # its successor will find out for itself
        logger.warning("%s", lost)


def _execute(claim: Claim) -> Snapshot:
    run, repository = claim.run, claim.run.repository
    claim.report("fetch")
    place = location_of(repository)
    mirror = Mirror.create(mirror_of(repository).path, source=place)
    with Standby(mirror.path) as standby:
        fetched = _fetch(claim, mirror, place, standby)
        sha = mirror.resolve(run.rev) if run.rev else fetched.head_sha
        known = _standing(repository, sha, run)
        if known is not None:
            return _finish(claim, known, fetched, is_new=False)
        standby.start()
        tree = tree_read(mirror=mirror, sha=sha, warnings=fetched.warnings)
        stored = _measure(claim, mirror, tree, standby)
    claim.report("graph")
    graph = graph_ensure(repository=repository, tree=tree, stored=stored)
    new = _read_history(claim, mirror, tree.sha) if run.with_history else None
    return _store(claim, fetched, tree, stored, graph, new)


def _fetch(claim: Claim, mirror: Mirror, place: Location, standby: Standby) -> Fetched:
    def on_tip(sha: str) -> None:
        # The measuring process starts while Git transfers, unless nothing is new.
        if sha != claim.run.repository.history_head:
            standby.start()

    return mirror.fetch(
        place, lambda _stage, done, total: claim.report("fetch", done, total), on_tip=on_tip
    )


def _standing(repository: Repository, sha: str, run: AnalysisRun) -> Snapshot | None:
    """Return the snapshot that already shows this commit with all its rows, if there is one."""
    if run.with_history and not run.rev:
        if repository.history_is_shallow:
            return None  # there may be more history behind the same commit by now
        if repository.history_head != sha:
            return None  # the branch was moved away and back: the stored history is another's
    return repository.snapshots.filter(
        commit_sha=sha,
        analyser=ANALYSER_VERSION,
        with_history=run.with_history,
        is_default_tip=not run.rev,
        has_rows=True,
    ).first()


def _measure(claim: Claim, mirror: Mirror, tree: Tree, standby: Standby) -> dict[str, StoredFacts]:
    wanted = [
        Wanted(source.oid, source.path, source.language, source.size) for source in tree.measured
    ]
    claim.report("files", 0, len(wanted))
    return facts_ensure(
        git_dir=mirror.path,
        wanted=wanted,
        report=lambda done, total: claim.report("files", done, total),
        standby=standby,
    )


def _read_history(claim: Claim, mirror: Mirror, sha: str) -> NewHistory:
    def report(done: int, total: int) -> None:
        claim.report("history", done, total)

    report(0, 0)
    if claim.run.rev:
        return history_read_apart(mirror=mirror, head=sha, report=report)
    return history_read(repository=claim.run.repository, mirror=mirror, head=sha, report=report)


def _store(
    claim: Claim,
    fetched: Fetched,
    tree: Tree,
    stored: Mapping[str, StoredFacts],
    graph: ModuleGraph | Snapshot,
    new: NewHistory | None,
) -> Snapshot:
    """Write history and snapshot and show them, in one transaction under the claim's fence."""
    claim.report("store")
    repository = claim.run.repository
    with transaction.atomic():
        # Takes the row's lock: from here on no other worker can take the run over.
        claim.write(stage="store")
        past = _past(claim.run, tree, new)
        snapshot = snapshot_create(
            repository=repository,
            commit_sha=tree.sha,
            committed_at=tree.committed_at,
            is_default_tip=not claim.run.rev,
            pictures=_pictures(tree, stored, past),
            graph=graph,
            couplings=past.couplings if past else (),
            commits=past.commits if past else None,
            warnings=tree.warnings,
        )
        return _finish(claim, snapshot, fetched, is_new=True)


def _past(run: AnalysisRun, tree: Tree, new: NewHistory | None) -> Past | None:
    if new is None:
        return None
    coupled = [source.path for source in tree.sources if source.is_own]
    if run.rev:
        return past_apart(new=new, head_at=tree.committed_at, coupled_paths=coupled)
    history_write(repository=run.repository, new=new)
    return stored_past(
        repository=run.repository,
        new=new,
        head_at=tree.committed_at,
        tree_paths=[source.path for source in tree.sources],
        coupled_paths=coupled,
    )


def _pictures(
    tree: Tree, stored: Mapping[str, StoredFacts], past: Past | None
) -> list[FilePicture]:
    return file_pictures(
        tree.sources,
        {oid: facts.figures for oid, facts in stored.items()},
        past.figures if past else None,
    )


def _finish(claim: Claim, snapshot: Snapshot, fetched: Fetched, *, is_new: bool) -> Snapshot:
    """Show the snapshot and end the run."""
    repository = claim.run.repository
    with transaction.atomic():
        claim.write(
            state=AnalysisRun.State.COMPLETE,
            snapshot=snapshot,
            finished_at=clock.now(),
            lease_expires_at=None,
        )
        if snapshot.is_default_tip:
            repository.default_branch = fetched.default_branch
            if not _is_poorer(snapshot, repository.current_snapshot):
                repository.warnings = list(snapshot.warnings)
                repository.current_snapshot = snapshot
            repository.save(update_fields=["default_branch", "warnings", "current_snapshot"])
        rows_retire(repository=repository)
        if is_new:
            transaction.on_commit(lambda: _tell(snapshot))
    return snapshot


def _is_poorer(snapshot: Snapshot, shown: Snapshot | None) -> bool:
    """Whether the commit is already shown with its history, which this snapshot leaves out."""
    return (
        shown is not None
        and shown.commit_sha == snapshot.commit_sha
        and shown.with_history
        and not snapshot.with_history
    )


def _tell(snapshot: Snapshot) -> None:
    # Robust: the snapshot stands, whatever a receiver makes of it; the receivers' own sweeps
    # find what they missed.
    answers = snapshot_completed.send_robust(
        sender=Snapshot,
        repository_id=snapshot.repository_id,
        snapshot_id=snapshot.pk,
        is_default_tip=snapshot.is_default_tip,
    )
    for receiver, answer in answers:
        if isinstance(answer, Exception):
            logger.error("%r failed on a new snapshot", receiver, exc_info=answer)
