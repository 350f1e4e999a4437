"""The wording of business impact: levels and rules, on a corpus of good and bad statements."""

import pytest

from ledger.domain.readability import flesch, sentences, syllables, words
from ledger.domain.statements import LEVELS, review

EVIDENCED = [
    "Changes to billing take 9 days to reach customers, against 4 days elsewhere.",
    (
        "We shipped the Germany launch on time by hard-coding its tax rate. "
        "If the rate changes after 1 January, invoices to 2,100 customers will be wrong."
    ),
    (
        "This shortcut saved 5 weeks before the trade show. "
        "It expires on 30 September; after that each new partner costs about 3 extra days."
    ),
    "7 of the last 31 releases of the checkout failed within a day.",
    "Since March, 40 customers a month have reported lost carts.",
    "Only one colleague can change payroll; she retires on 1 June, and 300 salaries depend on it.",
]
DRAFTS = [
    "this system takes too long to add features, slowing our time-to-market",
    "Customers lose their carts.",
    "40 customers lose their carts.",
    "Customers have lost carts since March.",
]
UNFIT = [
    ("", ()),
    ("We need to refactor the billing module.", ("E1", "E3")),
    ("The code is spaghetti.", ("E1", "E4")),
    ("High coupling costs customers 3 days per month.", ("E1",)),
    ("Technical debt slows releases by 3 days per month.", ("E1",)),
    ("A lazy team lost 40 orders last month.", ("E2",)),
    ("Sales are to blame for 40 lost orders last month.", ("E2",)),
    ("We should pay 3 days per month less for customers.", ("E3",)),
    ("Let's save customers 3 days a month.", ("E3",)),
    ("It takes 3 tries a day.", ("E4",)),
]
DECIDABLE = [
    (
        "Each new partner costs 3 to 5 extra days a month until 30 September; "
        "we can pay 40 hours now or accept the delay."
    ),
    (
        "Lost carts cost €2,000 to €5,000 of sales per month. By 1 May we choose: "
        "pay 40 hours, or stop the campaign."
    ),
]


@pytest.mark.parametrize("text", EVIDENCED)
def test_evidenced(text: str) -> None:
    assert review(text).level == 2, review(text)


@pytest.mark.parametrize("text", DRAFTS)
def test_drafts(text: str) -> None:
    assert review(text).level == 1, review(text)


@pytest.mark.parametrize(("text", "codes"), UNFIT)
def test_unfit(text: str, codes: tuple[str, ...]) -> None:
    result = review(text)
    assert result.level == 0
    assert set(codes) <= {finding.code for finding in result.findings}


@pytest.mark.parametrize("text", DECIDABLE)
def test_decidable(text: str) -> None:
    assert review(text).level == 3, review(text)


def codes(text: str) -> list[str]:
    return [finding.code for finding in review(text).findings]


def test_each_finding_says_what_to_do_and_shows_the_part() -> None:
    finding = review("We must clean-up the cluster of Kubernetes").findings[0]
    assert (finding.code, finding.match, finding.is_error) == ("E1", "clean-up", True)
    assert finding.message.startswith("Say what customers")
    assert review("soon, soon and SOON").findings[-1].match != "SOON"


@pytest.mark.parametrize("word", ["always", "soon", "a lot", "very", "many"])
def test_vague_words(word: str) -> None:
    assert "W7" in codes(f"40 customers {word} lose carts each month.")


def test_long_sentences() -> None:
    assert "W8" in codes("40 customers lose " + "a cart and " * 9 + "go.")
    assert "W8" not in codes("40 customers lose carts. " * 9)


def test_hard_words() -> None:
    assert "W9" in codes("Organisational interoperability considerations necessitate 3 days.")


@pytest.mark.parametrize(
    "text", ["The coupler is sold to 4 customers a month", "modulation", "legacyless"]
)
def test_parts_of_words_are_no_jargon(text: str) -> None:
    assert "E1" not in codes(text)


def test_levels_have_words() -> None:
    assert [review(text).level_text for text in ("", DRAFTS[0])] == [LEVELS[0], LEVELS[1]]


def test_endless_text_is_answered() -> None:
    for part in ("9 to ", "a ", "9-", "$9 ", "between 9 and ", "week ", "9 or "):
        assert review(part * 100_000).level <= 3


def test_flesch_by_hand() -> None:
    text = "The cat sat. The dog ran home."
    assert (len(sentences(text)), len(words(text))) == (2, 7)
    assert flesch(text) == pytest.approx(206.835 - 1.015 * 3.5 - 84.6 * 1)
    assert flesch("...") is None
    assert sentences("It costs 2.5 days. e.g. this") == ["It costs 2.5 days. e.g. this"]


@pytest.mark.parametrize(
    ("word", "count"),
    [("cat", 1), ("home", 1), ("table", 2), ("billing", 2), ("idea", 2), ("3", 1)],
)
def test_syllables(word: str, count: int) -> None:
    assert syllables(word) == count
