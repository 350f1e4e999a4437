"""Exit conditions that can be measured: when a debt counts as gone.

    annotation absent        the mark is no longer in the default branch
    complexity < 10          of the debt's file, or: complexity of shop/cart.py < 10
    no cycle                 the debt's file is in no dependency cycle, or: no cycle in shop/cart.py

Anything else is a sentence for people, and a person judges it.
"""

import re
from dataclasses import dataclass

_ABSENT = re.compile(r"(?:the )?(?:annotation|mark)(?: is)? (?:absent|gone)", re.IGNORECASE)
_COMPLEXITY = re.compile(
    r"(?:the )?complexity(?: of (?P<path>\S{1,400}))?(?: is)? ?(?P<sign><=?|below) ?"
    r"(?P<limit>[0-9]{1,6})",
    re.IGNORECASE,
)
_NO_CYCLE = re.compile(
    r"(?:no (?:dependency )?cycle|(?:the )?(?:dependency )?cycle(?: is)? gone)"
    r"(?: in (?P<path>\S{1,400}))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Condition:
    """What is measured: "annotation", "complexity" or "cycle", of a path (empty: the debt's).

    `most` is the highest complexity that the condition still accepts.
    """

    measure: str
    path: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What the newest snapshot shows; None where it was not measured or there is none.

    A file that is gone has no complexity and is in no cycle.
    """

    commit: str = ""
    is_present: bool | None = None
    complexity: int | None = None
    is_in_cycle: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the condition holds, with the figure it rests on as a sentence."""

    holds: bool
    sentence: str


def condition_of(text: str) -> Condition | None:
    """The condition that a text states, if it can be measured."""
    text = " ".join(text.split()).removesuffix(".")
    if _ABSENT.fullmatch(text):
        return Condition("annotation")
    if match := _COMPLEXITY.fullmatch(text):
        is_inclusive = match["sign"] == "<="
        return Condition(
            "complexity", match["path"] or "", int(match["limit"]) - (not is_inclusive)
        )
    if match := _NO_CYCLE.fullmatch(text):
        return Condition("cycle", match["path"] or "")
    return None


def verdict(condition: Condition, standing: Standing, path: str) -> Verdict | None:
    """Hold a condition against what was measured at `path`; None where nothing was."""
    at = f" at {standing.commit[:10]}" if standing.commit else ""
    match condition.measure:
        case "annotation" if standing.is_present is not None:
            word = "still stands in" if standing.is_present else "is no longer in"
            return Verdict(not standing.is_present, f"The mark {word} the default branch.")
        case "complexity" if standing.complexity is not None:
            figure = f"The complexity of {path} is {standing.complexity}{at}"
            return Verdict(
                standing.complexity <= condition.most,
                f"{figure}; at most {condition.most} is promised.",
            )
        case "cycle" if standing.is_in_cycle is not None:
            word = "is in a dependency cycle" if standing.is_in_cycle else "is in no cycle"
            return Verdict(not standing.is_in_cycle, f"{path} {word}{at}.")
        case _:
            return None
