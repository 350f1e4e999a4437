"""What the reports share."""

from hooks.domain.gate import Conclusion, Finding, GateResult, Level
from ledger.domain.policy import Rule

# Where a finding has no file, such as debt announced by a commit message. Readers that demand a
# file get this name.
NO_FILE = "COMMIT_MESSAGE"

RULES: dict[Rule, str] = {
    Rule.MISSING_EXPIRY: "New debt has a day by which it is paid.",
    Rule.MISSING_OWNER: "New debt has an owner.",
    Rule.MISSING_IMPACT: "New debt says what it costs the business.",
    Rule.MISSING_PLAN: "New debt says how it will be paid.",
    Rule.MALFORMED_ANNOTATION: "A mark of debt can be read.",
    Rule.DUPLICATE_ANNOTATION: "Each debt has an id of its own.",
    Rule.TERM_TOO_LONG: "New debt lasts no longer than the policy allows.",
    Rule.EXPIRED_DEBT: "Whoever touches the place of an expired debt deals with the debt.",
    Rule.NEW_CYCLE: "No change makes or enlarges a cycle of modules.",
    Rule.STABLE_DEPENDENCY: "Modules depend on what is at least as stable as they are.",
    Rule.OVER_CEILING: "No new debt comes to a system whose debt costs more than its ceiling.",
    Rule.ONE_WAY_DOOR: "A decision that cannot be taken back is accepted before it is merged.",
}

LEVEL_WORDS = {
    Level.BLOCK: ("blocks", "block"),
    Level.CHECK: ("makes the check neutral", "make the check neutral"),
    Level.COMMENT: ("is worth a comment", "are worth a comment"),
    Level.NOTICE: ("is a notice", "are notices"),
}


def printable(text: str) -> str:
    """The text on one line, control and invisible characters escaped: it comes from strangers."""
    joined = " ".join(text.split())
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in joined)


def place_of(finding: Finding) -> str:
    """`path:line`, the path alone, or nothing."""
    path, line = printable(finding.what.path), finding.what.line
    return f"{path}:{line}" if path and line else path


def verdict(result: GateResult) -> str:
    """The result in one sentence."""
    if not result.findings:
        return "Nothing to say about this change."
    counts = ", ".join(
        f"{number} {LEVEL_WORDS[level][number != 1]}"
        for level in reversed(Level)
        if (number := result.count(level))
    )
    match result.conclusion:
        case Conclusion.BLOCK:
            return f"This change is stopped: {counts}."
        case Conclusion.OVERRIDDEN if result.override:
            return (
                f"This change would be stopped ({counts}), but "
                f"{printable(result.override.actor)} let it through: "
                f"{printable(result.override.reason)}"
            )
        case Conclusion.NEUTRAL:
            return f"This change may be merged; look at it first: {counts}."
        case _:
            return f"This change may be merged: {counts}."
