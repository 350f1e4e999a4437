"""The gate's answer as SARIF 2.1.0 (OASIS), for code scanning."""

from typing import Any
from urllib.parse import quote

from hooks.domain.gate import Conclusion, Finding, GateResult, Level
from hooks.domain.gate_reports.words import NO_FILE, RULES, printable
from ledger.domain.policy import Rule

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Level.NOTICE: "note",
    Level.COMMENT: "warning",
    Level.CHECK: "warning",
    Level.BLOCK: "error",
}
_ORDER = list(RULES)


def sarif(result: GateResult) -> dict[str, Any]:
    """One run, with a rule for each kind of finding."""
    is_overridden = result.conclusion is Conclusion.OVERRIDDEN
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "displace", "rules": [_rule(one) for one in _ORDER]}},
                "columnKind": "utf16CodeUnits",
                "properties": {
                    "conclusion": result.conclusion.value,
                    "base": result.base,
                    "head": result.head,
                    "mergeBase": result.merge_base,
                },
                "results": [_result(one, result, is_overridden) for one in result.findings],
            }
        ],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.value,
        "name": rule.value.replace("_", " ").title().replace(" ", ""),
        "shortDescription": {"text": RULES[rule]},
    }


def _result(finding: Finding, result: GateResult, is_overridden: bool) -> dict[str, Any]:
    what = finding.what
    entry: dict[str, Any] = {
        "ruleId": what.rule.value,
        "ruleIndex": _ORDER.index(what.rule),
        "level": _LEVELS[finding.level],
        "message": {"text": f"{printable(what.message)} {printable(what.advice)}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"displaceGate/v1": finding.fingerprint},
        "properties": {"level": finding.level.value, "enforcement": finding.enforcement.value},
    }
    if what.debt:
        entry["properties"]["debt"] = printable(what.debt)
    if is_overridden and finding.level is Level.BLOCK and result.override:
        entry["suppressions"] = [
            {"kind": "external", "justification": printable(result.override.reason)}
        ]
    return entry


def _location(finding: Finding) -> dict[str, Any]:
    what = finding.what
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(what.path or NO_FILE)}}
    if what.path:
        line = max(what.line, 1)
        place["region"] = {"startLine": line, "endLine": max(what.end_line, line)}
    return {"physicalLocation": place}


def _uri(path: str) -> str:
    return quote(path, safe="/", errors="backslashreplace")
