"""What to write instead: one sentence of advice for each finding of the linter."""

from collections.abc import Mapping

# By the beginning of the word found; the first that fits.
INSTEAD_OF_JARGON: tuple[tuple[str, str], ...] = (
    ("technical debt", "“a shortcut we took for the launch”, and what it costs whom"),
    ("tech debt", "“a shortcut we took for the launch”, and what it costs whom"),
    ("legacy", "the product by its name: “the old price list”"),
    ("monolith", "“one product that has to be released as a whole”"),
    ("spaghetti", "what follows: “each change to prices takes 9 days”"),
    ("coupl", "“a change here brings a second change there”"),
    ("decoupl", "“features that can be released on their own”"),
    ("refactor", "the effect today; the work belongs in the plan"),
    ("rewri", "the effect today; the work belongs in the plan"),
    ("clean", "the effect today; the work belongs in the plan"),
    ("complex", "“each change takes longer”, with the days"),
    ("cyclomatic", "“each change takes longer”, with the days"),
    ("code quality", "“releases that failed”, with their number"),
    ("module", "the feature or product that people know it by"),
    ("architect", "what cannot be sold, changed or promised because of it"),
    ("test", "“releases that failed”, with their number"),
    ("unit test", "“releases that failed”, with their number"),
    ("flaky", "the days by which releases are late"),
    ("hack", "“shortcut”, and what it saved"),
    ("race condition", "“two orders at the same moment can mix”"),
    ("deadlock", "“orders stand still until somebody restarts it”"),
    ("upstream", "the supplier by its name"),
    ("depend", "what has to wait for what"),
    ("circular", "“a change here brings a second change there”"),
    ("duplicate", "“each change has to be made twice”"),
)
_ADVICE: Mapping[str, str] = {
    "E1": "Write what somebody outside engineering notices.",
    "E2": "Leave the person or team out: say what went wrong, for whom and since when.",
    "E3": "Begin with who notices what: “Customers wait 9 days for …”.",
    "E4": "Write who is affected: “customers in Germany”, “the support desk”, “each new partner”.",
    "E5": "Write how much: “9 days”, “40 orders a month”, “3 of the last 20 releases”.",
    "W6": "Add “a month”, “since March”, “in the last 90 days” or “until 30 September”.",
    "W8": "End the sentence after the effect and begin a new one with the consequence.",
    "W9": "Use words of one or two syllables and one thought in each sentence.",
}


def advice_for(code: str, match: str) -> str:
    """What to write instead of `match`, or what to add where something is missing."""
    lowered = " ".join(match.lower().replace("-", " ").split())
    if code == "E1":
        for beginning, words in INSTEAD_OF_JARGON:
            if lowered.startswith(beginning):
                return f"Write {words}."
    if code == "E10":
        return (
            f"Insert a sentence with measured figures, use a figure of the estimate, or name the "
            f"source of “{match}”: “Source: helpdesk, May 2027”, a ticket or an address."
        )
    if code == "W7":
        return f"Instead of “{match}” write how many, how long or how often."
    return _ADVICE.get(code, "")
