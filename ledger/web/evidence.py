"""What the code itself says about a debt: the marked lines and the figures of their file."""

from dataclasses import dataclass

from analysis.selectors import FileFigures, file_figures
from analysis.services import source_lines
from common.errors import DisplaceError
from ledger.models import DebtItem

LINES_BEFORE = 4
LINES_AFTER = 12
MOST_MARKED_LINES = 60
MOST_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class SourceLine:
    number: int
    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class CodeEvidence:
    """`problem` says in one sentence why the lines cannot be shown."""

    figures: FileFigures | None
    lines: list[SourceLine]
    problem: str


def code_evidence(item: DebtItem) -> CodeEvidence | None:
    """The evidence for an item with a place in a repository, else None."""
    if item.repository_id is None or not item.path:
        return None
    line = None if item.present is False else item.line
    return place_evidence(item.repository_id, item.path, line, item.end_line)


def place_evidence(
    repository_id: int, path: str, line: int | None, end_line: int | None = None
) -> CodeEvidence:
    """The figures of a file and, around `line` (None: nowhere), its source."""
    figures = file_figures(repository_id=repository_id, path=path)
    if figures is None:
        return CodeEvidence(None, [], "The file is not in the newest snapshot of the repository.")
    if line is None:
        return CodeEvidence(figures, [], "")
    first = max(1, line - LINES_BEFORE)
    last_marked = min(end_line or line, line + MOST_MARKED_LINES)
    try:
        texts = source_lines(
            snapshot_id=figures.snapshot_id,
            path=path,
            first=first,
            last=last_marked + LINES_AFTER,
        )
    except DisplaceError as error:
        return CodeEvidence(figures, [], error.message)
    lines = [
        SourceLine(number, text[:MOST_CHARACTERS], line <= number <= last_marked)
        for number, text in enumerate(texts, first)
    ]
    return CodeEvidence(figures, lines, "")
