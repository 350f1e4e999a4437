"""What shows that a debt was repaid, or that its exit condition holds."""

import re
from dataclasses import dataclass

from common.errors import Refused
from ledger.domain.terms import MERGE_EVIDENCE, EvidenceKind

COMMIT = re.compile(r"[0-9a-f]{7,64}")
VERIFYING = (EvidenceKind.MEASUREMENT, EvidenceKind.REVIEWER)


@dataclass(frozen=True, slots=True)
class EvidenceDraft:
    """`reference` is a commit, a trailer or a measurement; `note` says what it shows."""

    kind: EvidenceKind
    reference: str = ""
    note: str = ""


def require_merge_evidence(evidence: EvidenceDraft, *, is_annotation_gone: bool) -> None:
    """Refuse a repayment that nothing in the default branch shows."""
    if evidence.kind not in MERGE_EVIDENCE:
        raise Refused(
            "A repayment needs merge evidence: a commit, a Debt-Paid trailer, or the annotation's "
            "leaving the default branch.",
            "evidence",
        )
    if evidence.kind is EvidenceKind.ANNOTATION_LEFT:
        if not is_annotation_gone:
            raise Refused(
                "The annotation is still in the default branch, or was never there: name the "
                "commit that repays the debt.",
                "evidence",
            )
    elif not COMMIT.fullmatch(evidence.reference):
        raise Refused(
            "Name the commit that repays the debt (7 to 64 hexadecimal digits).", "evidence"
        )


def require_verification(evidence: EvidenceDraft) -> None:
    """Refuse a verification that says neither what was measured nor what the reviewer saw."""
    if evidence.kind not in VERIFYING:
        raise Refused("Verify by a measurement or by a reviewer.", "evidence")
    if not evidence.note.strip():
        raise Refused("Say what was measured or seen.", "evidence")
