"""Exit conditions that a measurement can answer, and those that only a person can."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain.exit_conditions import Condition, Standing, condition_of, verdict

PATH = "shop/cart.py"


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("annotation absent", Condition("annotation")),
        ("The mark is gone.", Condition("annotation")),
        ("complexity < 10", Condition("complexity", "", 9)),
        ("Complexity of shop/cart.py <= 10", Condition("complexity", PATH, 10)),
        ("the complexity is below 10", Condition("complexity", "", 9)),
        ("no cycle", Condition("cycle")),
        ("the dependency cycle is gone in shop/cart.py", Condition("cycle", PATH)),
        ("carts are in the database", None),
        ("complexity < ten", None),
        ("complexity < 10 and no cycle", None),
        ("", None),
    ],
)
def test_what_can_be_measured(text: str, condition: Condition | None) -> None:
    assert condition_of(text) == condition


@pytest.mark.parametrize(
    ("text", "standing", "holds"),
    [
        ("annotation absent", Standing(is_present=False), True),
        ("annotation absent", Standing(is_present=True), False),
        ("annotation absent", Standing(), None),
        ("complexity < 10", Standing(complexity=9), True),
        ("complexity < 10", Standing(complexity=10), False),
        ("complexity <= 10", Standing(complexity=10), True),
        ("complexity < 10", Standing(), None),
        ("no cycle", Standing(is_in_cycle=False), True),
        ("no cycle", Standing(is_in_cycle=True), False),
        ("no cycle", Standing(complexity=1), None),
    ],
)
def test_the_verdict_follows_the_figure(text: str, standing: Standing, holds: bool | None) -> None:
    condition = condition_of(text)
    assert condition is not None
    found = verdict(condition, standing, PATH)
    assert (found.holds if found else None) is holds


def test_the_verdict_names_figure_and_commit() -> None:
    found = verdict(Condition("complexity", "", 9), Standing("a" * 40, complexity=12), PATH)
    assert found is not None
    assert found.sentence == (
        "The complexity of shop/cart.py is 12 at aaaaaaaaaa; at most 9 is promised."
    )


@given(st.text(max_size=500))
def test_any_text_is_read_or_left_to_people(text: str) -> None:
    found = condition_of(text)
    assert found is None or found.measure in {"annotation", "complexity", "cycle"}
