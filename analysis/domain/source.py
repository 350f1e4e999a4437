"""What is measured in one source file, whatever its language and whoever measures it.

The Halstead measures are those of M. H. Halstead, Elements of Software Science (1977); the
maintainability index is Oman and Hagemeister's (1992) as Radon derives it, with Microsoft's
normalisation to 0..100.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Facts are stored per (content, version): a rule that changes a figure raises this number.
ANALYSER_VERSION = 1


@dataclass(frozen=True, slots=True)
class Function:
    """A function, method or closure; `name` is qualified: "Class.method", "outer.inner".

    `line` is that of the word `def`, not of a decorator; `complexity` is cyclomatic and leaves
    out the functions and classes inside.
    """

    name: str
    line: int
    end_line: int
    complexity: int


@dataclass(frozen=True, slots=True)
class RawCounts:
    """Lines of a file: loc == sloc + blank + multi + single_comments.

    `lloc` counts logical lines, `comments` comment tokens, `multi` the lines of multi-line
    strings that stand alone, `single_comments` lines that are only a comment or a docstring.
    """

    loc: int
    lloc: int
    sloc: int
    comments: int
    multi: int
    blank: int
    single_comments: int


def _bits(count: int) -> float:
    # The quotient, as Radon has it: math.log2 differs from it in the last digit.
    return math.log(count) / math.log(2)


@dataclass(frozen=True, slots=True)
class Halstead:
    """Halstead's four counts, and the measures that follow from them."""

    h1: int  # distinct operators
    h2: int  # distinct operands
    N1: int  # operators
    N2: int  # operands

    @property
    def vocabulary(self) -> int:
        return self.h1 + self.h2

    @property
    def length(self) -> int:
        return self.N1 + self.N2

    @property
    def calculated_length(self) -> float:
        if not (self.h1 and self.h2):
            return 0.0
        return self.h1 * _bits(self.h1) + self.h2 * _bits(self.h2)

    @property
    def volume(self) -> float:
        """Size in bits."""
        return self.length * _bits(self.vocabulary) if self.vocabulary else 0.0

    @property
    def difficulty(self) -> float:
        return (self.h1 * self.N2) / float(2 * self.h2) if self.h2 else 0.0

    @property
    def effort(self) -> float:
        return self.difficulty * self.volume

    @property
    def time(self) -> float:
        """Seconds to write the file, by Halstead's estimate of 18 discriminations a second."""
        return self.effort / 18.0

    @property
    def bugs(self) -> float:
        """Errors to expect in the file, by Halstead's estimate."""
        return self.volume / 3000.0


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """One imported name: `import a.b` is ("a.b", None, 0), `from ..x import y` ("x", "y", 2).

    A star import has the name "*". `type_checking`: it stands under `if TYPE_CHECKING:`.
    """

    module: str
    name: str | None
    level: int
    line: int
    type_checking: bool


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """Everything measured in one file.

    `complexity` is the sum over `functions`, `complexity_max` the greatest of them (0 without
    functions); `maintainability_index` runs from 0 (worst) to 100.
    """

    raw: RawCounts
    functions: tuple[Function, ...]
    complexity: int
    complexity_max: int
    halstead: Halstead
    maintainability_index: float
    imports: tuple[ImportStatement, ...]


@dataclass(frozen=True, slots=True)
class SourceError:
    """Why a file could not be measured.

    Reasons: "binary", "too_large", "encoding", "python2", "syntax", "too_deep" say what the
    content is; "timeout", "crashed" and "missing" what happened to its measuring: it took too
    long, it brought the measuring process down, Git could not deliver it.
    """

    reason: str
    detail: str
    line: int | None = None


class SourceUnreadable(Exception):
    """A file that cannot be measured; `error` says why."""

    def __init__(self, reason: str, detail: str, line: int | None = None) -> None:
        super().__init__(detail)
        self.error = SourceError(reason, detail, line)


def maintainability_index(
    halstead_volume: float, complexity: int, lloc: int, comment_percent: float
) -> float:
    """Return the maintainability index, 0 (worst) to 100, by Radon's formula.

    `complexity` is the file's total, `lloc` its logical lines, `comment_percent` the lines of
    comment for a hundred lines of source. The order of the terms is Radon's, so that equal
    input gives the equal float.
    """
    if halstead_volume <= 0 or lloc <= 0:
        return 100.0
    index = (
        171
        - 5.2 * math.log(halstead_volume)
        - 0.23 * complexity
        - 16.2 * math.log(lloc)
        + 50 * math.sin(math.sqrt(2.46 * math.radians(comment_percent)))
    )
    return min(max(0.0, index * 100 / 171.0), 100.0)
