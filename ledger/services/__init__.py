"""Every write of the ledger, one service for each thing that can happen to a debt.

Web, API, commands, hooks and imports all call these, so no path can skip a rule.
"""

from ledger.services.actors import SYSTEM, Actor
from ledger.services.candidates import (
    CandidatesOutcome,
    candidate_owner,
    candidate_promote,
    candidate_restore,
    candidates_blame,
    candidates_blame_next,
    candidates_dismiss,
    candidates_register,
    candidates_sweep,
)
from ledger.services.describing import debt_describe, debt_record
from ledger.services.exchange import file_import, upload_discard, upload_import, upload_store
from ledger.services.extension_requests import (
    extension_accept,
    extension_ask,
    extension_refuse,
    notice_settle,
)
from ledger.services.policies import policy_change
from ledger.services.pricing import PricingOutcome, prices_compute
from ledger.services.registration import (
    RegistrationOutcome,
    annotations_register,
    registrations_sweep,
)
from ledger.services.transitions import (
    debt_acknowledge,
    debt_activate,
    debt_escalate,
    debt_extend,
    debt_reject,
    debt_reopen,
    debt_repay,
    debt_review,
    debt_roll_back,
    debt_snooze,
    debt_start_repayment,
    debt_verify,
    debt_write_off,
)
from ledger.services.waivers import waiver_approve, waiver_ask, waiver_end

__all__ = [
    "SYSTEM",
    "Actor",
    "CandidatesOutcome",
    "PricingOutcome",
    "RegistrationOutcome",
    "annotations_register",
    "candidate_owner",
    "candidate_promote",
    "candidate_restore",
    "candidates_blame",
    "candidates_blame_next",
    "candidates_dismiss",
    "candidates_register",
    "candidates_sweep",
    "debt_acknowledge",
    "debt_activate",
    "debt_describe",
    "debt_escalate",
    "debt_extend",
    "debt_record",
    "debt_reject",
    "debt_reopen",
    "debt_repay",
    "debt_review",
    "debt_roll_back",
    "debt_snooze",
    "debt_start_repayment",
    "debt_verify",
    "debt_write_off",
    "extension_accept",
    "extension_ask",
    "extension_refuse",
    "file_import",
    "notice_settle",
    "policy_change",
    "prices_compute",
    "registrations_sweep",
    "upload_discard",
    "upload_import",
    "upload_store",
    "waiver_approve",
    "waiver_ask",
    "waiver_end",
]
