"""The ledger's tables.

`DebtItem` is the present; `DebtEvent` is everything that ever happened to it and can rebuild it;
the rest are series of an item (commitments, statements, estimates, plans, evidence) and what the
ledger has read from repositories. The database refuses to change events and commitments.
"""

from ledger.models.candidates import Candidate, CandidateFile
from ledger.models.events import DebtEvent
from ledger.models.imports import ImportedFinding, ImportSource, ImportUpload
from ledger.models.items import DebtItem
from ledger.models.policy import PolicyVersion, Waiver
from ledger.models.prices import Outcome, Price, RepositoryPricing
from ledger.models.promises import (
    SERIES_MODELS,
    Commitment,
    Estimate,
    Evidence,
    ImpactStatement,
    Milestone,
    Plan,
)
from ledger.models.registrations import Registration, RejectedAnnotation
from ledger.models.trailers import ExtensionRequest, TrailerNotice

__all__ = [
    "SERIES_MODELS",
    "Candidate",
    "CandidateFile",
    "Commitment",
    "DebtEvent",
    "DebtItem",
    "Estimate",
    "Evidence",
    "ExtensionRequest",
    "ImpactStatement",
    "ImportSource",
    "ImportUpload",
    "ImportedFinding",
    "Milestone",
    "Outcome",
    "Plan",
    "PolicyVersion",
    "Price",
    "Registration",
    "RejectedAnnotation",
    "RepositoryPricing",
    "TrailerNotice",
    "Waiver",
]
