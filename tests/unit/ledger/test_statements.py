"""The wording of business impact: levels and rules, on a corpus of good and bad statements."""

import pytest

from ledger.domain.grounds import Grounds, item_grounds
from ledger.domain.readability import flesch, sentences, syllables, words
from ledger.domain.statements import LEVELS, review

SOURCED = [
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
    "Only 1 colleague can change payroll; she retires on 1 June, and 300 salaries depend on it.",
]
DRAFTS = [
    "this system takes too long to add features, slowing our time-to-market",
    "Customers lose their carts.",
    "40 customers lose their carts. Source: helpdesk.",
    "Customers have lost carts since March.",
    "Customers have lost carts since 3 March 2027.",
    *SOURCED,
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
        "we can pay 40 hours now or accept the delay. Source: partner desk."
    ),
    (
        "Lost carts cost €2,000 to €5,000 of sales per month. By 1 May we choose: "
        "pay 40 hours, or stop the campaign. Source: PAY-112."
    ),
]


@pytest.mark.parametrize("text", SOURCED)
@pytest.mark.parametrize(
    "source",
    [
        "{} Source: the helpdesk's list of May.", "{} See PAY-112.", "{} (source: release log)",
        "According to the helpdesk: {}", "{} https://stats.example.org/carts", "{} See #4711.",
        "{} So it was counted in the quarterly report.",
    ],
)  # fmt: skip
def test_a_number_with_a_source_is_evidenced(text: str, source: str) -> None:
    found = review(source.format(text))
    expected = 1 if source.startswith("According") and ". " in text.strip(".") else 2
    assert found.level == expected, found


@pytest.mark.parametrize(
    "text",
    [
        "Since March, 40 customers a month lost carts. Source:",
        "Since March, 40 customers a month lost carts, says UTF-8.",
        "According to the helpdesk carts are lost. Since March, 40 customers a month lost one.",
        "The source of 40 lost customers a month is the cart.",
    ],
)
def test_what_names_no_source_is_none(text: str) -> None:
    assert "E10" in codes(text)


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


ITEM = {
    "due_on": "2027-09-30", "first_due_on": "2027-06-01", "interest_p10": "4.00",
    "interest_p50": "12.40", "interest_p90": "31.00", "principal_likely": "40.00",
}  # fmt: skip
GROUNDS = Grounds(*item_grounds(ITEM))


@pytest.mark.parametrize(
    ("text", "unbound"),
    [
        ("Releases cost 4 to 31 hours a month more.", []),
        ("Releases cost 12 hours a month more.", []),
        ("Releases cost 12.4 hours a month more.", []),
        ("Releases cost 13 hours a month more.", ["13"]),
        ("Releases cost 5 days more each quarter; 40 hours end it.", []),
        ("Releases cost 6 days more each quarter.", ["6"]),
        ("40 customers a month lose carts.", ["40"]),
        ("4 % of orders a month are lost.", ["4 %"]),
        ("Releases cost EUR 40 a month more.", ["EUR 40"]),
        ("It expires on 30 September 2027 and costs releases 40 hours.", []),
        ("It was promised for 1 June and costs releases 40 hours.", []),
        ("It expires on 1 October 2027 and costs releases 40 hours.", ["1 October 2027"]),
        ("It expires on 30 September 2028 and costs releases 40 hours.", ["30 September 2028"]),
        ("In the last 90 days releases cost 40 hours; in 2024 it was 31 hours.", []),
    ],
)
def test_a_number_is_bound_to_the_facts_of_the_item(text: str, unbound: list[str]) -> None:
    found = [finding.match for finding in review(text, GROUNDS).findings if finding.code == "E10"]
    assert found == unbound


def test_findings_point_at_the_text() -> None:
    text = "  The spaghetti code\ncosts 40 orders.  Customers OFTEN leave. Spaghetti!"
    for finding in review(text).findings:
        if finding.code in {"E1", "E2", "E3", "E10", "W7"}:
            assert text[finding.start : finding.end] == finding.match
        assert finding.advice
    assert [f.match for f in review(text).findings if f.code == "E1"] == ["spaghetti"]


def test_the_next_step_names_what_is_missing() -> None:
    assert review("").next_step.startswith("Say what customers")
    assert review("The spaghetti is slow.").next_step == "For L1 mend E1 and E4."
    assert review("40 customers wait.").next_step == "For L2 mend E10 and W6."
    assert "option" in review(f"{SOURCED[0]} Source: release log.").next_step
    assert review(DECIDABLE[0]).next_step == ""


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
    for part in (
        "9 to ", "a ", "9-", "$9 ", "between 9 and ", "week ", "9 or ", "source: ", "#1 ", "A-1 ",
        "https://", "(source:", "1 jan ", ". A", "last 9 ", "person-", "1,111,", "we have ",
    ):  # fmt: skip
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
