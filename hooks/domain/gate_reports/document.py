"""The gate's answer as JSON, schema 1: fields are added, never renamed or taken away.

docs/gate.md says what each field means.
"""

from typing import Any

from hooks.domain.gate import Closing, Finding, GateResult, Level

Document = dict[str, Any]


def document(result: GateResult) -> Document:
    """The whole answer; every text as it was found, so that a reader must escape it."""
    override = result.override
    return {
        "schema": 1,
        "repository": {"name": result.repository, "slug": result.slug or None},
        "base": result.base,
        "head": result.head,
        "merge_base": result.merge_base,
        "checked_on": result.checked_on.isoformat(),
        "policy": {"version": result.policy_version},
        "change": {"files": result.files, "commits": result.commits},
        "conclusion": result.conclusion.value,
        "blocked": result.is_stopped,
        "counts": {level.value: result.count(level) for level in Level},
        "findings": [_finding(finding) for finding in result.findings],
        "closes": [_closing(closing) for closing in result.closings],
        "override": None
        if override is None
        else {
            "id": override.number,
            "actor": override.actor,
            "reason": override.reason,
            "source": override.source,
            "recorded_at": override.recorded_at,
        },
        "notes": list(result.notes),
    }


def _finding(finding: Finding) -> Document:
    what, waiver = finding.what, finding.waiver
    return {
        "rule": what.rule.value,
        "level": finding.level.value,
        "enforcement": finding.enforcement.value,
        "path": what.path or None,
        "line": what.line or None,
        "end_line": what.end_line or None,
        "debt": what.debt or None,
        "message": what.message,
        "advice": what.advice,
        "overdue_days": what.overdue_days or None,
        "fingerprint": finding.fingerprint,
        "waiver": None
        if waiver is None
        else {
            "id": waiver.id,
            "expires_on": waiver.expires_on.isoformat(),
            "reason": waiver.reason,
            "approver": waiver.approver,
        },
    }


def _closing(closing: Closing) -> Document:
    return {
        "debt": closing.debt,
        "title": closing.title,
        "path": closing.path or None,
        "line": closing.line or None,
        "how": closing.how,
        "commit": closing.commit or None,
    }
