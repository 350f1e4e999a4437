"""Every read of the ledger."""

from ledger.domain.statements import review as statement_review
from ledger.selectors.actions import Action, actions_for
from ledger.selectors.annotations import marks_owned, rejected_annotations, snapshot_debts
from ledger.selectors.answers import ItemAnswers, answers_of
from ledger.selectors.archive import archive_check, archive_lines, archive_missing
from ledger.selectors.calibration import CalibrationReport, calibration_report
from ledger.selectors.candidates import (
    CandidateFilter,
    CandidatesPage,
    candidate_get,
    candidates_csv,
    candidates_filtered,
    candidates_page,
    open_candidates,
    slugs_taken,
)
from ledger.selectors.ceilings import (
    system_load_of,
    system_loads,
    systems_over_ceiling,
    unreviewed_doors,
)
from ledger.selectors.dashboard import LedgerDashboard, Promises, dashboard, dashboard_cost
from ledger.selectors.default_owners import DefaultOwner, default_owner, default_owners
from ledger.selectors.detail import DebtDetail, debt_detail, debt_events
from ledger.selectors.due import DueItem, due_stages
from ledger.selectors.export import debts_csv
from ledger.selectors.items import debt_by_reference, debt_get
from ledger.selectors.policies import (
    PolicyChange,
    WaiverLine,
    policy_changes,
    policy_document,
    policy_in_force,
    policy_versions,
    repository_names,
    waiver_get,
    waiver_lines,
    waiver_standing,
    waivers_all,
)
from ledger.selectors.pricing import (
    CostTotal,
    assumptions,
    interest_by,
    interest_union,
    measured_price,
    price_history,
    price_of,
    stated_price,
)
from ledger.selectors.pricing_work import repositories_to_price
from ledger.selectors.register import (
    SORTS,
    RegisterFilter,
    RegisterPage,
    RegisterRow,
    debts_by_path,
    debts_filtered,
    debts_page,
    owners_in_use,
    rows_of,
    systems_in_use,
    timing_of,
)
from ledger.selectors.repositories import (
    RepositoryDebts,
    debts_by_repository,
    open_debts_at,
)
from ledger.selectors.trailers import (
    extension_request_get,
    extension_requests,
    extension_requests_filtered,
    trailer_notices,
)
from ledger.selectors.verification import (
    Break,
    Verification,
    broken_event,
    history_verify,
    missing_protections,
)

__all__ = [
    "SORTS",
    "Action",
    "Break",
    "CalibrationReport",
    "CandidateFilter",
    "CandidatesPage",
    "CostTotal",
    "DebtDetail",
    "DefaultOwner",
    "DueItem",
    "ItemAnswers",
    "LedgerDashboard",
    "PolicyChange",
    "Promises",
    "RegisterFilter",
    "RegisterPage",
    "RegisterRow",
    "RepositoryDebts",
    "Verification",
    "WaiverLine",
    "actions_for",
    "answers_of",
    "archive_check",
    "archive_lines",
    "archive_missing",
    "assumptions",
    "broken_event",
    "calibration_report",
    "candidate_get",
    "candidates_csv",
    "candidates_filtered",
    "candidates_page",
    "dashboard",
    "dashboard_cost",
    "debt_by_reference",
    "debt_detail",
    "debt_events",
    "debt_get",
    "debts_by_path",
    "debts_by_repository",
    "debts_csv",
    "debts_filtered",
    "debts_page",
    "default_owner",
    "default_owners",
    "due_stages",
    "extension_request_get",
    "extension_requests",
    "extension_requests_filtered",
    "history_verify",
    "interest_by",
    "interest_union",
    "marks_owned",
    "measured_price",
    "missing_protections",
    "open_candidates",
    "open_debts_at",
    "owners_in_use",
    "policy_changes",
    "policy_document",
    "policy_in_force",
    "policy_versions",
    "price_history",
    "price_of",
    "rejected_annotations",
    "repositories_to_price",
    "repository_names",
    "rows_of",
    "slugs_taken",
    "snapshot_debts",
    "stated_price",
    "statement_review",
    "system_load_of",
    "system_loads",
    "systems_in_use",
    "systems_over_ceiling",
    "timing_of",
    "trailer_notices",
    "unreviewed_doors",
    "waiver_get",
    "waiver_lines",
    "waiver_standing",
    "waivers_all",
]
