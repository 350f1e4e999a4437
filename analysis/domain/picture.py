"""The picture of one commit: content facts and history put side by side, file by file."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analysis.domain.hotspots import hotspots


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the tree in a language we know."""

    path: str
    oid: str
    size: int
    language: str
    is_vendored: bool
    is_generated: bool

    @property
    def is_own(self) -> bool:
        """Whether people here write it: what is vendored or generated is nobody's hotspot."""
        return not (self.is_vendored or self.is_generated)


class ContentFigures(NamedTuple):
    """The stored figures of one blob; None where it could not be measured (see `error`)."""

    facts_id: int
    loc: int | None
    sloc: int | None
    lloc: int | None
    comments: int | None
    functions: int | None
    complexity: int | None
    complexity_max: int | None
    maintainability_index: float | None
    error: str


class HistoryFigures(NamedTuple):
    """A file's past at the commit of the picture.

    `revisions_recent` counts the last 180 days before that commit, not before today: a picture
    stays true however long ago it was taken.
    """

    tracked_file_id: int | None
    revisions: int
    revisions_recent: int
    added: int
    deleted: int
    authors: int
    age_months: int


UNTOUCHED = HistoryFigures(
    tracked_file_id=None,
    revisions=0,
    revisions_recent=0,
    added=0,
    deleted=0,
    authors=0,
    age_months=0,
)


class FilePicture(NamedTuple):
    """One file with everything known about it."""

    source: SourceFile
    content: ContentFigures | None
    history: HistoryFigures | None
    hotspot: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the files that could be measured; `files` counts all of them."""

    files: int
    measured_files: int
    unreadable_files: int
    loc: int
    sloc: int
    lloc: int
    comments: int
    functions: int
    complexity: int


def file_pictures(
    sources: Sequence[SourceFile],
    content: Mapping[str, ContentFigures],
    history: Mapping[str, HistoryFigures] | None,
) -> list[FilePicture]:
    """Join each source file with its content's figures (by blob) and its history (by path).

    Hotspots are ranked among the files that people here write and that were measured; the others
    have none. Without history there are none at all.
    """
    ranked = _hotspots(sources, content, history) if history is not None else {}
    return [
        FilePicture(
            source=source,
            content=content.get(source.oid),
            history=history.get(source.path, UNTOUCHED) if history is not None else None,
            hotspot=ranked.get(source.path),
        )
        for source in sources
    ]


def _hotspots(
    sources: Sequence[SourceFile],
    content: Mapping[str, ContentFigures],
    history: Mapping[str, HistoryFigures],
) -> dict[str, float]:
    complexity = {
        source.path: figures.complexity
        for source in sources
        if source.is_own
        and (figures := content.get(source.oid)) is not None
        and figures.complexity is not None
    }
    return hotspots({path: past.revisions_recent for path, past in history.items()}, complexity)


def totals(pictures: Iterable[FilePicture]) -> Totals:
    """Add up the measured files."""
    every = list(pictures)
    contents = [picture.content for picture in every if picture.content is not None]
    measured = [content for content in contents if not content.error]
    return Totals(
        files=len(every),
        measured_files=len(measured),
        unreadable_files=len(contents) - len(measured),
        loc=sum(content.loc or 0 for content in measured),
        sloc=sum(content.sloc or 0 for content in measured),
        lloc=sum(content.lloc or 0 for content in measured),
        comments=sum(content.comments or 0 for content in measured),
        functions=sum(content.functions or 0 for content in measured),
        complexity=sum(content.complexity or 0 for content in measured),
    )
