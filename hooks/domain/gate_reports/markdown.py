"""The gate's answer as a comment on a pull request.

What a debt or a path says is written by strangers. It must not format, link, mention anybody or
give the host commands: punctuation is escaped, and characters that a host makes references of
are followed by a space of no width.
"""

import re
from collections.abc import Iterator

from hooks.domain.gate import Finding, GateResult, Level
from hooks.domain.gate_reports.words import place_of, printable, verdict

MOST_FINDINGS = 40
MOST_CHARACTERS = 60_000

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&$^=:/\"'@%])")
# @mention, #issue, !merge request, $snippet, ~label, %milestone, &epic, and links by themselves.
_REFERENCE = re.compile(r"[@#!$~%&]|(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE)
_SPACE = "\u200b"
_SIGNS = {
    Level.BLOCK: "**blocks**",
    Level.CHECK: "**look at this**",
    Level.COMMENT: "comment",
    Level.NOTICE: "notice",
}


def markdown(result: GateResult, marker: str) -> str:
    """The comment, beginning with the host's hidden `marker`."""
    text = "\n".join((marker, "", *_lines(result)))
    return text[:MOST_CHARACTERS]


def escaped(text: str) -> str:
    """The text as every host shows it: as it is, doing nothing."""
    # In this order: the escapes themselves hold no character that is a reference.
    spaced = _REFERENCE.sub(lambda match: f"{match[0]}{_SPACE}", printable(text))
    return _PUNCTUATION.sub(r"\\\1", spaced)


def _lines(result: GateResult) -> Iterator[str]:
    yield f"### Debt: {escaped(verdict(result))}"
    yield ""
    for finding in result.findings[:MOST_FINDINGS]:
        yield from _finding(finding)
    if len(result.findings) > MOST_FINDINGS:
        yield f"- and {len(result.findings) - MOST_FINDINGS} more"
    if result.closings:
        yield ""
        yield "This merge would close:"
        yield ""
        for closing in result.closings[:MOST_FINDINGS]:
            how = "mark removed" if closing.how == "removed" else "said to be paid"
            yield f"- {escaped(closing.debt)}: {escaped(closing.title)} ({how})"
    if result.notes:
        yield ""
        yield from (f"_{escaped(note)}_" for note in result.notes)
    yield ""
    yield (
        f"<sub>{result.merge_base[:12]}..{result.head[:12]}, {result.checked_on.isoformat()}</sub>"
    )


def _finding(finding: Finding) -> Iterator[str]:
    place = escaped(place_of(finding)) or "commit message"
    yield f"- {_SIGNS[finding.level]} {place} ({escaped(finding.what.rule.value)})  "
    yield f"  {escaped(finding.what.message)}  "
    yield f"  {escaped(finding.what.advice)}"
    if finding.waiver is not None:
        yield f"  Waived until {finding.waiver.expires_on.isoformat()}."
