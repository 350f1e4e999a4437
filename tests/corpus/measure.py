"""How well the linter agrees with a reader: precision and recall per rule on the corpus."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ledger.domain.grounds import Grounds, item_grounds
from ledger.domain.statements import RULES, review

HERE = Path(__file__).parent
PARTS = ("tuned", "held_out")
_TRIPLES = {
    "interest": ("interest_p10", "interest_p50", "interest_p90"),
    "principal": ("principal_optimistic", "principal_likely", "principal_pessimistic"),
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A statement with the level and the codes that a reader gave it."""

    level: int
    codes: frozenset[str]
    text: str
    grounds: Grounds


@dataclass(frozen=True, slots=True)
class Score:
    """`expected` labels, `found` by the linter, `both`; a share without a base is None."""

    name: str
    expected: int
    found: int
    both: int

    @property
    def precision(self) -> float | None:
        return self.both / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        return self.both / self.expected if self.expected else None


def statements(part: str) -> list[Labelled]:
    """The statements of one part of the corpus."""
    lines = (HERE / f"{part}.txt").read_text(encoding="utf-8").splitlines()
    return [_labelled(line) for line in lines if line and not line.startswith("#")]


def scores(labelled: Sequence[Labelled]) -> list[Score]:
    """One score per rule, then over all rules."""
    expected: Counter[str] = Counter()
    found: Counter[str] = Counter()
    both: Counter[str] = Counter()
    for one in labelled:
        codes = codes_of(one)
        expected.update(one.codes)
        found.update(codes)
        both.update(codes & one.codes)
    names = [rule.code for rule in RULES]
    rows = [Score(name, expected[name], found[name], both[name]) for name in names]
    return [*rows, Score("all", expected.total(), found.total(), both.total())]


def level_accuracy(labelled: Sequence[Labelled]) -> float:
    """The share of statements whose level is the reader's."""
    right = sum(review(one.text, one.grounds).level == one.level for one in labelled)
    return right / len(labelled)


def codes_of(one: Labelled) -> frozenset[str]:
    return frozenset(finding.code for finding in review(one.text, one.grounds).findings)


def table() -> Iterable[str]:
    """The scores of both parts as lines of text."""
    for part in PARTS:
        labelled = statements(part)
        agreed = f"{level_accuracy(labelled):.0%}"
        yield f"{part}: {len(labelled)} statements, level as the reader's in {agreed}"
        yield "  rule  labels  found  precision  recall"
        for score in scores(labelled):
            yield (
                f"  {score.name:<4}  {score.expected:>6}  {score.found:>5}  "
                f"{_share(score.precision):>9}  {_share(score.recall):>6}"
            )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _labelled(line: str) -> Labelled:
    level, codes, text, *facts = (part.strip() for part in line.split("|"))
    labels = frozenset() if codes == "-" else frozenset(codes.split(","))
    return Labelled(int(level[1:]), labels, text, _grounds(facts[0] if facts else ""))


def _grounds(facts: str) -> Grounds:
    fields: dict[str, str] = {}
    for fact in facts.split():
        name, _, value = fact.partition("=")
        if name == "due":
            fields["due_on"] = value
        else:
            fields.update(zip(_TRIPLES[name], value.split("/"), strict=True))
    known, promised = item_grounds(fields)
    return Grounds(known, promised)
