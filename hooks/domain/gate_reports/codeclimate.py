"""The gate's answer as a GitLab Code Quality report: the subset of Code Climate that it reads."""

from typing import Any

from hooks.domain.gate import Finding, GateResult, Level
from hooks.domain.gate_reports.words import NO_FILE, printable

_SEVERITIES = {
    Level.NOTICE: "info",
    Level.COMMENT: "minor",
    Level.CHECK: "major",
    Level.BLOCK: "blocker",
}


def codeclimate(result: GateResult) -> list[dict[str, Any]]:
    """One issue per finding; the fingerprint stays when its lines move."""
    return [_issue(finding) for finding in result.findings]


def _issue(finding: Finding) -> dict[str, Any]:
    what = finding.what
    return {
        "description": f"{printable(what.message)} {printable(what.advice)}",
        "check_name": what.rule.value,
        "fingerprint": finding.fingerprint,
        "severity": _SEVERITIES[finding.level],
        "location": {
            "path": what.path or NO_FILE,
            "lines": {"begin": max(what.line, 1)},
        },
    }
