"""The gate's answer for a terminal or a log."""

from collections.abc import Callable, Iterator

from hooks.domain.gate import Conclusion, Finding, GateResult, Level
from hooks.domain.gate_reports.words import place_of, printable, verdict

Paint = Callable[[Level | None, str], str]
"""Colours a text by a level, or (None) as said in passing."""

_COLOURS = {
    Level.BLOCK: "\033[1;31m",
    Level.CHECK: "\033[33m",
    Level.COMMENT: "\033[36m",
    Level.NOTICE: "\033[2m",
    None: "\033[2m",
}
_VERDICTS = {
    Conclusion.BLOCK: Level.BLOCK,
    Conclusion.NEUTRAL: Level.CHECK,
    Conclusion.OVERRIDDEN: Level.CHECK,
}


def plain(_level: Level | None, text: str) -> str:
    """No colour at all."""
    return text


def coloured(level: Level | None, text: str) -> str:
    """Colours for a terminal."""
    return f"{_COLOURS[level]}{text}\033[0m"


def text(result: GateResult, paint: Paint = plain) -> str:
    """One block per finding, the gravest first, and the verdict as the last line."""
    return "\n".join(_lines(result, paint))


def _lines(result: GateResult, paint: Paint) -> Iterator[str]:
    yield paint(
        None,
        f"{printable(result.repository)}: {result.merge_base[:12]}..{result.head[:12]}, "
        f"{result.files} {'file' if result.files == 1 else 'files'}, "
        f"{result.commits} {'commit' if result.commits == 1 else 'commits'}",
    )
    for finding in result.findings:
        yield from _finding(finding, paint)
    for closing in result.closings:
        how = "its mark is removed" if closing.how == "removed" else "a commit says it is paid"
        yield f"closes   {printable(closing.debt)}: {printable(closing.title)} ({how})"
    for note in result.notes:
        yield paint(None, f"note     {printable(note)}")
    level = _VERDICTS.get(result.conclusion)
    words = verdict(result)
    yield paint(level, words) if level else words


def _finding(finding: Finding, paint: Paint) -> Iterator[str]:
    place = place_of(finding)
    title = f"{place}  [{finding.what.rule.value}]" if place else f"[{finding.what.rule.value}]"
    yield f"{paint(finding.level, f'{finding.level.value:<8}')} {title}"
    yield f"         {printable(finding.what.message)}"
    yield f"         {printable(finding.what.advice)}"
    if finding.waiver is not None:
        yield paint(
            None,
            f"         Waived until {finding.waiver.expires_on.isoformat()}: "
            f"{printable(finding.waiver.reason)}",
        )
