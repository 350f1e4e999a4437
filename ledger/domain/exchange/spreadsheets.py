"""Debt as CSV: cells that no spreadsheet computes, and rows read back without a loss."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ledger.domain.exchange.documents import refused
from ledger.domain.exchange.findings import MOST_FINDINGS

# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_DELIMITERS = (",", ";", "\t")

# What an import reads, and what an export says besides, which an import leaves alone.
READ_COLUMNS = (
    "reference", "id", "repository", "title", "owner", "severity", "due_on", "impact",
    "confidence", "quadrant", "containment", "reversibility", "system", "path", "line", "text",
    "exit_condition", "external_reference", "principal_optimistic", "principal_likely",
    "principal_pessimistic", "interest_p10", "interest_p50", "interest_p90",
)  # fmt: skip
TOLD_COLUMNS = (
    "state", "timing", "first_due_on", "extensions", "principal_hours", "impact_level", "origin",
    "recorded_at", "repaid_on",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of a row that hold something, by column; `number` counts as a spreadsheet does."""

    number: int
    cells: Mapping[str, str]


def neutralised(cell: object) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would compute.

    A text that already has the apostrophe gets another one, so that `restored` gives it back.
    """
    text = "" if cell is None else str(cell)
    return f"'{text}" if _looks_computed(text) else text


def restored(cell: str) -> str:
    """The text that `neutralised` was given."""
    return cell[1:] if cell.startswith("'") and _looks_computed(cell) else cell


def rows(text: str) -> Iterator[Row]:
    """The rows under the header. Raises Refused (field "file") for what is no such table."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    count = 0
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells)
                continue
            count += 1
            if count > MOST_FINDINGS:
                refused(f"The file has more than {MOST_FINDINGS:,} rows; split it.")
            if len(cells) > len(header):
                refused(f"Line {reader.line_num} has more cells than the header; quote its text.")
            found = zip(header, cells, strict=False)
            yield Row(
                count + 1,
                {name: restored(cell) for name, cell in found if name and restored(cell).strip()},
            )
    except csv.Error as error:
        refused(f"Line {reader.line_num} is no CSV: {error}.")
    if header is None:
        refused("The file is empty; it needs a header and a row for each debt.")


def _delimiter(text: str) -> str:
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _header(cells: list[str]) -> list[str]:
    names = [restored(cell).strip().lower() for cell in cells]
    known = {*READ_COLUMNS, *TOLD_COLUMNS, ""}
    if unknown := [name[:40] for name in names if name not in known][:5]:
        refused(
            f"There is no column {', '.join(unknown)}; the columns are {', '.join(READ_COLUMNS)}."
        )
    if doubled := sorted({name for name in names if name and names.count(name) > 1}):
        refused(f"The column {doubled[0]} stands twice in the header.")
    if not {"title", "reference", "id", "external_reference"} & set(names):
        refused("The header needs a column title, id, reference or external_reference.")
    return [name if name in READ_COLUMNS else "" for name in names]


def _looks_computed(text: str) -> bool:
    return text.lstrip("'").lstrip(" ").startswith(_FORMULA_STARTS)
