"""The linter against a reader's judgement, on the part it was tuned on and on the part held out."""

import pytest

from ledger.domain.statements import RULES
from tests.corpus.measure import PARTS, level_accuracy, scores, statements, table

# The least precision and recall of each part over all rules, and of each rule. W9 is a formula
# (Flesch) that is strict with short sentences; readers rarely agree, which is why it is advice.
FLOOR = {"tuned": (0.92, 0.97, 0.95), "held_out": (0.87, 0.93, 0.88)}
RULE_FLOOR = {"tuned": (0.85, 0.9), "held_out": (0.8, 0.75)}


@pytest.mark.parametrize("part", PARTS)
def test_precision_and_recall(part: str) -> None:
    labelled = statements(part)
    least_precision, least_recall, least_level = FLOOR[part]
    rule_precision, rule_recall = RULE_FLOOR[part]
    *rules, total = scores(labelled)
    assert (total.precision or 0) >= least_precision, total
    assert (total.recall or 0) >= least_recall, total
    assert level_accuracy(labelled) >= least_level
    for score in rules:
        if score.name == "W9":
            continue
        assert (score.precision or 0) >= rule_precision, score
        assert (score.recall or 0) >= rule_recall, score


def test_the_corpus_is_large_and_has_every_rule() -> None:
    parts = [statements(part) for part in PARTS]
    assert min(map(len, parts)) >= 80
    texts = [one.text for part in parts for one in part]
    assert len(set(texts)) == len(texts)
    for part in parts:
        labels = {code for one in part for code in one.codes}
        assert labels == {rule.code for rule in RULES}
        assert {one.level for one in part} == {0, 1, 2, 3}


def test_the_table_names_every_rule() -> None:
    lines = list(table())
    assert len(lines) == len(PARTS) * (len(RULES) + 3)
