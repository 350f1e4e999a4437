"""The gate's answer in its formats, with texts that mean harm."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from hooks.domain.gate import Closing, GateResult, Level, Override, judged
from hooks.domain.gate_debts import suspicions_of
from hooks.domain.gate_reports import codeclimate, document, markdown, sarif, text
from hooks.domain.gate_reports.markdown import escaped
from hooks.domain.gate_reports.text import coloured
from hooks.domain.gate_reports.words import RULES
from ledger.domain.policy import Enforcement, Policy, Rule, Step
from tests.unit.hooks.test_gate import TODAY, change, known, mark, marks, result

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "schemas/sarif-2.1.0.json").read_text(encoding="utf-8")
)
EVIL = "<img src=x onerror=alert(1)> @everyone #1 !2 [a](javascript:b) `c` \u202e\x1b[31m /close"
BLOCK = Policy(steps=tuple(Step(rule, Enforcement.BLOCK) for rule in Rule))


def answers() -> list[GateResult]:
    found = change(
        paths=frozenset({"shop/cart.py", "we ird/ü%.py"}),
        known=[
            known(days=-40, title=EVIL),
            known("", days=-3, path="we ird/ü%.py", title=EVIL, line=0),
        ],
        after=marks(mark(keys="", days=400) + "# DEBT: bare\n", "shop/cart.py"),
        messages=["x\n\nDebt: rates, owner=payments [2026-12-01]: one rate"],
    )
    soft = result(judged(suspicions_of(found), Policy(), TODAY), notes=(EVIL,))
    hard = result(
        judged(suspicions_of(found), BLOCK, TODAY),
        closings=(Closing("old", EVIL, "a.py", 3, "removed"),),
    )
    through = replace(hard, override=Override("ann", EVIL, "api", "2026-11-20T10:00:00+00:00", 4))
    return [result(()), soft, hard, through]


@pytest.mark.parametrize("answer", answers())
def test_sarif_is_valid(answer: GateResult) -> None:
    log = json.loads(json.dumps(sarif(answer)))
    jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(log)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(run["results"]) == len(answer.findings)
    for entry, finding in zip(run["results"], answer.findings, strict=True):
        assert rules[entry["ruleIndex"]] == entry["ruleId"] == finding.what.rule
        assert re.fullmatch(
            r"[A-Za-z0-9%/._~-]+",
            entry["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        )
        assert entry["partialFingerprints"]
        is_let_through = answer.override is not None and finding.level is Level.BLOCK
        assert ("suppressions" in entry) == is_let_through


def test_the_schema_would_notice() -> None:
    log = sarif(answers()[2])
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate(log)


def test_every_rule_has_words() -> None:
    assert set(RULES) == set(Rule)


@pytest.mark.parametrize("answer", answers())
def test_code_quality_has_what_gitlab_reads(answer: GateResult) -> None:
    issues = codeclimate(answer)
    assert len({issue["fingerprint"] for issue in issues}) == len(answer.findings)
    for issue in issues:
        assert set(issue) == {"description", "check_name", "fingerprint", "severity", "location"}
        assert issue["severity"] in {"info", "minor", "major", "critical", "blocker"}
        assert issue["location"]["lines"]["begin"] >= 1
        assert issue["location"]["path"]
        assert not issue["location"]["path"].startswith("./")


@pytest.mark.parametrize("answer", answers())
def test_json_is_documented(answer: GateResult) -> None:
    told = (Path(__file__).parents[3] / "docs/gate.md").read_text(encoding="utf-8")
    missing = [name for name in names(document(answer)) if f"`{name}`" not in told]
    assert missing == []


def names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for part in value.values() for name in names(part)}
    if isinstance(value, list):
        return {name for part in value for name in names(part)}
    return set()


@pytest.mark.parametrize("answer", answers())
def test_text_is_plain_and_harmless(answer: GateResult) -> None:
    told = text(answer)
    assert "\x1b" not in told
    assert "\u202e" not in told
    for finding in answer.findings:
        assert finding.what.rule.value in told
    assert "\x1b[31m" not in text(answer, coloured)
    if answer.findings:
        assert "\x1b[" in text(answer, coloured)


@pytest.mark.parametrize("answer", answers())
def test_a_comment_can_do_nothing(answer: GateResult) -> None:
    marker = "<!-- displace-gate -->"
    comment = markdown(answer, marker)
    assert comment.startswith(marker)
    body = comment.removeprefix(marker).replace("<sub>", "").replace("</sub>", "")
    assert not re.search(r"(?<!\\)[<>`\[\]]", body)
    assert not re.search(r"[@#!][A-Za-z0-9]", body.replace("### Debt", ""))
    assert not any(line.strip().startswith("/") for line in body.splitlines())
    assert "\x1b" not in comment
    assert "\u202e" not in comment


def test_a_long_comment_is_cut() -> None:
    many = marks("# DEBT: bare\n\n" * 500)
    answer = result(judged(suspicions_of(change(after=many)), BLOCK, TODAY))
    comment = markdown(answer, "x")
    assert len(comment) <= 60_000
    assert "and 460 more" in comment


def test_escaping_keeps_the_words() -> None:
    assert re.sub(r"[\\\u200b]", "", escaped("see https://x.example/#1 by @ann")) == (
        "see https://x.example/#1 by @ann"
    )
    assert "@\u200b" in escaped("@ann").replace("\\", "")
