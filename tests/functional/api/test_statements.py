"""Statements over HTTP: judged, offered, and stored with their evidence."""

from typing import Any

import pytest

from ledger.models import DebtItem, ImpactStatement
from tests.functional.api.conftest import Api, complete


@pytest.fixture
def item(contributor: Api) -> Any:
    assert contributor.post("debts", complete()).status_code == 201
    return DebtItem.objects.latest("pk")


def test_a_text_is_judged_with_the_place_of_each_finding(contributor: Api) -> None:
    text = "The legacy shop loses 40 customers."
    answer = contributor.post("statements/lint", {"text": text, "audience": "sales"})
    assert answer.status_code == 200
    found = answer.json()
    assert (found["level"], found["linter_version"]) == (0, 2)
    jargon = next(one for one in found["findings"] if one["code"] == "E1")
    assert text[jargon["start"] : jargon["end"]] == jargon["match"] == "legacy"
    assert jargon["advice"]
    assert {one["code"] for one in found["findings"]} == {"E1", "E10", "W6"}
    assert [one["match"] for one in found["unfit"]] == ["legacy"]


def test_the_facts_of_a_debt_bind_its_numbers(contributor: Api, item: DebtItem) -> None:
    text = f"Releases cost {item.interest_p50:g} hours a month more."
    assert contributor.post("statements/lint", {"text": text}).json()["level"] == 1
    bound = contributor.post("statements/lint", {"text": text, "debt": item.reference})
    assert bound.json()["level"] == 2
    assert (
        contributor.post("statements/lint", {"text": text, "debt": "D-999999"}).status_code == 400
    )


def test_an_offered_sentence_is_stored_with_its_evidence(contributor: Api, item: DebtItem) -> None:
    answer = contributor.get(f"debts/{item.reference}/sentences?audience=leadership")
    offered = answer.json()["results"]
    cost = next(one for one in offered if one["family"] == "cost")
    changed = contributor.patch(
        f"debts/{item.reference}",
        {"impact": f"Partners wait. {cost['text']}", "bindings": [cost["token"]]},
        If_Match="*",
    )
    assert changed.status_code == 200, changed.json()
    statement = ImpactStatement.objects.filter(item=item).latest("sequence")
    assert statement.bindings == [
        {
            "template": cost["template"],
            "locale": "en",
            "about": {"repository": None, "path": ""},
            "slots": cost["slots"],
        }
    ]
    assert statement.level >= 2
    shown = contributor.get(f"debts/{item.reference}").json()["statements"][-1]
    assert shown["bindings"] == statement.bindings


@pytest.mark.parametrize("token", ["x", "a:b:c", "é" * 50, ""])
def test_a_forged_token_is_refused(contributor: Api, item: DebtItem, token: str) -> None:
    answer = contributor.patch(
        f"debts/{item.reference}",
        {"impact": "Partners wait 3 days a month.", "bindings": [token]},
        If_Match="*",
    )
    assert answer.status_code in {400, 422}
    assert "sentence" in str(answer.json()) or "bindings" in str(answer.json())


@pytest.mark.parametrize(
    "body",
    [{}, {"text": 1}, {"text": "x" * 2001}, {"text": "x", "audience": "all"}, {"txt": "x"}],
)
def test_bad_input_is_told(contributor: Api, body: dict[str, Any]) -> None:
    assert contributor.post("statements/lint", body).status_code == 400
