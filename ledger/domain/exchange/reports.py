"""Reports of analysers: SARIF 2.1.0 and Sonar's generic issues."""

from collections.abc import Iterator, Mapping
from typing import Any

from common import hashchain
from ledger.domain.exchange.documents import json_value, refused
from ledger.domain.exchange.findings import (
    Finding,
    Refusal,
    Rows,
    clean,
    entries,
    headline,
    line_of_text,
    mapping,
    number_of,
    path_of,
    uri_path,
)
from ledger.domain.terms import Severity

_SARIF_LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM}
_SONAR_SEVERITIES = {
    "BLOCKER": Severity.CRITICAL,
    "CRITICAL": Severity.HIGH,
    "MAJOR": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "MEDIUM": Severity.MEDIUM,
}


def sarif(text: str, _file_name: str) -> Rows:
    """The failures of every run; results that passed or are absent from the baseline are none."""
    document = mapping(json_value(text))
    if document.get("version") != "2.1.0" or not isinstance(document.get("runs"), list):
        refused('This is no SARIF 2.1.0: it needs "version": "2.1.0" and "runs".')
    for number, run in entries(document["runs"]):
        yield from _sarif_run(mapping(run), f"runs.{number}")


def _sarif_run(run: Mapping[str, Any], place: str) -> Rows:
    driver = mapping(mapping(run.get("tool")).get("driver"))
    tool = line_of_text(driver.get("name"), 60) or "an analyser"
    rules = [mapping(rule) for _number, rule in entries(driver.get("rules"))]
    by_id = {rule["id"]: rule for rule in rules if isinstance(rule.get("id"), str)}
    artifacts = [mapping(one) for _number, one in entries(run.get("artifacts"))]
    for number, value in entries(run.get("results")):
        row = f"{place}.results.{number}"
        result = mapping(value)
        if not result:
            yield Refusal(row, "results", "It is no object.")
            continue
        if result.get("baselineState") == "absent" or result.get("kind", "fail") != "fail":
            continue
        yield _sarif_result(result, _sarif_rule(result, rules, by_id), artifacts, tool, row)


def _sarif_rule(
    result: Mapping[str, Any], rules: list[dict[str, Any]], by_id: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    named = result.get("ruleId") or mapping(result.get("rule")).get("id")
    if isinstance(named, str):
        return by_id.get(named, {"id": named})
    index = result.get("ruleIndex", mapping(result.get("rule")).get("index"))
    is_known = isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(rules)
    return rules[index] if is_known and isinstance(index, int) else {}


def _sarif_result(
    result: Mapping[str, Any],
    rule: Mapping[str, Any],
    artifacts: list[dict[str, Any]],
    tool: str,
    row: str,
) -> Finding | Refusal:
    rule_id = line_of_text(rule.get("id"))
    message = _sarif_message(result, rule)
    if not message and not rule_id:
        return Refusal(row, "message", "It has neither a message nor a rule.")
    path, line = _sarif_place(result, artifacts)
    prints = {
        **mapping(result.get("partialFingerprints")),
        **mapping(result.get("fingerprints")),
    }
    texts = {name: value for name, value in prints.items() if isinstance(value, str)}
    identity = hashchain.canonical_json(texts) if texts else message
    level = result.get("level") or mapping(rule.get("defaultConfiguration")).get("level")
    return Finding(
        row=row,
        key=("sarif", tool, rule_id, path, identity),
        title=headline(message, rule_id),
        text=f"{message}\n\nReported by {tool}{f', rule {rule_id}' if rule_id else ''}.".strip(),
        reference=rule_id,
        path=path,
        line=line,
        severity=_SARIF_LEVELS.get(str(level or "warning"), Severity.LOW),
    )


def _sarif_message(result: Mapping[str, Any], rule: Mapping[str, Any]) -> str:
    message = mapping(result.get("message"))
    text = message.get("text")
    if not text and isinstance(message.get("id"), str):
        text = mapping(mapping(rule.get("messageStrings")).get(message["id"])).get("text")
    if not text:
        text = mapping(rule.get("shortDescription")).get("text") or message.get("markdown")
    return clean(text)


def _sarif_place(
    result: Mapping[str, Any], artifacts: list[dict[str, Any]]
) -> tuple[str, int | None]:
    physical = next(
        (
            mapping(mapping(one).get("physicalLocation"))
            for _n, one in entries(result.get("locations"))
        ),
        {},
    )
    artifact = mapping(physical.get("artifactLocation"))
    index = artifact.get("index")
    if not artifact.get("uri") and isinstance(index, int) and 0 <= index < len(artifacts):
        artifact = mapping(artifacts[index].get("location"))
    return uri_path(artifact.get("uri")), number_of(
        mapping(physical.get("region")).get("startLine")
    )


def sonar(text: str, _file_name: str) -> Rows:
    """Generic issues, in the form with `engineId` in each issue and in the one with `rules`."""
    document = mapping(json_value(text))
    if not isinstance(document.get("issues"), list):
        refused('This is no file of generic issues: it needs a list "issues".')
    rules = {
        rule["id"]: rule
        for _number, one in entries(document.get("rules"))
        if isinstance((rule := mapping(one)).get("id"), str)
    }
    for number, value in entries(document["issues"]):
        yield _sonar_issue(mapping(value), rules, f"issues.{number}")


def _sonar_issue(
    issue: Mapping[str, Any], rules: Mapping[str, Mapping[str, Any]], row: str
) -> Finding | Refusal:
    rule_id = line_of_text(issue.get("ruleId"))
    place = mapping(issue.get("primaryLocation"))
    message = clean(place.get("message"))
    if not rule_id:
        return Refusal(row, "ruleId", "It names no rule.")
    if not message:
        return Refusal(row, "primaryLocation.message", "It has no message.")
    rule = rules.get(str(issue.get("ruleId")), {})
    engine = line_of_text(issue.get("engineId") or rule.get("engineId"), 60) or "an analyser"
    path = path_of(place.get("filePath"))
    effort = number_of(issue.get("effortMinutes"))
    words = f" It puts the effort at {effort:,} minutes." if effort else ""
    severities = [issue.get("severity"), rule.get("severity"), *_impacts(rule)]
    known = [_SONAR_SEVERITIES[one] for one in map(str, severities) if one in _SONAR_SEVERITIES]
    return Finding(
        row=row,
        key=("sonar", engine, rule_id, path, message),
        title=headline(message, rule_id),
        text=f"{message}\n\nReported by {engine}, rule {rule_id}.{words}",
        reference=rule_id,
        path=path,
        line=number_of(mapping(place.get("textRange")).get("startLine")),
        severity=known[0] if known else Severity.LOW,
    )


def _impacts(rule: Mapping[str, Any]) -> Iterator[Any]:
    return (mapping(one).get("severity") for _number, one in entries(rule.get("impacts")))
