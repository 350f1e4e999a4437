"""Whether Git knows the merge that somebody names as the repayment."""

from dataclasses import replace

from analysis import services as analysis_services
from common.errors import NotFound, Refused
from ledger.domain.evidence import EvidenceDraft, require_merge_evidence
from ledger.domain.terms import EvidenceKind
from ledger.models import DebtItem
from ledger.selectors.annotations import registered_head


def merge_checked(item: DebtItem, evidence: EvidenceDraft) -> EvidenceDraft:
    """The evidence with its commit's full sha; Refused when the default branch shows no such.

    Without a registered tree there is nothing to look the commit up in: it is believed.
    """
    require_merge_evidence(evidence, is_annotation_gone=item.present is False)
    if item.repository_id is None or evidence.kind is EvidenceKind.ANNOTATION_LEFT:
        return evidence
    head = registered_head(item.repository_id)
    if not head:
        return evidence
    sha = _commit(item.repository_id, evidence.reference)
    if not analysis_services.is_ancestor(
        repository_id=item.repository_id, ancestor_sha=sha, descendant_sha=head
    ):
        raise Refused(
            f"The commit {evidence.reference} is not in the default branch as last analysed "
            f"({head[:10]}): merge it, analyse the repository, then repay.",
            "reference",
        )
    return replace(evidence, reference=sha)


def _commit(repository_id: int, reference: str) -> str:
    try:
        sha = analysis_services.commit_resolve(repository_id=repository_id, revision=reference)
    except NotFound:
        sha = ""
    # A branch or tag may bear a name that reads like a commit's.
    if not sha.startswith(reference):
        raise Refused(
            f"This repository has no commit {reference}, or several that begin so: name one by "
            "its full id; a new one is known after the next analysis.",
            "reference",
        )
    return sha
